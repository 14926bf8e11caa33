"""Starting a case of any process that allows it; the page is made from the start form."""

from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for

from engine.reads.forms import read_start_form
from engine.reads.reading import Reading
from web.frame import sessions
from web.frame.answers import new_key, next_key, posted_key, rendered
from web.frame.choices import Choices, choices_for
from web.frame.fields import Sheet, id_of, posted, shown_again, upload_photos
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write


@site.get("/start/<process>")
@sessions.kept_offline
@sessions.signed_in
def start(process: str) -> Any:
    """The start form of a process."""

    def blank(reading: Reading) -> tuple[Sheet, Choices]:
        form = read_start_form(reading, process)
        sheet = Sheet(form, new_key(), _about(form))
        return sheet, choices_for(reading, sheet.document, sheet.values)

    sheet, choices = seen(blank)
    return _shown(process, sheet, choices, HTTPStatus.OK)


@site.post("/start/<process>")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def start_case(process: str) -> Any:
    """Start it; what was wrong is shown at its field and nothing is lost."""
    form = seen(lambda reading: read_start_form(reading, process))
    sheet = Sheet(form, posted_key(), posted(form))
    upload_photos(sheet)
    status = shown_again(sheet)
    if status is not None:
        return _page(process, sheet, status)
    answer = write("process_starts.start", {"process": process}, sheet.values, key=sheet.key)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _page(process, sheet, answer.status)
    return redirect(url_for("web.case", number=answer.data["number"], done="started"), code=303)


def _about(form: dict[str, Any]) -> dict[str, Any]:
    """The business a link to the form is about."""
    business = id_of(request.args.get("business", ""))
    has_one = any(field["type"] == "business" for field in form["fields"])
    return {"business": business} if business is not None and has_one else {}


def _page(process: str, sheet: Sheet, status: int) -> Any:
    choices = seen(lambda reading: choices_for(reading, sheet.document, sheet.values))
    return _shown(process, sheet, choices, status)


def _shown(process: str, sheet: Sheet, choices: Choices, status: int) -> Any:
    status = status if sheet.document["may_start"] else HTTPStatus.FORBIDDEN
    return rendered("start.html", status, process=process, sheet=sheet, choices=choices)
