"""Two states of the shipped files told apart: in words, by element, and nothing else."""

import re

import pytest

from engine.check.changes import list_changes
from tests.engine.check.test_shipped import shipped

FILES = {name: content.decode() for name, content in shipped().items()}
REVIEW = (
    '<bpmn:userTask id="review" name="反馈前复核"><bpmn:incoming>reviewed</bpmn:incoming>'
    "</bpmn:userTask>"
    '<bpmn:sequenceFlow id="reviewed" sourceRef="feed_back" targetRef="review" />'
)


def _told(file: str, old: str, new: str) -> set[tuple[str, str]]:
    assert old in FILES[file]
    after = {**FILES, file: FILES[file].replace(old, new, 1)}
    return {(one.element, one.message.zh) for one in list_changes(FILES, after)}


def test_the_same_files_differ_in_nothing() -> None:
    assert list_changes(FILES, FILES) == []


def test_another_place_on_the_picture_is_no_change() -> None:
    assert _told("grid_report.bpmn", 'x="', 'x="1') == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "element", "words"),
    [
        (
            "grid_report.bpmn",
            'name="deadline" value="verify"',
            'name="deadline" value="decide_filing"',
            "verify",
            "“核查”的deadline：verify → decide_filing",
        ),
        (
            "grid_report.bpmn",
            "outcome == 'long_running'",
            "outcome == 'resolved'",
            "long_running",
            "“短期难办结”的条件：outcome == 'long_running' → outcome == 'resolved'",
        ),
        (
            "grid_report.bpmn",
            'id="resolved" name="已解决" sourceRef="what_came_out" targetRef="ready_to_verify"',
            'id="resolved" name="已解决" sourceRef="what_came_out" targetRef="ready_to_feed_back"',
            "resolved",
            "“已解决”的走向：处置结果？ – ready_to_verify → 处置结果？ – ready_to_feed_back",
        ),
        (
            "public_report.bpmn",
            '"P7D"',
            '"P9D"',
            "dispute_time_passed",
            '“7 日内无异议”的定时：duration "P7D" → duration "P9D"',
        ),
        (
            "handling.bpmn",
            'name="超时告知" cancelActivity="false"',
            'name="超时告知"',
            "accept_overdue_inform",
            "“超时告知”的方式：不中断 non-interrupting → 中断 interrupting",
        ),
        (
            "forms/verify.json",
            '"required": true',
            '"required": false',
            "verify_result",
            "“核查结果”的必填：是 yes → 否 no",
        ),
    ],
)
def test_a_change_names_its_element_with_before_and_after(
    file: str, old: str, new: str, element: str, words: str
) -> None:
    assert _told(file, old, new) == {(element, words)}


def test_a_new_task_and_its_way_are_named() -> None:
    told = _told("grid_report.bpmn", "</bpmn:process>", f"{REVIEW}</bpmn:process>")

    assert told == {
        ("review", "新增任务“反馈前复核”。"),
        ("reviewed", "新增连线“反馈结果 – 反馈前复核”。"),
    }


def test_a_limit_is_told_by_the_row_it_stands_in() -> None:
    pattern = r'(id="standard_station_handle_limit">\s*<text>)(\d+)'
    (before,) = [found.group(2) for found in re.finditer(pattern, FILES["deadlines.dmn"])]
    changed = re.sub(pattern, r"\g<1>9", FILES["deadlines.dmn"])

    (change,) = list_changes(FILES, {**FILES, "deadlines.dmn": changed})

    assert change.element == "standard_station_handle"
    assert change.message.zh == f"“standard, station, handle”的时限：{before} → 9"


def test_a_removed_row_and_a_removed_file_are_told() -> None:
    without = re.sub(r'<rule id="X02">.*?</rule>', "", FILES["matters.dmn"], flags=re.DOTALL)
    after = {name: text for name, text in FILES.items() if name != "forms/relay.json"}

    told = {
        (one.file, one.element) for one in list_changes(FILES, {**after, "matters.dmn": without})
    }

    assert told == {("matters.dmn", "X02"), ("forms/relay.json", "relay")}
