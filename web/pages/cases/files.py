"""The file of a case to take away: the zip and the JSON to verify, the PDF to read."""

from typing import Any

from flask import Response

from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.contract import hangji
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask
from web.pages.cases.case import look_at_case
from web.pages.cases.paper import paper_of
from web.pages.cases.photos import photo_of


@site.get("/cases/<number>/file.zip")
@sessions.signed_in
def case_file(number: str) -> Any:
    """The case file, to keep and to verify offline."""
    return _exported(number, "zip")


@site.get("/cases/<number>/file.json")
@sessions.signed_in
def case_data(number: str) -> Any:
    """The case file as data, without its photos."""
    return _exported(number, "json")


@site.get("/cases/<number>/file.pdf")
@sessions.signed_in
def case_paper(number: str) -> Any:
    """What the page shows on paper, with the signed file attached; on the audit log like it."""
    exported = ask("case_exports.export", {"number": number}, {"format": "json"})
    if exported.is_problem:
        return problem_page(exported)
    response = Response(_drawn(number, exported.data.get_data()), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename={number}.pdf"
    response.headers["Cache-Control"] = "no-store"
    return response


def _drawn(number: str, attached: bytes) -> bytes:
    shown, officer = seen(lambda reading: look_at_case(reading, number)), sessions.actor()
    by = "" if officer is None else officer.name
    return paper_of(shown, photo_of, by=by, now=hangji().clock.now(), attached=attached)


def _exported(number: str, kind: str) -> Any:
    answer = ask("case_exports.export", {"number": number}, {"format": kind})
    if answer.is_problem:
        return problem_page(answer)
    answer.data.make_sequence()
    return answer.data
