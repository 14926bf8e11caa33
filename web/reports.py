"""Filing a report as an officer: text, photos, place."""

from typing import Any

from flask import redirect, request, url_for

from web import sessions
from web.answers import new_key, posted_key, problem_page, rendered
from web.choices import choices_for
from web.client import Client
from web.fields import MORE, Sheet, posted, upload_photos
from web.site import site

PROCESS = "grid_report"
INVALID = 422


@site.get("/report")
@sessions.signed_in
def report() -> Any:  # noqa: ANN401 - any answer of Flask
    """The form."""
    client = sessions.client()
    form = client.get(f"/processes/{PROCESS}/form")
    return problem_page(form) if form.is_problem else _page(client, Sheet(form.data, new_key()))


@site.post("/report")
@sessions.photos_allowed
@sessions.signed_in
def file_report() -> Any:  # noqa: ANN401 - any answer of Flask
    """File it; what was wrong is shown at its field and nothing is lost."""
    client = sessions.client()
    form = client.get(f"/processes/{PROCESS}/form")
    if form.is_problem:
        return problem_page(form)
    sheet = Sheet(form.data, posted_key(), posted(form.data))
    upload_photos(client, sheet)
    if sheet.errors or request.form.get(MORE):
        return _page(client, sheet, INVALID if sheet.errors else 200)
    answer = client.post("/reports", sheet.values, key=sheet.key)
    if answer.is_problem:
        return _page(client, sheet.refused(answer, new_key()), answer.status)
    return redirect(url_for("web.case", number=answer.data["number"], done="reported"), code=303)


def _page(client: Client, sheet: Sheet, status: int = 200) -> Any:  # noqa: ANN401 - any answer of Flask
    choices = choices_for(client, sheet.document, sheet.values)
    return rendered("report.html", status, sheet=sheet, choices=choices)
