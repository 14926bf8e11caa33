"""The work plan's rules: the chain rises level by level, and nobody is left without an answer."""

import pytest

from engine.check import Policies, check_bundle
from engine.check.bundle import Bundle, Drawing
from engine.check.names import check_starters
from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml
from engine.findings import Finding
from handlers.policy import POLICIES
from handlers.policy.chain import check_chain
from handlers.policy.deadlines import check_deadlines
from handlers.policy.feedback import check_feedback
from handlers.policy.outcomes import check_outcomes
from tests.engine import drawing as d

LEVELS = ["=start_level", "grid_leader", "village_center", "station", "county", "city"]


def _drawing(body: str, process: str) -> Drawing:
    root = parse_xml(d.diagram(body, process=process, lane="承办岗"), name=f"{process}.bpmn")
    return Drawing(f"{process}.bpmn", root, read_diagram(root, name=f"{process}.bpmn"))


def _chain(*levels: str, way_up: dict[str, str] | None = None) -> list[Finding]:
    """A chain whose levels lead to the next one given, or to another named in `way_up`."""
    body = d.start() + d.end() + d.path("reported", "at_0")
    for number, level in enumerate(levels):
        following = f"at_{number + 1}" if number + 1 < len(levels) else "closed"
        up = (way_up or {}).get(level, following)
        body += d.xor(f"at_{number}") + d.call(f"handle_{number}", "handling", level=level)
        body += d.xor(f"up_{number}") + d.path(f"at_{number}", f"handle_{number}", f"up_{number}")
        body += d.flow(f"up_{number}", up) + d.flow(
            f"up_{number}", "closed", identifier=f"out_{number}"
        )
    return list(check_chain(_drawing(body, "escalation"), Bundle()))


def test_a_chain_that_rises_level_by_level_is_fine() -> None:
    assert _chain(*LEVELS) == []


def test_a_level_left_out_is_found() -> None:
    found = _chain(*(level for level in LEVELS if level != "village_center"))

    assert {finding.clause for finding in found} == {"R40"}
    assert "village_center" in found[0].message.en
    assert ("handle_1", "up_1", "at_2", "handle_2") in {finding.trace for finding in found}


def test_a_level_that_is_skipped_is_found_with_the_way() -> None:
    found = _chain(*LEVELS, way_up={"grid_leader": "at_3"})

    assert [finding.element for finding in found] == ["handle_3", "handle_1"]
    assert found[0].trace == ("handle_1", "up_1", "at_3", "handle_3")


def test_a_case_may_not_fall_to_a_lower_level() -> None:
    found = _chain(*LEVELS, way_up={"county": "at_1"})

    assert ("handle_4", "up_4", "at_1", "handle_1") in {finding.trace for finding in found}


def test_stepping_back_by_a_step_of_its_own_is_fine() -> None:
    levels = dict.fromkeys(["county"], "step_back")
    body_back = _chain(*LEVELS, way_up=levels)

    # `step_back` is not drawn here: the flow ends in the air, so only the missing way up is left.
    assert [finding.element for finding in body_back] == ["handle_4"]


def test_other_processes_have_no_chain() -> None:
    body = d.start() + d.end() + d.path("reported", "closed")

    assert list(check_chain(_drawing(body, "p"), Bundle())) == []


def _report(body: str, process: str = "grid_report") -> list[Finding]:
    return list(check_feedback(_drawing(d.start() + d.end() + body, process), Bundle()))


def test_an_end_without_feedback_is_found_with_the_way_and_the_clause() -> None:
    (finding,) = _report(d.user("verify") + d.path("reported", "verify", "closed"))

    assert (finding.rule, finding.element, finding.clause) == ("feedback", "closed", "R42")
    assert finding.trace == ("reported", "verify", "closed")


def test_feedback_on_every_way_is_fine() -> None:
    body = d.xor("way") + d.service("feed_back") + d.service("hand_back") + d.end("back")
    body += d.path("reported", "way", "feed_back", "closed") + d.path("way", "hand_back", "back")

    assert _report(body) == []


def test_a_way_around_the_feedback_is_found() -> None:
    body = d.xor("way") + d.service("notify_reporter") + d.end("quiet")
    body += d.path("reported", "way", "notify_reporter", "closed") + d.path("way", "quiet")
    (finding,) = _report(body, "public_report")

    assert (finding.element, finding.clause) == ("quiet", "R51")


def test_the_end_of_a_side_branch_is_not_the_end_of_the_case() -> None:
    body = d.user("verify") + d.service("feed_back") + d.end("told")
    body += d.boundary("late", "verify", d.timer(), interrupting=False) + d.path("late", "told")

    assert _report(body + d.path("reported", "verify", "feed_back", "closed")) == []


def _matters(party: str, level: str) -> set[tuple[str, str, str | None]]:
    rows = [(['"X01"'], [party, level]), (["-"], ['"GRID_FIRST"', '"collector"'])]
    names = ["accepting_party", "accepting_level"]
    content = d.table("matters", ["matter"], names, rows, hit_policy="FIRST")
    return {
        (one.rule, one.element, one.clause)
        for one in check_bundle({"matters.dmn": content}, policies=POLICIES)
    }


def test_an_emergency_starts_at_county_level_or_above() -> None:
    assert _matters('"EMERGENCY"', '"county"') == set()
    assert _matters('"EMERGENCY"', '"station"') == {("emergency", "row_1", "A11")}


def test_an_accepting_party_must_be_one_of_the_three() -> None:
    assert _matters('"GRID_LAST"', '"station"') == {("accepting_party", "row_1", None)}
    assert _matters("1/0", "1/0") == {("accepting_party", "row_1", None)}
    assert _matters("null", "null") == {("accepting_party", "row_1", None)}


def test_the_engine_alone_knows_no_rule_of_the_city() -> None:
    rows = [(['"X01"'], ['"EMERGENCY"', '"station"']), (["-"], ['"GRID_FIRST"', '"collector"'])]
    names = ["accepting_party", "accepting_level"]
    content = d.table("matters", ["matter"], names, rows, hit_policy="FIRST")

    assert check_bundle({"matters.dmn": content}, policies=Policies()) == []


def _ended(who: str | None, outcome: str | None) -> set[tuple[str, str]]:
    """What is found of a process with one start and one end."""
    begins = d.start(inner="" if who is None else d.extension(who=who))
    ends = d.end(inner="" if outcome is None else d.extension(outcome=outcome))
    body = begins + ends + d.path("reported", "closed")
    drawn = _drawing(body, "stall")
    found = [*check_outcomes(drawn, Bundle()), *check_starters(drawn, Bundle())]
    return {(one.rule, one.element) for one in found}


@pytest.mark.parametrize(
    ("who", "outcome", "found"),
    [
        ("grid_member station", "granted", set()),
        ("grid_member", None, {("outcome", "closed")}),
        ("grid_member", "splendid", {("outcome", "closed")}),
        ("mayor", "granted", {("who", "reported")}),
        (None, None, set()),
        (None, "splendid", {("outcome", "closed")}),
    ],
)
def test_what_people_start_says_who_and_each_end_how_it_ended(
    who: str | None, outcome: str | None, found: set[tuple[str, str]]
) -> None:
    assert _ended(who, outcome) == found


def test_a_limit_needs_the_table_of_limits() -> None:
    """Published without it, a case could not start."""
    body = d.start() + d.user("handle") + d.end() + d.path("reported", "handle", "closed")

    found = check_deadlines(_drawing(body, "p"), Bundle())

    assert [(one.rule, one.element, one.severity) for one in found] == [
        ("deadline", "handle", "error")
    ]
