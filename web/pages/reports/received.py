"""A report that came by the hotline, written down by whoever takes it: 12345, post, transfers.

The same form and the same flow as the public's own report; the channel is named, and the case file
tells who wrote it down.
"""

from typing import Any

from flask import render_template, request

from engine.reads.forms import read_start_form
from engine.reads.reading import Reading
from storage.errors import NotAllowed
from web.frame import sessions
from web.frame.answers import new_key, next_key, posted_key, rendered
from web.frame.choices import choices_for, emergencies
from web.frame.fields import INVALID, Sheet, posted, shown_again, upload_photos
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.reports.stop import stops

PROCESS = "public_report"
USUAL = "hotline"
TAKERS = ("triage", "village_assistant", "platform_center", "supervisor")
"""Posts that take what the public and other offices hand over."""


@site.get("/reports/received")
@sessions.signed_in
def received_report() -> Any:
    """The form, with the hotline as the channel."""
    sheet = _sheet(new_key())
    sheet.values = {"channel": USUAL}
    return _page(sheet, {})


@site.post("/reports/received")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def file_received_report() -> Any:
    """File it and show number and code, to be told to who reported."""
    sheet = _sheet(posted_key())
    sheet.values = posted(sheet.document)
    upload_photos(sheet)
    reporter = _reporter()
    status = shown_again(sheet) or (INVALID if stops(sheet, seen(emergencies)) else None)
    if status is not None:
        return _page(sheet, reporter, status)
    body = {**sheet.values, "reporter": reporter or {"anonymous": True}}
    answer = write("public_reports.file_public_report", {}, body, key=sheet.key)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _page(sheet, reporter, answer.status)
    return render_template("public_filed.html", **answer.data)


def _sheet(key: str) -> Sheet:
    return Sheet(seen(_form), key)


def _form(reading: Reading) -> dict[str, Any]:
    if reading.actor.roles.isdisjoint(TAKERS):
        message = "来电来信由初分岗、村居协管员、平台中心和督办岗登记。"
        raise NotAllowed(message, code="not_a_taker")
    return read_start_form(reading, PROCESS)


def _reporter() -> dict[str, Any]:
    """Who reported, as far as they said."""
    given = {
        name: (request.form.get(f"reporter_{name}") or "").strip() for name in ("name", "phone")
    }
    return given if any(given.values()) else {}


def _page(sheet: Sheet, reporter: dict[str, Any], status: int = 200) -> Any:
    document, values = sheet.document, sheet.values
    choices = seen(lambda reading: choices_for(reading, document, values))
    shown = {"sheet": sheet, "choices": choices, "reporter": reporter, "is_received": True}
    return rendered("public_report.html", status, **shown)
