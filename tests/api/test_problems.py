"""Whatever is wrong with a request, the answer is a problem document and never a 5xx."""

import json
from itertools import product
from typing import Any

import pytest

from tests.api.conftest import Api

REPORTS = "/reports"


def assert_problem(answer: Any, status: int, code: str) -> None:
    """The shape every error has."""
    told = answer.get_json(force=True)
    assert answer.content_type == "application/problem+json", answer.content_type
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code), told
    assert {"type", "title", "detail", "instance"} <= told.keys()


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{not json", "application/json", 400, "bad_json"),
        (b'{"a": "\xff\xfe"}', "application/json", 400, "bad_json"),
        (b'{"a": "\\ud800"}', "application/json", 400, "bad_json"),
        (b'{"a": NaN}', "application/json", 400, "bad_json"),
        (b"[" * 100_000, "application/json", 400, "bad_json"),
        (b"matter=L01", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"<a/>", "text/xml", 415, "unsupported_media_type"),
        (b"[]", "application/json", 422, "form_invalid"),
        (b'"text"', "application/json", 422, "form_invalid"),
        (b"null", "application/json", 422, "form_invalid"),
        (b"", "application/json", 422, "form_invalid"),
        (b'{"a": "' + b"x" * (10 << 20) + b'"}', "application/json", 413, "upload_too_large"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_by_name(
    api: Api, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = api.send("POST", REPORTS, "grid_member", data=body, content_type=kind)

    assert_problem(answer, status, code)


@pytest.mark.parametrize(
    ("text", "is_escaped"),
    [
        # JSON itself has no such character as it is.
        *((text, True) for text in ("a\x00b", "\x1b[31mred")),
        *product(("\u202eevil", "\u2066x", "line\x85", "\ufeff"), (True, False)),
    ],
)
def test_control_characters_are_refused_with_their_place(
    api: Api, text: str, *, is_escaped: bool
) -> None:
    body = {"matter": "L01", "area": "350322100001", "description": text}
    sent = json.dumps(body, ensure_ascii=is_escaped).encode()

    answer = api.send("POST", REPORTS, "grid_member", data=sent, content_type="application/json")

    assert_problem(answer, 422, "form_invalid")
    assert [error["pointer"] for error in answer.get_json()["errors"]] == ["/description"]


@pytest.mark.parametrize("is_escaped", [True, False])
def test_a_hostile_name_of_a_field_is_refused_too(api: Api, *, is_escaped: bool) -> None:
    body = json.dumps({"form": {"\u202eanswer": "accept"}}, ensure_ascii=is_escaped).encode()

    answer = api.send(
        "POST",
        "/api/v1/tasks/1-1/complete",
        "grid_member",
        data=body,
        content_type="application/json",
    )

    assert_problem(answer, 422, "form_invalid")


@pytest.mark.parametrize("body", [{}, {"form": []}, {"form": {}, "more": {}}, []])
def test_a_completion_is_one_form_and_nothing_else(api: Api, body: object) -> None:
    answer = api.post("/tasks/1-1/complete", body, "grid_member")

    assert_problem(answer, 422, "form_invalid")


def test_what_is_nested_without_end_is_refused(api: Api) -> None:
    deep = b'{"matter": ' + b"[" * 500 + b"]" * 500 + b"}"

    answer = api.send("POST", REPORTS, "grid_member", data=deep, content_type="application/json")

    assert_problem(answer, 422, "form_invalid")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "no_such_address"),
        ("GET", "/cases/%00", 404, "no_such_address"),
        ("GET", "/cases/20260000000%0a15", 404, "no_such_address"),
        ("GET", "/cases/" + "9" * 300, 404, "no_such_address"),
        ("GET", "/cases/2026000000019", 404, "case_not_found"),
        ("GET", "/tasks/999999999999-1", 404, "task_not_found"),
        ("GET", "/tasks/1-999999999999", 404, "task_not_found"),
        ("GET", "/tasks/1-99999999999999999999", 404, "no_such_address"),
        ("GET", "/tasks/1-abc", 404, "no_such_address"),
        ("GET", "/tasks?q=%00", 422, "form_invalid"),
        ("GET", "/tasks?cursor=e30", 422, "bad_cursor"),
        ("GET", "/tasks?limit=0", 422, "form_invalid"),
        ("GET", "/tasks?limit=201", 422, "form_invalid"),
        ("GET", "/tasks?overdue=perhaps", 422, "form_invalid"),
        ("GET", "/tasks?due_before=9999-12-31T23:59:59-14:00", 422, "form_invalid"),
        ("GET", "/tasks?unknown=1", 422, "form_invalid"),
        ("GET", "/tasks?area=abc", 422, "form_invalid"),
        ("GET", "/cases?business=99999999999999999999999", 422, "form_invalid"),
        ("GET", "/attachments/" + "0" * 32, 404, "attachment_not_found"),
        ("GET", "/processes/nothing/versions", 404, "definition_not_found"),
        ("GET", "/processes/grid_report/versions/999999999", 404, "definition_not_found"),
        ("GET", "/matters/Z99", 404, "unknown_matter"),
        ("GET", "/areas/999999", 404, "unknown_area"),
        ("GET", "/areas/350322?on=2026-13-01", 422, "form_invalid"),
        ("DELETE", "/tasks", 405, "method_not_allowed"),
        ("PATCH", "/cases/2026000000011", 405, "method_not_allowed"),
    ],
)
def test_an_address_that_leads_nowhere_says_so(
    api: Api, method: str, path: str, status: int, code: str
) -> None:
    assert_problem(api.send(method, path, "station_officer"), status, code)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "path",
    [
        "/tasks/999999999999999-1",
        "/cases/999999999999999999999999",
        "/cases?business=999999999999999",
        "/processes/grid_report/versions/999999999999999",
        "/tasks?cursor=WyJ4IiwxLCIxIl0",
        "/cases?cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",
    ],
)
def test_numbers_beyond_the_columns_are_no_fault_of_the_database(
    postgres_api: Api, path: str
) -> None:
    answer = postgres_api.get(path, "station_officer")

    assert answer.status_code in {200, 404, 422}, answer.get_json(force=True)


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    answer = api.send("DELETE", "/tasks", "station_officer")

    assert "GET" in answer.headers["Allow"]


def test_the_same_problem_is_told_in_english_on_request(api: Api) -> None:
    chinese = api.post(REPORTS, {"matter": "L01"}, "grid_member").get_json()
    english = api.post(
        REPORTS, {"matter": "L01"}, "grid_member", headers={"Accept-Language": "en-GB,en;q=0.8"}
    )

    told = english.get_json()
    assert english.headers["Content-Language"] == "en"
    assert (chinese["title"], told["title"]) == (
        "填写有误",
        "Something is missing or wrong",
    )
    assert {error["message"] for error in told["errors"]} == {"This has to be filled in."}


def test_a_form_refused_in_english_says_each_field_in_english(api: Api) -> None:
    number = api.report(matter="L03")
    task = api.task(number)

    answer = api.post(
        f"/tasks/{task['id']}/complete",
        {"form": {"answer": "perhaps", "surprise": 1}},
        "station_officer",
        headers={"Accept-Language": "en"},
    )

    errors = {error["pointer"]: error["message"] for error in answer.get_json()["errors"]}
    assert errors == {
        "/form/answer": "There is no such option.",
        "/form/surprise": "The form has no such field.",
    }


def test_a_fault_of_ours_tells_nothing_about_itself(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        message = "canary-in-a-message"
        raise ValueError(message)

    monkeypatch.setattr("storage.places.matters.list_matters", fail)

    answer = api.get("/matters")

    assert_problem(answer, 500, "internal")
    assert "canary" not in answer.get_data(as_text=True)
