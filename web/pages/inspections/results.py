"""Results of inspections: the queue of what waits, the preview, publishing, and the public list."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.inspections import publishing
from handlers.inspections.papers import OfficialPaper, record_of
from handlers.inspections.publishing import PublicResult
from storage.cases.cases import get_visible_case
from storage.errors import NotAllowed
from storage.inspections.results import InspectionResult, list_published, list_waiting
from storage.moments import in_china
from web.frame import sessions, unsent
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.contract import hangji
from web.frame.language import chosen, listed, moment, t
from web.frame.naming import Names, names_for
from web.frame.reading import cursor, seen, seen_by_anyone
from web.frame.site import site
from web.frame.words import word
from web.frame.writing import write
from web.pages.inspections.plans import kind_name
from web.pages.inspections.record import ANSWERS

PUBLIC_WORDS = {
    "resolved": ("发现问题，已经整改", "Problems found and put right"),
    "case_lead": ("发现问题，已移交查处", "Problems found, handed to enforcement"),
}


@site.get("/inspection-results")
@sessions.signed_in
def inspection_results() -> Any:
    """What waits to be public, the most urgent first."""
    return render_template("inspections/results.html", **seen(_waiting))


@site.get("/cases/<number>/inspection/result")
@sessions.signed_in
def inspection_result(number: str) -> Any:
    """A result as the public will see it, with the button that publishes it."""
    return _page(number)


@site.post("/cases/<number>/inspection/publish")
@sessions.signed_in
def publish_inspection_result(number: str) -> Any:
    """Publish it."""
    answer = write("inspection_results.publish", {"number": number}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.inspection_result", number=number), code=303)


@site.post("/cases/<number>/inspection/correct")
@sessions.signed_in
@sessions.keeps_typed
def correct_inspection_result(number: str) -> Any:
    """Correct what is public; the input is shown again where it was refused."""
    typed = {name: request.form.get(name, "").strip() for name in ("text", "reason")}
    if unsent.is_for_review():
        return _page(number, typed, status=unsent.OUT_OF_DATE)
    answer = write("inspection_results.correct", {"number": number}, typed, key=posted_key())
    if answer.is_problem:
        return _page(number, typed, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.inspection_result", number=number), code=303)


@site.get("/public/inspections")
def public_inspections() -> Any:
    """What departments found at businesses, for everybody."""
    return render_template("inspections/public.html", **seen_by_anyone(_published))


def _page(
    number: str, typed: Mapping[str, str] | None = None, *, problem: str = "", status: int = 200
) -> Any:
    shown = seen(lambda reading: _preview(reading, number))
    values = {"number": number, "key": new_key(), "typed": typed or {}, "problem": problem}
    return rendered("inspections/result.html", status, **values, **shown)


def _waiting(reading: Reading) -> dict[str, Any]:
    page = list_waiting(reading.session, reading.actor, cursor=cursor())
    names = names_for(reading, areas=[found.area for found in page.items])
    today = in_china(reading.now).date()
    return {
        "rows": [_row(found, names, today) for found in page.items],
        "next": _next("inspection_results", page.next),
    }


def _row(found: InspectionResult, names: Names, today: date) -> dict[str, Any]:
    return {
        "number": found.number,
        "business": found.business,
        "area": names.area(found.area),
        "kind": kind_name(found.kind),
        "result": _result(found.outcome),
        "ended": moment(found.ended_at),
        "publish_on": found.publish_on.isoformat(),
        "is_late": found.publish_on < today,
    }


def _preview(reading: Reading, number: str) -> dict[str, Any]:
    found, shown = publishing.preview(reading.session, number, actor=reading.actor)
    names = names_for(reading, areas=[found.area])
    reason = ""
    try:
        publishing.require_reviewer(reading.session, found, actor=reading.actor)
    except NotAllowed as refused:
        reason = str(hangji().problem(refused, language=chosen())["detail"])
    case = get_visible_case(reading.session, number, actor=reading.actor)
    record = record_of(reading.session, case)
    return {
        "record": None if record is None else _record(record),
        "result": in_public(shown, names),
        "published": moment(found.published_at),
        "publish_on": found.publish_on.isoformat(),
        "why_not": reason,
    }


def _record(record: OfficialPaper) -> dict[str, Any]:
    """What was found line by line, for whoever reviews the result."""
    numbered = dict(enumerate(record.photos, 1))
    return {
        "officers": listed(record.officers),
        "text": record.text,
        "lines": [
            {
                "name": t(line.name_zh, line.name_en),
                "clause": line.clause,
                "answer": t(*ANSWERS[line.answer]),
                "is_wrong": line.answer == "no",
                "remark": line.remark or "",
                "photos": [numbered[place] for place in line.photos],
            }
            for line in record.lines
        ],
    }


def _published(reading: Reading) -> dict[str, Any]:
    page = list_published(reading.session, cursor=cursor())
    shown = publishing.public_results(reading.session, page.items)
    names = names_for(reading, areas=[found.area for found in shown])
    return {
        "rows": [in_public(found, names) for found in shown],
        "next": _next("public_inspections", page.next),
    }


def in_public(found: PublicResult, names: Names) -> dict[str, Any]:
    """A result as everybody reads it."""
    return {
        "business": found.business,
        "area": names.area(found.area),
        "kind": kind_name(found.kind),
        "on": found.inspected_on.isoformat(),
        "result": _result(found.result),
        "problems": [t(line.name_zh, line.name_en) for line in found.problems],
        "corrections": [
            (in_china(each.corrected_at).date().isoformat(), each.text)
            for each in found.corrections
        ],
    }


def _result(outcome: str | None) -> str:
    """An outcome in words the public understands."""
    return t(*PUBLIC_WORDS[outcome]) if outcome in PUBLIC_WORDS else word(outcome)


def _next(page: str, place: str | None) -> str | None:
    return None if place is None else url_for(f"web.{page}", cursor=hangji().seal(place))
