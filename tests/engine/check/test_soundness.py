"""Soundness: every case can reach an end, and a fault comes with the shortest way to it."""

from engine.findings import Finding
from tests.engine import drawing as d
from tests.engine.check.sample import check


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

    assert finding.rule == "no_end_reached"
    assert finding.trace == ("reported", "accept", "informed")


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


def test_what_is_too_large_to_prove_is_said_to_be_so() -> None:
    rows = [(f"row_{row}",) for row in range(12)]
    body = _fork(*rows) + d.fork("join") + d.path("join", "closed")
    for (task,) in rows:
        body += d.boundary(f"late_{task}", task, d.timer()) + d.xor(f"m_{task}")
        body += d.user(f"more_{task}").replace("userTask", "manualTask")
        body += d.path(task, f"m_{task}", f"more_{task}", "join") + d.path(
            f"late_{task}", f"m_{task}"
        )
    found = {(finding.rule, finding.severity) for finding in check(body)}

    assert ("unproved", "warning") in found
