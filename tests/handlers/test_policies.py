"""Every rule of the city catches its fault in the shipped set, by the element, and can be off."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.composition import handler_modules
from engine.binding import collect
from engine.check import Finding, check_bundle
from handlers.policy import ALL, POLICIES
from storage.city.rules import install, installed, read_rules
from storage.errors import Refused
from tests.engine.check.test_shipped import shipped

FUNCTIONS = collect(handler_modules())
FILES = {name: content.decode() for name, content in shipped().items()}
CITY = Path(__file__).parents[2] / "city" / "putian"
Fault = tuple[str, str, str, Callable[[str], str]]


def _replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


def _retargeted(flow: str, target: str) -> Callable[[str], str]:
    """A flow leads to another node."""

    def change(text: str) -> str:
        pattern = rf'(<bpmn:sequenceFlow id="{flow}"[^>]*targetRef=")[^"]*'
        changed, count = re.subn(pattern, rf"\g<1>{target}", text)
        assert count == 1
        return re.sub(rf"\s*<bpmn:incoming>{flow}</bpmn:incoming>", "", changed)

    return change


def _moved(node: str, lane: str) -> Callable[[str], str]:
    """A task stands in another lane."""

    def change(text: str) -> str:
        own = f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>"
        assert own in text
        rest = text.replace(own, "")
        return re.sub(rf'(<bpmn:lane id="{lane}"[^>]*>)', rf"\1{own}", rest)

    return change


def _without(pattern: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        changed, count = re.subn(pattern, "", text, flags=re.DOTALL)
        assert count
        return changed

    return change


FAULTS: dict[str, Fault] = {
    "an assistant declares the end of a business": (
        "declared_end",
        "business_ceased.bpmn",
        "set_terminated",
        _retargeted("tried_twice", "it_is_over"),
    ),
    "nobody verifies": (
        "verification",
        "grid_report.bpmn",
        "feed_back",
        _retargeted("resolved", "ready_to_feed_back"),
    ),
    "a department's finding is only verified": (
        "rectification",
        "grid_report.bpmn",
        "feed_back",
        _retargeted("found_by_department", "verify"),
    ),
    "a lead is verified without enforcement": (
        "investigation",
        "grid_report.bpmn",
        "feed_back",
        _retargeted("case_lead", "ready_to_verify"),
    ),
    "a lead of the public is answered without enforcement": (
        "investigation",
        "public_report.bpmn",
        "notify_reporter",
        _retargeted("case_lead", "ready_to_verify"),
    ),
    "what is not filed is not reported back": (
        "investigation",
        "case_investigation.bpmn",
        "enforcement_reported",
        _retargeted("not_filed", "enforcement_reported"),
    ),
    "what an inspection found is not put right": (
        "rectification",
        "department_inspection.bpmn",
        "publish_result_later",
        _retargeted("problems_found", "all_ended"),
    ),
    "a lead an inspection found is followed up by nobody of enforcement": (
        "investigation",
        "department_inspection.bpmn",
        "publish_result_later",
        lambda text: re.sub(
            r'(<bpmn:callActivity id="investigate" [^>]*calledElement=")[^"]*', r"\1follow_up", text
        ),
    ),
    "a lead an inspection found goes nowhere": (
        "investigation",
        "department_inspection.bpmn",
        "publish_result_later",
        _retargeted("lead_found", "all_ended"),
    ),
    "a snapshot becomes a case that nobody looked at": (
        "snapshot",
        "snapshot_review.bpmn",
        "file_lead",
        _retargeted("describe_to_ready_to_review", "ready_to_file"),
    ),
    "evidence goes round enforcement": (
        "snapshot",
        "snapshot_review.bpmn",
        "file_lead",
        _retargeted("as_evidence", "ready_to_file"),
    ),
    "the review of a snapshot stands among the cases": (
        "snapshot",
        "snapshot_review.bpmn",
        "snapshot_taken",
        _replaced('name="listed" value="no"', 'name="listed" value="yes"'),
    ),
    "nobody checks a proof": (
        "rectification",
        "rectification.bpmn",
        "put_right",
        _retargeted("prove_rectification_to_ready_to_check", "put_right"),
    ),
    "what failed is not handled again": (
        "verification",
        "public_report.bpmn",
        "notify_reporter",
        _retargeted("not_passed", "ready_to_answer"),
    ),
    "the owner verifies": (
        "lane_of_form",
        "grid_report.bpmn",
        "verify",
        _moved("verify", "lane_owner"),
    ),
    "a timer that only informs takes the task away": (
        "overdue",
        "handling.bpmn",
        "accept_overdue_inform",
        _replaced('超时告知" cancelActivity="false"', '超时告知"'),
    ),
    "a timer that passes up leaves the task open": (
        "overdue",
        "handling.bpmn",
        "handle_overdue_pass_up",
        _replaced(
            'id="handle_overdue_pass_up" name="超时上报"',
            'id="handle_overdue_pass_up" name="超时上报" cancelActivity="false"',
        ),
    ),
    "seventy days to dispute": (
        "dispute",
        "public_report.bpmn",
        "dispute_time_passed",
        _replaced("P7D", "P70D"),
    ),
    "nobody hears a dispute": (
        "dispute",
        "public_report.bpmn",
        "reporter_disputed",
        _replaced('name="reporter_disputes"', 'name="reporter_dispute"'),
    ),
    "withdrawn after acceptance": (
        "withdrawal",
        "handling.bpmn",
        "withdrawn_by_sender",
        _replaced(
            'name="上报人撤回" attachedToRef="accept"',
            'name="上报人撤回" attachedToRef="resolve_or_pass_up"',
        ),
    ),
    "nobody can withdraw": (
        "withdrawal",
        "handling.bpmn",
        "withdrawn_by_sender",
        _replaced('id="withdrawn" name="withdrawn"', 'id="withdrawn" name="withdrawal"'),
    ),
    "a business that opens again is rechecked all the same": (
        "settled",
        "business_ceased.bpmn",
        "recheck",
        _replaced(
            'name="恢复经营" attachedToRef="recheck"',
            'name="恢复经营" attachedToRef="recheck" cancelActivity="false"',
        ),
    ),
    "nobody hears that the register has changed": (
        "settled",
        "business_ceased.bpmn",
        "register_has_changed",
        _replaced('id="settled" name="settled"', 'id="settled" name="setled"'),
    ),
    "a gap that was filled is filled again": (
        "settled",
        "staffing_gap.bpmn",
        "fill_gap",
        _replaced('id="gap_filled" name="gap_filled"', 'id="gap_filled" name="filled"'),
    ),
    "follow-up outlives the level": (
        "side_work",
        "handling.bpmn",
        "level_left",
        _without(r'<bpmn:terminateEventDefinition id="level_left_ends_follow_up" />'),
    ),
    "the limit of another step": (
        "step_of_phase",
        "grid_report.bpmn",
        "triage",
        _replaced(
            '<spiffworkflow:property name="deadline" value="triage" />',
            '<spiffworkflow:property name="deadline" value="follow_up_progress" />',
        ),
    ),
    "a grid row that does not pass up": (
        "step_of_phase",
        "deadlines.dmn",
        "standard_unit_leader_accept",
        lambda text: re.sub(
            r'(id="standard_unit_leader_accept_on_overdue">\s*<text>)"pass_up"',
            r'\1"supervise"',
            text,
        ),
    ),
    "no superior is told": (
        "chasing",
        "chase.dmn",
        "chase",
        _without(r'<rule id="overdue_superior">.*?</rule>'),
    ),
    "at night nobody hears of an emergency": (
        "chasing",
        "chase.dmn",
        "chase",
        lambda text: re.sub(r'<rule id="urge_.*?</rule>', "", text, flags=re.DOTALL),
    ),
    "for hours nobody hears of an emergency": (
        "chasing",
        "chase.dmn",
        "chase",
        _without(r'<rule id="urge_120">.*?</rule>'),
    ),
    "the first to hear of a late emergency hears late": (
        "chasing",
        "chase.dmn",
        "chase",
        _without(r'<rule id="urge_15">.*?</rule>'),
    ),
    "nobody hears of an emergency any more after half a day": (
        "chasing",
        "chase.dmn",
        "chase",
        _without(r'<rule id="urge_1440">.*?</rule>'),
    ),
    "a chain that starts lower": (
        "chain",
        "escalation.bpmn",
        "handle_by_grid_leader",
        _retargeted("county_passed_up", "at_the_grid_leader"),
    ),
    "an emergency at the station": (
        "emergency",
        "matters.dmn",
        "X01",
        lambda text: re.sub(r'(id="X01_accepting_level">\s*<text>)"county"', r'\1"station"', text),
    ),
    "an end without feedback": (
        "feedback",
        "grid_report.bpmn",
        "case_closed",
        _retargeted("ready_to_feed_back_to_feed_back", "case_closed"),
    ),
    "the limit of a task that has its own": (
        "deadline",
        "business_ceased.bpmn",
        "follow_deregistration",
        _replaced('"deadline" value="follow_deregistration"', '"deadline" value="verify"'),
    ),
    "nobody is chased: the table asks by another name": (
        "chasing",
        "chase.dmn",
        "chase",
        _replaced("<text>trigger</text>", "<text>triggers</text>"),
    ),
    "the row of school canteens is gone": (
        "self_inspection",
        "obligations.dmn",
        "obligations",
        _without(r'<rule id="schools_every_week">.*?</rule>'),
    ),
    "who missed two periods is not watched": (
        "self_inspection",
        "inspection_intensity.dmn",
        "inspection_intensity",
        _without(r'<rule id="two_missed">.*?</rule>'),
    ),
    "a reminder closes the review": (
        "outcome",
        "snapshot_review.bpmn",
        "review_supervised",
        _replaced('name="逾期未核实" cancelActivity="false"', 'name="逾期未核实"'),
    ),
    "what a review that nobody made goes on to stays open beside it": (
        "outcome",
        "snapshot_review.bpmn",
        "lapsed",
        _replaced('name="三十天无人核实"', 'name="三十天无人核实" cancelActivity="false"'),
    ),
    "seventy days to deregister": (
        "timer",
        "business_ceased.bpmn",
        "deregistration_is_overdue",
        _replaced('"P30D"', '"P70D"'),
    ),
    "what nobody reviewed lapses at another task of the same limit": (
        "timer",
        "snapshot_review.bpmn",
        "nobody_reviewed",
        _replaced(
            'name="三十天无人核实" attachedToRef="review_snapshot"',
            'name="三十天无人核实" attachedToRef="legal_and_technical_review"',
        ),
    ),
    "a timer of the plan that is drawn no more": (
        "timer",
        "staffing_gap.bpmn",
        "gap_is_overdue",
        _without(
            r'<bpmn:timerEventDefinition id="gap_is_overdue.*?</bpmn:timerEventDefinition>',
        ),
    ),
    "the page that says where to enter reads another column": (
        "table_columns",
        "where_to_enter.dmn",
        "where_to_enter",
        _replaced('name="message_zh"', 'name="message"'),
    ),
    "the engine reads how often another column says": (
        "table_columns",
        "deadlines.dmn",
        "deadlines",
        _replaced('name="extensions"', 'name="extension"'),
    ),
    "a quota met elsewhere is watched all the same": (
        "settled",
        "video_patrol.bpmn",
        "inspect",
        _replaced('id="quota_reached" name="quota_reached"', 'id="quota_reached" name="reached"'),
    ),
    "what a level has settled is passed up": (
        "chain",
        "escalation.bpmn",
        "left_at_station",
        _retargeted("left_at_station", "at_the_county"),
    ),
    "the centre forwards to itself": (
        "chain",
        "escalation.bpmn",
        "relay",
        _retargeted("left_at_center", "at_the_village_center"),
    ),
    "what triage closed is verified": (
        "verification",
        "grid_report.bpmn",
        "verify",
        _retargeted("triage_closed_it", "what_came_out"),
    ),
    "what passed is handled once more": (
        "verification",
        "public_report.bpmn",
        "escalate",
        _retargeted("passed", "ready_to_escalate"),
    ),
    "a task without a limit": (
        "deadline",
        "case_investigation.bpmn",
        "investigate",
        _replaced('<spiffworkflow:property name="deadline" value="investigate" />', ""),
    ),
}


def _checked(fault: Fault) -> list[Finding]:
    _, file, _, change = fault
    files = {**FILES, file: change(FILES[file])}
    assert files != FILES
    return check_bundle(
        {name: text.encode() for name, text in files.items()},
        policies=POLICIES,
        functions=FUNCTIONS.table(),
        declared=FUNCTIONS.declared(),
    )


def _found(fault: Fault) -> set[tuple[str, str]]:
    return {(one.rule, one.element) for one in _checked(fault)}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_rule_names_the_element_that_breaks_it(fault: Fault) -> None:
    assert fault[0] in {policy.name for policy in ALL}
    assert (fault[0], fault[2]) in _found(fault)


@pytest.fixture(name="off")
def _off() -> Iterator[Callable[[str], None]]:
    before = installed()
    yield lambda name: install(replace(before, policies_off=frozenset({name})))
    install(before)


@pytest.mark.parametrize("name", sorted({fault[0] for fault in FAULTS.values()}))
def test_a_city_switches_a_rule_off(name: str, off: Callable[[str], None]) -> None:
    fault = next(fault for fault in FAULTS.values() if fault[0] == name)

    off(name)

    assert (name, fault[2]) not in _found(fault)


def test_every_rule_has_its_fault_here() -> None:
    assert {fault[0] for fault in FAULTS.values()} == {one.name for one in ALL}


def test_the_city_pack_says_which_rules_are_off_as_a_list(tmp_path: Path) -> None:
    for path in CITY.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    pack = (CITY / "pack.json").read_text("utf-8")
    assert read_rules(tmp_path).policies_off == frozenset()

    (tmp_path / "pack.json").write_text(pack.replace("{", '{"policies_off": ["dispute"],', 1))
    assert read_rules(tmp_path).policies_off == {"dispute"}

    (tmp_path / "pack.json").write_text(pack.replace("{", '{"policies_off": "dispute",', 1))
    with pytest.raises(Refused, match="policies_off"):
        read_rules(tmp_path)
