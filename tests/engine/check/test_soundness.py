"""Soundness: every case can reach an end, and a fault comes with the shortest way to it."""

from pathlib import Path

import pytest

from engine.check import Policies, check_bundle
from engine.findings import Finding
from tests.engine import drawing as d
from tests.engine.check.sample import NOTE, check, rules


def _only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


def _split(gateway: str) -> str:
    """An exclusive choice between `accept` and `handle`, on the way from the start."""
    return (
        d.start()
        + d.xor(gateway, default="no")
        + d.user("accept")
        + d.user("handle")
        + d.end()
        + d.path("reported", gateway)
        + d.flow(gateway, "accept", "outcome == 'done'")
        + d.flow(gateway, "handle", identifier="no")
    )


def _fork(*branches: tuple[str, ...]) -> str:
    """A parallel split into branches of user tasks, which the caller brings together."""
    nodes = "".join(d.user(node) for branch in branches for node in branch)
    ways = "".join(d.path("fork", *branch) for branch in branches)
    return d.start() + d.fork("fork") + nodes + d.end() + d.path("reported", "fork") + ways


def test_a_parallel_join_behind_an_exclusive_choice_waits_for_ever() -> None:
    body = _split("what_came_out") + d.fork("join") + d.path("accept", "join", "closed")
    finding = _only(check(body + d.path("handle", "join")))

    assert (finding.rule, finding.element) == ("join_waits", "join")
    assert finding.trace == ("reported", "what_came_out", "accept", "join")


def test_an_exclusive_merge_behind_a_parallel_split_opens_a_task_twice() -> None:
    body = _fork(("accept",), ("handle",)) + d.xor("merge") + d.user("verify")
    body += d.path("accept", "merge", "verify", "closed") + d.path("handle", "merge")
    finding = _only(check(body))

    assert (finding.rule, finding.element) == ("two_tokens", "verify")
    assert finding.trace[-2:] == ("merge", "verify")
    assert set(finding.trace) >= {"reported", "fork", "accept", "handle"}


def test_the_first_person_of_a_row_is_named_when_it_is_walked_twice() -> None:
    body = _fork(("accept",), ("handle",)) + d.xor("merge")
    body += d.user("verify") + d.user("answer") + d.user("note_it")
    body += d.path("accept", "merge", "verify", "answer", "note_it", "closed")

    assert _only(check(body + d.path("handle", "merge"))).element == "verify"


def test_a_loop_without_a_way_out_is_found() -> None:
    body = d.start() + d.user("accept") + d.xor("again") + d.user("handle") + d.end()
    body += d.path("reported", "accept", "again", "handle", "again")
    found = {
        finding.rule
        for finding in check(body + d.boundary("b", "accept", d.timer()) + d.path("b", "closed"))
    }

    assert found == {"livelock"}


def test_a_join_of_branches_where_one_may_end_early_waits_for_ever() -> None:
    body = _fork(("accept",), ("handle",)) + d.fork("join")
    body += d.boundary("overdue", "accept", d.timer()) + d.end("stopped")
    body += (
        d.path("overdue", "stopped") + d.path("accept", "join", "closed") + d.path("handle", "join")
    )
    finding = _only(check(body))

    assert (finding.rule, finding.element) == ("join_waits", "join")
    assert "overdue" in finding.trace


def test_a_terminating_end_takes_the_other_branches_along() -> None:
    body = _fork(("accept",), ("handle",)) + d.fork("join")
    body += d.boundary("overdue", "accept", d.timer())
    body += d.end("stopped", "<bpmn:terminateEventDefinition/>")
    body += (
        d.path("overdue", "stopped") + d.path("accept", "join", "closed") + d.path("handle", "join")
    )

    assert check(body) == []


def test_a_side_branch_that_runs_into_the_main_way_is_found() -> None:
    body = d.start() + d.user("accept") + d.xor("merge") + d.user("handle") + d.end()
    body += d.boundary("informed", "accept", d.timer(), interrupting=False)
    body += d.path("reported", "accept", "merge", "handle", "closed") + d.path("informed", "merge")
    finding = _only(check(body))

    assert (finding.rule, finding.element) == ("side_branch", "handle")
    assert finding.trace == ("reported", "accept", "informed", "merge", "handle")


def test_a_side_branch_that_cannot_end_is_found_with_the_way_to_it() -> None:
    body = d.start() + d.user("accept") + d.end() + d.path("reported", "accept", "closed")
    body += d.boundary("informed", "accept", d.timer(), interrupting=False)
    body += d.xor("again") + d.user("chase") + d.path("informed", "again", "chase", "again")
    finding = _only(check(body))

    assert (finding.rule, finding.element) == ("livelock", "chase")
    assert finding.trace == ("reported", "accept", "informed", "again", "chase")


def test_many_side_branches_cost_little() -> None:
    tasks = [f"step_{number}" for number in range(12)]
    body = d.start() + "".join(d.user(task) for task in tasks) + d.end()
    body += d.path("reported", *tasks, "closed")
    for task in tasks:
        body += d.boundary(f"late_{task}", task, d.timer(), interrupting=False)
        body += d.end(f"told_{task}") + d.path(f"late_{task}", f"told_{task}")

    assert check(body) == []


def test_six_parallel_rows_of_tasks_are_proved() -> None:
    rows = [tuple(f"row_{row}_{step}" for step in range(2)) for row in range(6)]
    body = _fork(*rows) + d.fork("join") + d.path("join", "closed")

    assert check(body + "".join(d.path(row[-1], "join") for row in rows)) == []


def test_twelve_parallel_tasks_that_may_be_interrupted_are_proved() -> None:
    rows = [(f"row_{row}",) for row in range(12)]
    body = _fork(*rows) + d.fork("join") + d.path("join", "closed")
    for (task,) in rows:
        body += d.boundary(f"late_{task}", task, d.timer()) + d.xor(f"m_{task}")
        body += d.path(task, f"m_{task}", "join") + d.path(f"late_{task}", f"m_{task}")

    assert check(body) == []


def test_what_is_too_large_to_prove_is_said_to_be_so() -> None:
    rows = [(f"row_{row}",) for row in range(14)]
    body = _fork(*rows).replace(d.path("reported", "fork"), "") + d.fork("join")
    # In a round of its own every branch may come again to where another one still is.
    body += d.xor("again") + d.xor("done", default="yes") + d.path("reported", "again", "fork")
    body += d.flow("done", "again", "outcome == 'done'")
    body += d.flow("done", "closed", identifier="yes")
    body += d.path("join", "done")
    for (task,) in rows:
        body += d.boundary(f"late_{task}", task, d.timer()) + d.xor(f"m_{task}")
        body += d.path(task, f"m_{task}", "join") + d.path(f"late_{task}", f"m_{task}")
    found = {(finding.rule, finding.severity) for finding in check(body)}

    assert ("unproved", "warning") in found


CASES = Path(__file__).parents[2] / "cases" / "analysts"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("condition_is_constant", ("condition_constant", "ask_to_never")),
        ("loop_nothing_can_leave", ("livelock", "done")),
        ("side_task_opens_twice", ("two_tokens", "explain")),
    ],
)
def test_a_case_of_the_analysts_is_caught_at_its_element(
    name: str, expected: tuple[str, str]
) -> None:
    drawn = (CASES / f"{name}.bpmn").read_bytes()
    found = check_bundle({"p.bpmn": drawn, "forms/note.json": NOTE}, policies=Policies())

    assert expected in rules([one for one in found if one.severity == "error"])


def test_only_the_way_to_the_fault_is_shown() -> None:
    """Other branches that moved before are no part of it."""
    body = _fork(("accept",), ("handle",)) + d.xor("again") + d.user("chase")
    body += d.path("accept", "again", "chase", "again") + d.path("handle", "closed")
    finding = next(one for one in check(body) if one.rule == "livelock")

    assert finding.element == "accept"  # the last place at which something else could be drawn
    assert finding.trace == ("reported", "fork", "accept")


def test_a_loop_that_only_repeats_over_a_list_may_never_rest() -> None:
    body = d.start() + d.xor("again") + d.user("several", d.several(), form="answers")
    body += d.xor("ok", default="yes") + d.end() + d.path("reported", "again", "several", "ok")
    body += d.flow("ok", "again", "outcome == 'done'") + d.flow("ok", "closed", identifier="yes")
    answers = NOTE.replace(b'"id": "note"', b'"id": "answers"')
    found = rules(check(body, files={"forms/answers.json": answers}))

    assert ("livelock", "ok") in found


@pytest.mark.parametrize(("is_passed_by", "found"), [(True, {("livelock", "ok")}), (False, set())])
def test_a_loop_is_left_only_if_every_way_through_a_subprocess_sets_what_is_asked(
    *, is_passed_by: bool, found: set[tuple[str, str]]
) -> None:
    inside = d.start("begun") + d.end("over")
    if is_passed_by:
        inside += d.xor("which", default="plain") + d.xor("met") + d.user("ask")
        inside += d.flow("which", "ask", "outcome == 'done'") + d.path("ask", "met")
        inside += d.flow("which", "met", identifier="plain")
        inside += d.path("begun", "which") + d.path("met", "over")
    else:
        inside += d.user("ask") + d.path("begun", "ask", "over")
    body = d.start() + d.user("look") + d.xor("again") + d.part("talk", inside) + d.end()
    body += d.xor("ok", default="yes") + d.path("reported", "look", "again", "talk", "ok")
    body += d.flow("ok", "again", "outcome == 'done'") + d.flow("ok", "closed", identifier="yes")
    kept = {rule for rule in rules(check(body, functions={"p": {}})) if rule[0] == "livelock"}

    assert kept == found


@pytest.mark.parametrize(("is_silent", "found"), [(True, {("livelock", "ok")}), (False, set())])
def test_a_loop_around_an_inclusive_block_is_left_only_if_each_branch_may_set_what_is_asked(
    *, is_silent: bool, found: set[tuple[str, str]]
) -> None:
    body = d.start() + d.user("look") + d.xor("again") + d.some("who", default="nobody") + d.end()
    body += d.user("accept") + d.some("asked") + d.xor("ok", default="yes")
    body += d.catch("wait", d.timer()) if is_silent else d.user("wait")
    body += d.path("reported", "look", "again", "who") + d.path("accept", "asked", "ok")
    body += d.flow("who", "accept", "outcome == 'done'") + d.path("wait", "asked")
    body += d.flow("who", "wait", identifier="nobody")
    body += d.flow("ok", "again", "outcome == 'done'") + d.flow("ok", "closed", identifier="yes")
    kept = {rule for rule in rules(check(body, functions={"p": {}})) if rule[0] == "livelock"}

    assert kept == found


def _with_error_end(*caller: str) -> set[tuple[str, str]]:
    error = '<bpmn:error id="e" errorCode="refused"/>'
    inner = d.start("sub_in") + d.user("accept") + d.end("sub_out", d.error("e"))
    called = d.diagram(inner + d.path("sub_in", "accept", "sub_out"), process="sub", outside=error)
    body = d.start() + d.call("call", "sub") + d.end() + d.path("reported", "call", "closed")
    return rules(check(body + "".join(caller), files={"sub.bpmn": called}, outside=error))


def test_an_error_end_nobody_catches_is_found() -> None:
    """The engine goes on behind the call as if all were well."""
    assert ("error_end", "sub_out") in _with_error_end()


def test_a_call_that_can_only_fail_is_never_left_normally() -> None:
    found = _with_error_end(
        d.boundary("failed", "call", d.error("e")), d.end("told"), d.path("failed", "told")
    )

    assert ("dead_node", "closed") in found
    assert not {rule for rule, _ in found} & {"error_end", "livelock"}
