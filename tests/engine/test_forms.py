"""Forms: which documents are accepted, what people may fill in, what a refusal says."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DiagramError
from engine.forms.documents import TYPES
from engine.forms.forms import Form, parse_form
from storage.errors import FormInvalid
from tests.engine import drawing as d

YES_NO = [
    {"value": "accept", "label": {"zh": "签收", "en": "Accept"}},
    {"value": "return", "label": {"zh": "退回", "en": "Return"}, "except_levels": ["city"]},
]


def _form(*fields: dict[str, object]) -> Form:
    return parse_form(d.form("accept", *fields).decode(), name="forms/accept.json")


ACCEPT = _form(
    {"name": "answer", "type": "choice", "required": True, "options": YES_NO},
    {"name": "reason", "type": "longtext", "max": 20, "required_when": {"answer": ["return"]}},
    {"name": "photos_after", "type": "photos", "max": 2},
)


def _errors(form: Form, values: object, level: str | None = None) -> dict[str, str]:
    with pytest.raises(FormInvalid) as caught:
        form.load(values, level=level)
    return dict(caught.value.errors)


def test_what_was_filled_in_comes_back_with_every_declared_field() -> None:
    values = ACCEPT.load({"answer": "accept", "photos_after": ["a1"]})

    assert values == {"answer": "accept", "reason": None, "photos_after": ["a1"]}


def test_every_wrong_field_is_named_in_both_languages() -> None:
    errors = _errors(ACCEPT, {"answer": "maybe", "reason": "x" * 21, "photos_after": [1], "q~/": 1})

    assert errors == {
        "/answer": "没有这个选项。",
        "/reason": "不得超过 20 个字。",
        "/photos_after/0": "编号有误。",
        "/q~0~1": "表单中没有这个字段。",
    }
    with pytest.raises(FormInvalid) as caught:
        ACCEPT.load({})
    assert [message.en for _, message in caught.value.errors] == ["This is required."]


def test_a_field_is_required_when_another_has_that_answer() -> None:
    assert _errors(ACCEPT, {"answer": "return"}) == {"/reason": "必填。"}
    assert _errors(ACCEPT, {"answer": "return", "reason": "  "}) == {"/reason": "必填。"}
    assert ACCEPT.load({"answer": "return", "reason": " 非本辖区 "})["reason"] == "非本辖区"


def test_an_answer_a_level_does_not_have_is_refused_and_not_shown() -> None:
    answer = {"answer": "return", "reason": "x"}

    assert _errors(ACCEPT, answer, level="city") == {"/answer": "没有这个选项。"}
    assert ACCEPT.load(answer, level="county")["answer"] == "return"
    shown = ACCEPT.document(level="city")["fields"][0]["options"]
    assert shown == [{"value": "accept", "label": {"zh": "签收", "en": "Accept"}}]


@pytest.mark.parametrize(
    ("kind", "good", "back"),
    [
        ("text", "一行字", "一行字"),
        ("longtext", "第一行\n第二行", "第一行\n第二行"),
        ("boolean", False, False),
        ("integer", -3, -3),
        ("number", 2.5, 2.5),
        ("date", "2026-11-23", "2026-11-23"),
        ("datetime", "2026-11-23T09:00:00+08:00", "2026-11-23T09:00:00+08:00"),
        ("datetime", "2026-11-23T01:00:00Z", "2026-11-23T01:00:00+00:00"),
        ("photos", ["0b7e1f"], ["0b7e1f"]),
        ("posts", ["station:350322100"], ["station:350322100"]),
        ("area", "350322100", "350322100"),
        ("area", "350322100000", "350322100"),
        ("area", "350322000000", "350322"),
        ("area", "350300000000", "3503"),
        ("area", "350322100201", "350322100201"),
        ("business", "17", 17),
        ("business", 17, 17),
        ("matter", "L01", "L01"),
        ("document", "0b7e1f", "0b7e1f"),
        (
            "checklist",
            ["raw_and_cooked:yes", "tableware:na"],
            ["raw_and_cooked:yes", "tableware:na"],
        ),
        ("location", {"lat": 25.4, "lon": 119}, {"lat": 25.4, "lon": 119, "crs": "wgs84"}),
    ],
)
def test_a_value_of_its_type_is_taken(kind: str, good: object, back: object) -> None:
    assert _form({"name": "x", "type": kind}).load({"x": good}) == {"x": back}


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("text", 1),
        ("text", ["a"]),
        ("text", "a\nb"),
        ("text", "a\0b"),
        ("text", "a\x1bb"),
        ("text", "abc\u202egnp.exe"),
        ("longtext", "\u2066x"),
        ("longtext", "\u200fx"),
        ("text", "\ud800"),
        ("text", "x" * 501),
        ("longtext", "x" * 4_001),
        ("boolean", "true"),
        ("boolean", 1),
        ("integer", True),
        ("integer", 1.0),
        ("integer", 10**13),
        ("integer", "1"),
        ("number", float("inf")),
        ("number", float("nan")),
        ("number", True),
        ("number", 10**400),
        ("integer", 10**400),
        ("business", 10**400),
        ("date", "2026-02-30"),
        ("date", "20261123"),
        ("date", "0001-01-01"),
        ("datetime", "2026-11-23T09:00:00"),
        ("datetime", "tomorrow"),
        ("photos", "a"),
        ("photos", ["a", "a"]),
        ("photos", ["../../etc/passwd"]),
        ("photos", ["a"] * 10),
        ("posts", [{"id": 1}]),
        ("area", "35032"),
        ("area", "３５０３"),
        ("area", 3503),
        ("business", 0),
        ("business", "x"),
        ("business", True),
        ("matter", "L01; drop"),
        ("matter", ""),
        ("checklist", "raw_and_cooked:yes"),
        ("checklist", ["tableware:no", "tableware:no"]),
        ("checklist", ["tableware:no", "tableware:yes"]),
        ("checklist", ["tableware"]),
        ("checklist", [":no"]),
        ("checklist", ["tableware:maybe"]),
        ("location", {"lat": 91, "lon": 0}),
        ("location", {"lat": 1}),
        ("location", {"lat": True, "lon": 1}),
        ("location", {"lat": 1, "lon": 1, "crs": "moon"}),
        ("location", {"lat": 1, "lon": 1, "more": 1}),
        ("location", [1, 2]),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, bad: object) -> None:
    form = _form({"name": "x", "type": kind, "required": True})

    assert all(pointer.startswith("/x") for pointer in _errors(form, {"x": bad}))


def test_a_required_list_must_hold_something() -> None:
    form = _form({"name": "photos", "type": "photos", "required": True})

    assert _errors(form, {"photos": []}) == {"/photos": "至少 1 项。"}


def test_several_choices_are_each_one_of_the_options() -> None:
    form = _form({"name": "kind", "type": "choices", "options": YES_NO})

    assert form.load({"kind": ["return", "accept"]}) == {"kind": ["return", "accept"]}
    assert _errors(form, {"kind": ["accept", "x"]}) == {"/kind/1": "没有这个选项。"}


@pytest.mark.parametrize(
    "values",
    [
        [],
        "x",
        None,
        {"answer": "accept", "reason": "x" * 10_000_000},
        {f"x{n}": 1 for n in range(3_000)},
        {"answer": [[[[[[[[1]]]]]]]]},
    ],
)
def test_too_much_is_refused_before_it_is_looked_at(values: object) -> None:
    assert _errors(ACCEPT, values) == {"": "填写的内容过多。"}


def test_values_that_contain_themselves_or_nest_without_end_are_refused() -> None:
    itself: dict[str, object] = {}
    itself["answer"] = itself
    deep: object = 1
    for _ in range(10_000):
        deep = [deep]

    assert _errors(ACCEPT, itself) == {"": "填写的内容过多。"}
    assert _errors(ACCEPT, {"answer": deep}) == {"": "填写的内容过多。"}


def test_names_of_the_engine_cannot_be_slipped_in() -> None:
    names = ["is_food", "len", "__builtins__", "level", "status", "version"]
    errors = _errors(ACCEPT, {"answer": "accept", **dict.fromkeys(names, 1)})

    assert errors == {f"/{name}": "表单中没有这个字段。" for name in names}


def test_the_fields_of_a_page_become_values() -> None:
    form = _form(
        {"name": "note", "type": "text"},
        {"name": "done", "type": "boolean"},
        {"name": "days", "type": "integer"},
        {"name": "kind", "type": "choices", "options": YES_NO},
        {"name": "place", "type": "location"},
        {"name": "other_place", "type": "location"},
    )
    posted = {
        "note": ["x"],
        "done": ["on"],
        "days": ["3"],
        "kind": ["accept", "return"],
        "place.lat": ["25.4"],
        "place.lon": ["119"],
        "place.crs": ["gcj02"],
        "other_place.lat": [""],
        "other_place.lon": [""],
        "stray": ["1"],
    }

    assert form.from_page(posted) == {
        "note": "x",
        "done": True,
        "days": 3,
        "kind": ["accept", "return"],
        "place": {"lat": 25.4, "lon": 119, "crs": "gcj02"},
        "stray": "1",
    }


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ({"name": "Answer", "type": "text"}, "snake_case"),
        ({"name": "_answer", "type": "text"}, "snake_case"),
        ({"name": "__builtins__", "type": "text"}, "snake_case"),
        ({"name": "回答", "type": "text"}, "snake_case"),
        ({"name": "class", "type": "text"}, "snake_case"),
        ({"name": "level", "type": "text"}, "engine"),
        ({"name": "len", "type": "text"}, "engine"),
        ({"name": "status", "type": "text"}, "engine"),
        ({"name": "version", "type": "text"}, "engine"),
        ({"name": "x", "type": "password"}, "Unknown type"),
        ({"name": "x", "type": "text", "label": {"zh": "只有中文"}}, "both zh and en"),
        ({"name": "x", "type": "text", "pattern": "(a+)+$"}, "Unknown keys: pattern"),
        ({"name": "x", "type": "text", "max": 100_000}, "may not exceed"),
        ({"name": "x", "type": "boolean", "max": 1}, "do not apply"),
        ({"name": "x", "type": "text", "required": "yes"}, "true or false"),
        ({"name": "x", "type": "choice"}, "needs options"),
        ({"name": "x", "type": "choice", "options": [*YES_NO, YES_NO[0]]}, "repeats"),
        (
            {"name": "x", "type": "choice", "options": [{"value": 1}]},
            "repeats a value, or has none",
        ),
        ({"name": "x", "type": "text", "options": YES_NO}, "Only choices"),
        ({"name": "x", "type": "text", "required_when": {"answer": "return"}}, "field"),
        ({"name": "x", "type": "text", "required_when": {"nobody": ["x"]}}, "must name a choice"),
        ({"name": "x", "type": "text", "required_when": {"answer": ["no"]}}, "does not exist"),
        ({"name": "x", "type": "text", "asked_when": {"answer": ["no"]}}, "does not exist"),
        ({"name": "answer", "type": "text"}, "used twice"),
        ({"type": "text"}, "has no name"),
    ],
)
def test_a_document_that_cannot_be_used_says_why(field: dict[str, object], word: str) -> None:
    with pytest.raises(DiagramError) as caught:
        _form({"name": "answer", "type": "choice", "options": YES_NO}, field)

    assert any(word in finding.message.en for finding in caught.value.findings)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "{", "[" * 100_000, '{"id": "x", "fields": 1}', "x" * 200_001],
)
def test_what_is_no_form_document_is_refused(text: str) -> None:
    with pytest.raises(DiagramError):
        parse_form(text, name="forms/x.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
ALL_TYPES = _form(
    *(
        {"name": f"a_{kind}", "type": kind, **({"options": YES_NO} if "choice" in kind else {})}
        for kind in sorted(TYPES)
    )
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([field.name for field in ALL_TYPES.fields]) | st.text(max_size=3), JSON
    )
)
def test_anything_is_taken_as_plain_json_or_refused(values: dict[str, object]) -> None:
    with contextlib.suppress(FormInvalid):
        json.dumps(ALL_TYPES.load(values), allow_nan=False).encode()


@pytest.mark.parametrize(
    "nothing",
    [
        "\u3000\u3000",
        "\u200b\u200d\ufeff",
        "\u2060",
        "\u3164",
        "\u2800",
        "\u00ad",
        "\ufe0f",
        "\x00",
        "\n",
    ],
    ids=lambda text: text.encode("unicode_escape").decode(),
)
@pytest.mark.parametrize("kind", ["text", "longtext"])
def test_a_text_that_shows_nothing_is_empty(kind: str, nothing: str) -> None:
    form = _form({"name": "x", "type": kind, "required": True})
    free = _form({"name": "x", "type": kind})

    assert list(_errors(form, {"x": nothing})) == ["/x"]
    assert free.load({"x": nothing}) == {"x": None}


DONE_OR_NOT = [
    {"value": value, "label": {"zh": value, "en": value}} for value in ("done", "cannot")
]
EITHER: tuple[dict[str, object], ...] = (
    {"name": "answer", "type": "choice", "options": DONE_OR_NOT},
    {"name": "photos", "type": "photos", "label": {"zh": "照片", "en": "Photos"}, "or_else": "why"},
    {
        "name": "why",
        "type": "text",
        "label": {"zh": "原因", "en": "Why"},
        "or_else": "photos",
        "required_when": {"answer": ["done"]},
    },
)
"""A photo, or the reason why there is none, for one of two answers."""


@pytest.mark.parametrize(
    "filled",
    [
        {"answer": "done", "photos": ["0b7e1f"]},
        {"answer": "done", "why": "夜间"},
        {"answer": "cannot"},
    ],
)
def test_one_of_two_fields_is_enough(filled: dict[str, object]) -> None:
    assert _form(*EITHER).load(filled)["answer"] == filled["answer"]


def test_where_both_of_two_are_left_out_each_names_the_other() -> None:
    with pytest.raises(FormInvalid) as refused:
        _form(*EITHER).load({"answer": "done"})

    said = dict(refused.value.errors)
    assert list(said) == ["/photos", "/why"]
    assert said["/photos"] == "与“原因”二者填一。"
    assert said["/why"] == "与“照片”二者填一。"


@pytest.mark.parametrize(
    ("changes", "rest"),
    [
        ({"or_else": "elsewhere"}, {}),
        ({"or_else": "photos"}, {}),
        ({"or_else": 1}, {}),
        ({}, {"or_else": None}),
        ({}, {"required_when": {}}),
    ],
)
def test_two_fields_of_which_one_is_enough_name_each_other(
    changes: dict[str, object], rest: dict[str, object]
) -> None:
    """One that names nothing, itself or only one way, or where neither is ever required."""
    answer, photos, why = EITHER
    with pytest.raises(DiagramError):
        _form(answer, {**photos, **changes}, {**why, **rest})
