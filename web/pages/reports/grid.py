"""Filing a report as an officer: text, photos, place."""

from typing import Any

from flask import redirect, url_for

from web.frame import sessions
from web.frame.answers import new_key, next_key, posted_key, problem_page, rendered
from web.frame.choices import choices_for
from web.frame.client import Client
from web.frame.fields import Sheet, posted, shown_again, upload_photos
from web.frame.site import site

PROCESS = "grid_report"


@site.get("/report")
@sessions.signed_in
def report() -> Any:
    """The form."""
    client = sessions.client()
    form = client.get(f"/processes/{PROCESS}/form")
    return problem_page(form) if form.is_problem else _page(client, Sheet(form.data, new_key()))


@site.post("/report")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def file_report() -> Any:
    """File it; what was wrong is shown at its field and nothing is lost."""
    client = sessions.client()
    form = client.get(f"/processes/{PROCESS}/form")
    if form.is_problem:
        return problem_page(form)
    sheet = Sheet(form.data, posted_key(), posted(form.data))
    upload_photos(client, sheet)
    status = shown_again(sheet)
    if status is not None:
        return _page(client, sheet, status)
    answer = client.post("/reports", sheet.values, key=sheet.key)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _page(client, sheet, answer.status)
    return redirect(url_for("web.case", number=answer.data["number"], done="reported"), code=303)


def _page(client: Client, sheet: Sheet, status: int = 200) -> Any:
    choices = choices_for(client, sheet.document, sheet.values)
    return rendered("report.html", status, sheet=sheet, choices=choices)
