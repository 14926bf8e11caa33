"""What a page writes is what the API writes: one code, one key, one line in the log."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.http.declared import Read, Write, declared_of
from tests.web.town import UNIT, Town
from web.pages.cases.case import CASE_ACTIONS
from web.pages.tasks.acts import AT_ONCE, BESIDE, WITH_REASON

PAGES = Path(__file__).parents[2] / "web"
NAMED = re.compile(r'\b(write|write_as_anyone|ask|ask_as_anyone)\(\s*"([a-z_.]+)"')
KEY = "0123456789abcdef0123456789abcdef"
REPORT = {"matter": "L02", "area": UNIT, "description": "一次", "no_photo_reason": "无"}


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The requests of the log so far."""
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line]
    return [line for line in told if line["event"] == "request"]


def test_a_page_names_only_routes_that_are_declared(town: Town) -> None:
    named = {
        (name, Write if how.startswith("write") else Read)
        for page in PAGES.glob("pages/**/*.py")
        for how, name in NAMED.findall(page.read_text(encoding="utf-8"))
    }
    named |= {(f"tasks.{name}_task", Write) for name in (*BESIDE, *AT_ONCE, *WITH_REASON)}
    named |= {(f"cases.{name}_case", Write) for name in CASE_ACTIONS}

    declared = {(name, type(declared_of(town.app.view_functions[name]))) for name, _ in named}

    assert len(named) > 20
    assert declared == named


def test_a_page_and_a_program_that_send_the_same_under_one_key_write_once(town: Town) -> None:
    visitor = town.visitor("grid_member")
    csrf = re.findall(r'name="csrf" value="([^"]+)"', visitor.page("/report"))[-1]

    filed = visitor.client.post("/report", data={**REPORT, "key": KEY, "csrf": csrf})
    again = town.app.test_client().post(
        "/api/v1/reports",
        json=REPORT,
        headers={"Authorization": f"Bearer {town.token('grid_member')}", "Idempotency-Key": KEY},
    )

    assert (filed.status_code, again.status_code) == (303, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert f"/cases/{again.get_json()['number']}?" in filed.location


def test_a_write_of_a_page_is_one_request_and_one_line(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor = town.visitor("grid_member")
    csrf = re.findall(r'name="csrf" value="([^"]+)"', visitor.page("/report"))[-1]
    lines(capsys)

    for _ in range(2):
        visitor.client.post("/report", data={**REPORT, "key": KEY, "csrf": csrf})

    written = lines(capsys)
    assert [(line["route"], line["status"]) for line in written] == [("/report", 303)] * 2
    assert [line["replayed"] for line in written] == [False, True]
    assert {line["officer"] for line in written} != {None}


def test_what_json_cannot_hold_is_refused_and_not_taken_for_nothing(town: Town) -> None:
    form = {**REPORT, "description": float("nan")}

    with town.app.test_request_context("/report"):
        handed = town.app.extensions["hangji.pages"]
        with pytest.raises(Exception, match="not valid JSON"):
            handed.write(None, None, form, "tokens.sign_in", {})


def test_an_address_no_route_has_is_not_found_and_nobody_is_let_in_by_a_page(town: Town) -> None:
    number = town.file()

    with town.app.test_request_context("/cases"):
        handed = town.app.extensions["hangji.pages"]
        codes = []
        for at in ({"number": "a/b"}, {"number": number}):
            with pytest.raises(Exception, match=r"\.") as refused:
                handed.write(None, KEY, {"text": "补充"}, "cases.note_case", at)
            codes.append(refused.value.code)  # type: ignore[attr-defined]  # hangji's own errors

    assert codes == ["no_such_address", "not_signed_in"]
