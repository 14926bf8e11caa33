"""What a way says is what takes it; a gateway that takes every way asks nothing."""

import pytest

from engine.check import check_bundle
from handlers.policy import POLICIES
from tests.engine import drawing as d
from tests.engine.check.sample import LIMITS, NOTE, rules

LABELS = {"tip": "举报线索", "inquiry": "咨询", "refused": "不属食品，退回咨询"}
KIND = {
    "name": "kind",
    "type": "choice",
    "required": True,
    "options": [
        {"value": value, "label": {"zh": label, "en": value}} for value, label in LABELS.items()
    ],
}
URGENT = {"name": "urgent", "type": "boolean", "required": True}
FILES = {
    "forms/reported.json": d.form("reported", KIND, URGENT),
    "forms/note.json": NOTE,
    "deadlines.dmn": LIMITS,
}


def _checked(body: str, **more: bytes) -> set[tuple[str, str]]:
    files = {**FILES, "p.bpmn": d.diagram(body, lane="网格长"), **more}
    found = check_bundle(files, policies=POLICIES, functions={"p": {}}, declared={"p": {}})
    return rules([one for one in found if one.rule not in {"not_drawn", "not_written"}])


def _asked(condition: str, label: str, rest: str, way: str = "way_1") -> set[tuple[str, str]]:
    """A gateway with one condition and a default; `label` and `rest` are what its ways say."""
    ways = d.flow("what", "one", condition, identifier=way).replace('"名称"', f'"{label}"')
    ways += d.flow("what", "other", identifier="way_2").replace('"名称"', f'"{rest}"')
    body = d.start() + d.xor("what", default="way_2") + d.end("one") + d.end("other")
    return _checked(body + d.path("reported", "what") + ways)


@pytest.mark.parametrize(
    ("condition", "label", "rest"),
    [
        ("kind == 'inquiry'", "咨询", "不是"),
        ("kind == 'inquiry'", "咨询", "举报等"),
        ("kind in ['tip', 'refused']", "举报、退回", "咨询"),
        ("kind == 'tip'", "另有安排", "不是"),
        ("kind != 'inquiry'", "不是咨询", "咨询"),
        ("urgent", "紧急", "不紧急"),
        ("not urgent", "不紧急", "紧急"),
    ],
)
def test_a_way_that_says_what_takes_it_is_fine(condition: str, label: str, rest: str) -> None:
    assert _asked(condition, label, rest) == set()


@pytest.mark.parametrize(
    ("condition", "label", "rest", "found"),
    [
        ("kind != 'inquiry'", "咨询", "不是", {"way_1"}),
        ("kind == 'tip'", "咨询", "举报", {"way_1", "way_2"}),
        ("kind == 'tip'", "另有安排", "举报线索", {"way_2"}),
        ("kind == 'tip'", "咨询、退回", "其他", {"way_1"}),
        ("not urgent", "紧急", "不紧急", {"way_2"}),
        ("urgent", "没有", "有", {"way_1"}),
    ],
)
def test_a_way_that_says_another_answer_is_named(
    condition: str, label: str, rest: str, found: set[str]
) -> None:
    assert _asked(condition, label, rest) == {("label_value", way) for way in found}


def test_an_id_that_is_an_answer_says_it_where_the_label_does_not() -> None:
    assert _asked("kind == 'tip'", "甲", "乙", way="it_is_a_tip") == set()
    assert _asked("kind != 'tip'", "甲", "乙", way="it_is_a_tip") == {
        ("label_value", "it_is_a_tip")
    }
    assert _asked("kind != 'tip'", "甲", "乙", way="it_is_not_a_tip") == set()


def test_a_way_that_no_answer_takes_is_an_error_where_the_answers_are_known() -> None:
    ways = d.flow("what", "one", "kind == 'tip'") + d.flow("what", "other", "kind == 'inquiry'")
    body = d.start() + d.xor("what") + d.end("one") + d.end("other") + d.path("reported", "what")
    files = {**FILES, "p.bpmn": d.diagram(body + ways, lane="网格长")}

    found = check_bundle(files, policies=POLICIES, functions={"p": {}}, declared={"p": {}})

    severities = {one.severity: one for one in found if one.rule == "no_default"}
    assert set(severities) == {"warning", "error"}
    assert "kind = refused" in severities["error"].message.en


@pytest.mark.parametrize(("label", "found"), [("通知各方", set()), ("通知谁？", {"who"})])
def test_a_parallel_gateway_asks_nothing(label: str, found: set[str]) -> None:
    split = d.fork("who").replace('"名称"', f'"{label}"')
    outgoing = (
        "<bpmn:outgoing>who_to_look</bpmn:outgoing><bpmn:outgoing>who_to_read</bpmn:outgoing>"
    )
    split = split.replace("</bpmn:parallelGateway>", f"{outgoing}</bpmn:parallelGateway>")
    body = d.start() + split + d.user("look") + d.user("read") + d.fork("all") + d.end()
    body += d.path("reported", "who", "look", "all") + d.path("who", "read", "all", "closed")

    assert _checked(body) == {("parallel_question", one) for one in found}
