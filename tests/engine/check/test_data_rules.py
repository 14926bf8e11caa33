"""What the check knows of data: for every rule a diagram that is fine and one it refuses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from engine.check import Finding, check_bundle
from engine.contract import A_ROLE, FORM, DataContract
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.check.sample import LIMITS, NOTE, rules

REPORTED = d.form(
    "reported",
    {
        "name": "kind",
        "type": "choice",
        "required": True,
        "options": [
            {"value": word, "label": {"zh": word, "en": word}} for word in ("tip", "inquiry")
        ],
    },
    {"name": "days", "type": "integer", "required": True},
    {"name": "wanted_at", "type": "datetime", "required": True},
    {"name": "perhaps_at", "type": "datetime"},
)
FILES = {"forms/reported.json": REPORTED, "forms/note.json": NOTE, "deadlines.dmn": LIMITS}


def _check(
    body: str,
    *,
    declared: Mapping[str, DataContract] | None = None,
    lane: str = "网格长",
    **more: bytes,
) -> list[Finding]:
    files = {**FILES, "p.bpmn": d.diagram(body, lane=lane)}
    files |= {f"{name}.bpmn": content for name, content in more.items()}
    functions = {"p": dict.fromkeys(declared or {}, "service")}
    found = check_bundle(
        files, policies=POLICIES, functions=functions, declared={"p": dict(declared or {})}
    )
    return [one for one in found if one.rule not in {"not_drawn", "not_written"}]


def _choice(*conditions: str) -> str:
    """A gateway behind the start with a flow for each condition and a default."""
    body = d.start() + d.xor("what", default="otherwise") + d.end("none")
    body += d.path("reported", "what") + d.flow("what", "none", identifier="otherwise")
    for number, condition in enumerate(conditions):
        body += d.end(f"end_{number}")
        body += d.flow("what", f"end_{number}", condition, identifier=f"way_{number}")
    return body


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (["kind == 'tip'"], set()),
        (["kind in ['tip', 'inquiry'] and days > 3"], set()),
        (["kind == 'tipp'"], {("value", "way_0")}),
        (["kind in ['tip', 'inquire']"], {("value", "way_0")}),
        (["days == '3'"], {("value", "way_0")}),
        (["1 == 1"], {("condition_constant", "way_0")}),
        (["1 == 2"], {("condition_constant", "way_0")}),
        (["kind != kind"], {("condition_constant", "way_0")}),
        (["days > 3 or days <= 3"], {("condition_constant", "way_0")}),
        (["kind == 'tip'", "kind == 'tip'"], {("condition_hidden", "way_1")}),
        (["days > 3", "days > 5"], {("condition_hidden", "way_1")}),
        (["days > 5", "days > 3"], set()),
        (["kind > 3"], {("condition_type", "way_0")}),
    ],
)
def test_a_condition_tells_values_apart(conditions: list[str], found: set[tuple[str, str]]) -> None:
    assert rules(_check(_choice(*conditions))) == found


def test_a_value_that_never_comes_is_named_with_those_that_do() -> None:
    (finding,) = _check(_choice("kind == 'tipp'"))

    assert "'tipp'" in finding.message.en
    assert "'inquiry', 'tip'" in finding.message.en


def test_behind_a_flow_only_what_took_it_is_known() -> None:
    body = (
        d.start()
        + d.xor("what", default="no")
        + d.end("none")
        + d.xor("again", default="otherwise")
    )
    body += d.end("one") + d.end("two") + d.path("reported", "what")
    body += d.flow("what", "again", "kind == 'tip'") + d.flow("what", "none", identifier="no")
    body += d.flow("again", "one", "kind == 'inquiry'", identifier="never")
    body += d.flow("again", "two", identifier="otherwise")

    assert rules(_check(body)) == {("value", "never")}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("numberOfCompletedInstances >= days or kind == 'tip'", set()),
        ("opinion == 'agree'", set()),
        ("opinion == 'agreed'", {("value", "accept")}),
    ],
)
def test_when_enough_have_answered_is_asked_of_what_is_known(
    condition: str, found: set[tuple[str, str]]
) -> None:
    opinion = {
        "name": "opinion",
        "type": "choice",
        "required": True,
        "options": [
            {"value": word, "label": {"zh": word, "en": word}} for word in ("agree", "refuse")
        ],
    }
    gives = DataContract(gives={"posts": list})
    body = d.start() + d.service("choose") + d.user("accept", d.several(enough=condition)) + d.end()
    form = d.form("note", {"name": "note", "type": "text"}, opinion)

    body += d.path("reported", "choose", "accept", "closed")
    sent = {**FILES, "forms/note.json": form, "p.bpmn": d.diagram(body, lane="网格长")}
    said = check_bundle(
        sent,
        policies=POLICIES,
        functions={"p": {"choose": "service"}},
        declared={"p": {"choose": gives}},
    )

    assert rules(said) == found


def _timed(first: str, *between: str, timer: str, kind: str = "timeDate") -> list[Finding]:
    """A task with a timer on its border; `between` are services before it."""
    body = d.start() + d.user("accept") + d.end() + d.end("late_end")
    body += "".join(d.service(one) for one in between)
    body += d.boundary("late", "accept", d.timer(timer, kind)) + d.path("late", "late_end")
    body += d.path("reported", *between, "accept", "closed")
    gives = {"compute": DataContract(gives={"due_at": datetime}), "other": DataContract(gives={})}
    return _check(body, declared={one: gives[one] for one in between}) if first else []


def test_what_a_timer_reads_is_set_before_it() -> None:
    assert _timed("p", "compute", timer="due_at") == []

    (finding,) = _timed("p", "other", timer="due_at")

    assert (finding.rule, finding.element) == ("not_set", "late")
    assert finding.trace == ("reported", "other", "accept", "late")


@pytest.mark.parametrize(
    ("timer", "kind", "found"),
    [
        ("wanted_at", "timeDate", set()),
        ("perhaps_at", "timeDate", {("kind", "late")}),
        ("days", "timeDate", {("kind", "late")}),
        ("wanted_at", "timeDuration", {("kind", "late")}),
    ],
)
def test_a_timer_reads_a_moment_or_a_duration(
    timer: str, kind: str, found: set[tuple[str, str]]
) -> None:
    assert rules(_timed("p", timer=timer, kind=kind)) == found


def test_a_name_set_on_one_way_only_is_found_with_the_other() -> None:
    body = d.start() + d.xor("what", default="no") + d.service("compute") + d.xor("both")
    body += d.xor("asked", default="otherwise") + d.end("one") + d.end("two")
    body += d.path("reported", "what") + d.flow("what", "compute", "kind == 'tip'")
    body += d.flow("what", "both", identifier="no") + d.path("compute", "both", "asked")
    body += d.flow("asked", "one", "is_late", identifier="late")
    body += d.flow("asked", "two", identifier="otherwise")
    declared = {"compute": DataContract(gives={"is_late": bool})}

    (finding,) = _check(body, declared=declared)

    assert (finding.rule, finding.element) == ("not_set", "late")
    assert finding.trace == ("reported", "what", "both", "asked")


def test_what_one_parallel_branch_sets_is_set_behind_the_join() -> None:
    body = d.start() + d.fork("fork") + d.service("compute") + d.user("accept") + d.fork("join")
    body += d.xor("asked", default="otherwise") + d.end("one") + d.end("two")
    body += d.path("reported", "fork", "compute", "join", "asked") + d.path(
        "fork", "accept", "join"
    )
    body += d.flow("asked", "one", "is_late") + d.flow("asked", "two", identifier="otherwise")

    assert _check(body, declared={"compute": DataContract(gives={"is_late": bool})}) == []


def test_the_variable_of_a_limit_by_hand_is_a_moment_that_is_set() -> None:
    def task(due: str) -> set[tuple[str, str]]:
        body = d.start() + d.user("accept", deadline="", due=due) + d.end()
        return rules(_check(body + d.path("reported", "accept", "closed")))

    assert task("wanted_at") == set()
    assert task("perhaps_at") == {("kind", "accept")}
    assert task("due_at") == {("not_set", "accept")}


def test_a_task_of_the_named_post_needs_a_post_that_is_named() -> None:
    body = d.start() + d.service("compute") + d.user("accept") + d.end()
    body += d.path("reported", "compute", "accept", "closed")
    named = {"compute": DataContract(gives={"named_post": str})}

    assert _check(body, declared=named, lane="指定岗") == []
    assert rules(_check(body, declared={"compute": DataContract(gives={})}, lane="指定岗")) == {
        ("not_set", "accept")
    }


def _called(**properties: Any) -> list[Finding]:
    """A process that calls another, whose function reads a level."""
    inner = d.diagram(
        d.start("begun") + d.service("assign") + d.end() + d.path("begun", "assign", "closed"),
        process="q",
    )
    body = d.start() + d.call("first", "q", level="station") + d.call("second", "q", **properties)
    body += d.end() + d.path("reported", "first", "second", "closed")
    files = {**FILES, "p.bpmn": d.diagram(body), "q.bpmn": inner}
    declared = {"q": {"assign": DataContract(reads={"level": A_ROLE}, gives={})}}
    functions = {"q": {"assign": "service"}}
    return check_bundle(files, policies=POLICIES, functions=functions, declared=declared)


def test_what_a_call_hands_down_is_judged_at_the_call() -> None:
    assert _called(level="county") == []

    (finding,) = _called(level="conty")

    assert (finding.rule, finding.file, finding.element) == ("kind", "p.bpmn", "second")


def test_a_rule_task_asks_what_a_row_answers() -> None:
    def asked(step: str) -> set[tuple[str, str]]:
        body = d.start() + d.decide("find", "deadlines", step=step) + d.end()
        return rules(_check(body + d.path("reported", "find", "closed")))

    assert asked("handle") == set()
    assert asked("handel") == {("no_row", "find")}


def test_a_rule_task_whose_table_reads_what_nobody_gave_is_refused() -> None:
    body = d.start() + d.decide("find", "deadlines") + d.user("accept", step="x") + d.end()
    found = _check(body + d.path("reported", "find", "accept", "closed"))

    assert ("not_set", "find") in rules(found)


def test_of_data_from_elsewhere_nothing_is_proved() -> None:
    """A process that nobody calls and that has no start form is called by one not sent."""
    body = d.start("entered") + d.xor("what", default="no") + d.end("one") + d.end("two")
    body += d.path("entered", "what") + d.flow("what", "one", "outcome == 'anything'")
    body += d.flow("what", "two", identifier="no")

    assert _check(body) == []


def test_what_a_form_may_hold_is_what_the_function_passes_on() -> None:
    body = d.start() + d.user("accept") + d.xor("what", default="no") + d.end("one") + d.end("two")
    body += d.path("reported", "accept", "what") + d.flow("what", "two", identifier="no")
    said = {"accept": DataContract(gives={"outcome": FORM})}

    def judged(word: str) -> set[tuple[str, str]]:
        drawn = body + d.flow("what", "one", f"outcome == '{word}'", identifier="way")
        files = {**FILES, "p.bpmn": d.diagram(drawn)}
        kinds = {"p": {"accept": "user"}}
        return rules(check_bundle(files, policies=POLICIES, functions=kinds, declared={"p": said}))

    assert judged("done") == set()
    assert judged("doen") == {("value", "way")}


def test_what_a_call_hands_down_and_nothing_reads_is_named() -> None:
    assert rules(_called(level="county", levels="county")) == {("unread", "second")}


def test_what_a_call_allows_is_yes_no_or_a_condition() -> None:
    found = rules(_called(level="county", returnable="n"))

    assert ("allowance", "second") in found
    assert ("allowance", "first") not in found


def test_a_limit_no_timer_waits_for_is_named() -> None:
    def judged(timer: str) -> set[tuple[str, str]]:
        body = d.start() + d.decide("find", "deadlines", step="handle") + d.user("accept") + d.end()
        body += d.boundary("late", "accept", d.timer(timer, "timeDate")) + d.end("late_end")
        body += d.path("reported", "find", "accept", "closed") + d.path("late", "late_end")
        files = {**FILES, "p.bpmn": d.diagram(body)}
        said = {"p": {"find": DataContract(gives={"due_at": datetime}, row={"limit": int})}}
        kinds = {"p": {"find": "decision"}}
        return rules(check_bundle(files, policies=POLICIES, functions=kinds, declared=said))

    assert judged("due_at") == set()
    assert judged("wanted_at") == {("unread", "find")}
