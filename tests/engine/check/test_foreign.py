"""What other tools leave in a file is named: settings nobody carries out, tasks in two lanes."""

from pathlib import Path

import pytest

from engine.check import check_bundle
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.check.sample import check, line, rules

CASES = Path(__file__).parents[2] / "cases" / "bpmn"


def said(name: str, rule: str) -> list[tuple[str, str, str]]:
    """Severity, element and first word of every finding of a rule."""
    content = (CASES / name).read_bytes()
    found = check_bundle({"side_task.bpmn": content}, policies=POLICIES)
    return [
        (one.severity, one.element, one.message.en.split(" ")[0])
        for one in found
        if one.rule == rule
    ]


@pytest.mark.parametrize(
    ("name", "element", "words"),
    [
        (
            "bpmn08_camunda_extensions.bpmn",
            "answer",
            {"dueDate", "assignee", "formKey", "inputOutput"},
        ),
        ("bpmn19_async_flags.bpmn", "record_answers", {"asyncBefore", "class"}),
    ],
)
def test_settings_of_another_engine_are_named_with_their_element(
    name: str, element: str, words: set[str]
) -> None:
    assert set(said(name, "foreign")) == {("warning", element, word) for word in words}


def test_an_unknown_property_of_a_task_is_named() -> None:
    content = (CASES / "bpmn40_unknown_property.bpmn").read_bytes()
    found = check_bundle({"side_task.bpmn": content}, policies=POLICIES)
    (finding,) = [one for one in found if one.rule == "foreign"]

    assert (finding.severity, finding.element) == ("warning", "answer")
    assert "dead_line" in finding.message.zh


def test_a_task_in_two_lanes_is_an_error() -> None:
    found = said("bpmn16_node_in_two_lanes.bpmn", "lane")

    assert [(severity, element) for severity, element, _ in found] == [("error", "answer")]


def test_a_task_in_a_lane_inside_its_lane_is_fine() -> None:
    drawn = d.diagram(line("accept")).decode()
    inner = (
        '<bpmn:childLaneSet id="inner"><bpmn:lane id="lane_two" name="网格员">'
        "<bpmn:flowNodeRef>accept</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane>"
    )
    nested = drawn.replace("</bpmn:lane>", inner, 1).encode()

    assert ("lane", "accept") not in rules(check(files={"p.bpmn": nested}))


@pytest.mark.parametrize("name", ["returnable", "withdrawable", "beside"])
@pytest.mark.parametrize(
    ("said", "is_fine"),
    [("yes", True), ("no", True), ("=note != ''", True), ("sometimes", False), ("Yes", False)],
)
def test_what_a_task_allows_is_yes_or_no_or_a_condition(
    name: str, said: str, *, is_fine: bool
) -> None:
    drawn = d.start() + d.user("accept", **{name: said}) + d.end()
    found = check(drawn + d.path("reported", "accept", "closed"))

    assert (("allowance", "accept") in rules(found)) is not is_fine
    assert ("foreign", "accept") not in rules(found)
