"""Between a form document and a page: what was posted, what has to be filled in."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from web.frame.fields import Sheet, deepest, posted
from web.frame.writing import PageAnswer

FORM: dict[str, Any] = {
    "id": "example",
    "fields": [
        {"name": "words", "type": "text", "label": {"zh": "文字", "en": "Words"}, "required": True},
        {
            "name": "answer",
            "type": "choice",
            "label": {"zh": "答复", "en": "Answer"},
            "options": [
                {"value": "yes", "label": {"zh": "同意", "en": "Agree"}},
                {"value": "no", "label": {"zh": "不同意", "en": "Disagree"}},
            ],
        },
        {
            "name": "why",
            "type": "longtext",
            "label": {"zh": "理由", "en": "Why"},
            "required_when": {"answer": ["no", "not offered here"]},
        },
        {"name": "several", "type": "choices", "label": {"zh": "多项"}, "options": []},
        {"name": "sure", "type": "boolean", "label": {"zh": "确定"}},
        {"name": "count", "type": "integer", "label": {"zh": "数量"}},
        {"name": "share", "type": "number", "label": {"zh": "比例"}},
        {"name": "at", "type": "datetime", "label": {"zh": "时间"}},
        {"name": "area", "type": "area", "label": {"zh": "地点"}},
        {"name": "place", "type": "location", "label": {"zh": "定位"}},
    ],
}


@pytest.fixture(autouse=True)
def request_of_a_page() -> Iterator[None]:
    """A request, for the language of texts is asked of it."""
    with Flask(__name__).test_request_context("/"):
        yield


def sent(**fields: Any) -> dict[str, Any]:
    """What `posted` makes of these fields."""
    pairs = [
        (name, one)
        for name, texts in fields.items()
        for one in ([texts] if isinstance(texts, str) else texts)
    ]
    with Flask(__name__).test_request_context("/", method="POST", data=MultiDict(pairs)):
        return posted(FORM)


def test_values_come_typed_as_the_form_says() -> None:
    values = sent(
        words="  文字 ",
        several=["a", "b"],
        sure="true",
        count="3",
        share="0.5",
        at="2026-03-02T09:00",
    )

    assert values == {
        "words": "文字",
        "several": ["a", "b"],
        "sure": True,
        "count": 3,
        "share": 0.5,
        "at": "2026-03-02T09:00:00+08:00",
    }


def test_blanks_are_left_out_and_no_is_an_answer() -> None:
    assert sent(words=" ", several=[""], sure="false", count="") == {"sure": False}


def test_what_cannot_be_typed_stays_text_for_the_api_to_refuse() -> None:
    assert sent(count="three", share="half") == {"count": "three", "share": "half"}


def test_a_place_is_made_of_its_two_fields() -> None:
    values = sent(**{"place.lat": "25.27", "place.lon": " 118.8 "})

    assert values == {"place": {"lat": 25.27, "lon": 118.8, "crs": "wgs84"}}


def test_the_area_is_the_deepest_step_that_lies_in_the_one_before() -> None:
    assert deepest(["350322", "350322100", ""]) == "350322100"
    assert deepest(["350302", "350322100"]) == "350302"
    assert deepest(["", " "]) is None
    assert sent(area=["350322", "350322100"]) == {"area": "350322100"}


def test_a_field_says_when_it_has_to_be_filled_in() -> None:
    sheet = Sheet(FORM, "key")
    words, answer, why = sheet.fields[:3]

    assert sheet.needed(words) == "必填"
    assert sheet.needed(answer) == ""
    assert sheet.needed(why) == "选“不同意”时必填"


def test_a_refusal_stands_at_its_field_and_makes_the_next_try_another_submission() -> None:
    problem = {
        "detail": "表单填写有误。",
        "errors": [
            {"pointer": "/form/words", "message": "必填。"},
            {"pointer": "/several/0", "message": "没有这个选项。"},
        ],
    }

    sheet = Sheet(FORM, "first").refused(PageAnswer(422, problem), "second")

    assert sheet.errors == {
        "": "表单填写有误。",
        "words": "必填。",
        "several": "没有这个选项。",
    }
    assert sheet.key == "second"
