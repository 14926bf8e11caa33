"""What whoever reported adds to an open case, as a form of two fields, and its officers' page."""

from typing import Any

from flask import redirect, url_for

from engine.reads.cases import CaseShown, read_case
from engine.reads.reading import Reading
from storage.errors import NotAllowed
from web.frame import sessions
from web.frame.answers import new_key, next_key, posted_key, rendered
from web.frame.fields import Sheet, posted, shown_again, upload_photos
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.cases.record import ADDITION


@site.get("/cases/<number>/add")
@sessions.signed_in
def add_page(number: str) -> Any:
    """The form of what a collector adds to their own case."""
    return _page(number, Sheet(ADDITION, new_key()))


@site.post("/cases/<number>/add")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def add_to_case(number: str) -> Any:
    """Put it on file; whoever holds the case is told."""
    sheet = Sheet(ADDITION, posted_key(), posted(ADDITION))
    upload_photos(sheet)
    status = shown_again(sheet)
    if status is not None:
        return _page(number, sheet, status)
    answer = write("cases.add", {"number": number}, sheet.values, key=sheet.key)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _page(number, sheet, answer.status)
    return redirect(url_for("web.case", number=number, done="add"), code=303)


def _page(number: str, sheet: Sheet, status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        return {"case": _own(reading, number), "names": names_for(reading)}

    return rendered("case_add.html", status, **seen(look), sheet=sheet)


def _own(reading: Reading, number: str) -> CaseShown:
    case = read_case(reading, number)
    if "add" not in case.allowed_actions:
        message = "这件事已经办结，或不是您采集的，不能补充。"
        raise NotAllowed(message, code="not_offered")
    return case
