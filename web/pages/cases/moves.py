"""What clerks do with a whole case on a page of its own: merge it, split it, see who reported."""

from typing import Any

from flask import redirect, request, url_for

from engine.reads.cases import CaseShown, read_case, read_original, read_with_originals
from engine.reads.forms import read_start_form
from engine.reads.reading import Reading
from storage.city.rules import installed
from storage.errors import FormInvalid, NotAllowed
from web.frame import sessions
from web.frame.answers import detail, new_key, next_key, posted_key, problem_page, rendered
from web.frame.choices import choices_for
from web.frame.fields import Sheet, posted, shown_again, upload_photos
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.work import case_row_of
from web.frame.writing import write

_OF_THE_WHOLE = ("kind", "matter", "area", "business", "channel", "location")
"""What a part has in common with its case until somebody changes it."""


@site.get("/cases/<number>/merge")
@sessions.signed_in
def merge_page(number: str) -> Any:
    """The case beside those it may be merged into."""
    return _merging(number, {"key": new_key()})


@site.post("/cases/<number>/merge")
@sessions.signed_in
@sessions.keeps_typed
def merge_case(number: str) -> Any:
    """Close it as a duplicate of the chosen one."""
    into = (request.form.get("other") or request.form.get("into") or "").strip()
    into = _whole(number, into)
    given = {"into": into, "reason": (request.form.get("reason") or "").strip()}
    key = posted_key()
    answer = write("cases.merge", {"number": number}, given, key=key)
    if answer.is_problem:
        again = {**given, "key": next_key(answer, used=key), "problem": detail(answer)}
        return _merging(number, again, answer.status)
    return redirect(url_for("web.case", number=into, done="merge"), code=303)


@site.get("/cases/<number>/split")
@sessions.signed_in
def split_page(number: str) -> Any:
    """The form of a part of the case, filled in with what both have in common."""
    return _splitting(number, None)


@site.post("/cases/<number>/split")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def split_case(number: str) -> Any:
    """File the part as a case of its own."""
    document = seen(lambda reading: _part_form(reading, _allowed(reading, number, "split")))
    sheet = Sheet(document, posted_key(), posted(document))
    upload_photos(sheet)
    status = shown_again(sheet)
    if status is not None:
        return _splitting(number, sheet, status)
    body = {"parts": [sheet.values], "reason": (request.form.get("reason") or "").strip()}
    answer = write("cases.split", {"number": number}, body, key=sheet.key)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _splitting(number, sheet, answer.status)
    return redirect(url_for("web.case", number=answer.data["into"][0], done="split"), code=303)


@site.post("/cases/<number>/reporter")
@sessions.signed_in
def see_reporter(number: str) -> Any:
    """Show who reported, once; the purpose is on file."""
    purpose = (request.form.get("text") or "").strip()
    answer = write("cases.read_reporter", {"number": number}, {"purpose": purpose})
    if answer.is_problem:
        return problem_page(answer)
    page = rendered("reporter.html", number=number, reporter=answer.data, purpose=purpose)
    page.headers["Cache-Control"] = "no-store"
    return page


def _whole(number: str, typed: str) -> str:
    """The whole number of the case that is meant; what is typed where it names none or several."""
    try:
        brief = seen(lambda reading: read_original(reading, number, typed))
    except FormInvalid:
        return typed
    return typed if brief is None else str(brief.number)


def _merging(number: str, given: dict[str, str], status: int = 200) -> Any:
    return rendered(
        "merge.html", status, **seen(lambda reading: _look_around(reading, number)), given=given
    )


def _look_around(reading: Reading, number: str) -> dict[str, Any]:
    metres = installed().thresholds.officers_see_metres
    case, originals = read_with_originals(reading, number, metres=metres)
    _require(case, "merge")
    briefs = [each.case for each in originals]
    names = names_for(
        reading,
        areas=[case.area, *(brief.area for brief in briefs)],
        businesses=[case.business_id, *(brief.business_id for brief in briefs)],
    )
    rows = [case_row_of(brief, names, now=reading.now) for brief in briefs]
    return {
        "case": case,
        "row": case_row_of(case, names, now=reading.now),
        "originals": list(zip(originals, rows, strict=True)),
        "names": names,
    }


def _splitting(number: str, sheet: Sheet | None, status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        case = _allowed(reading, number, "split")
        part = sheet or _new_part(reading, case)
        choices = choices_for(reading, part.document, part.values)
        return {"case": case, "names": names_for(reading), "sheet": part, "choices": choices}

    reason = request.form.get("reason", "")
    return rendered("split.html", status, **seen(look), reason=reason)


def _new_part(reading: Reading, case: CaseShown) -> Sheet:
    document = _part_form(reading, case)
    asked = {field["name"] for field in document["fields"]}
    whole = {name: getattr(case, name, None) for name in _OF_THE_WHOLE if name in asked}
    values = {name: value for name, value in whole.items() if value is not None}
    if case.kind == "public_report":
        values.pop("kind", None)
    return Sheet(document, new_key(), values)


def _part_form(reading: Reading, case: CaseShown) -> dict[str, Any]:
    return read_start_form(reading, case.kind)


def _allowed(reading: Reading, number: str, action: str) -> CaseShown:
    case = read_case(reading, number)
    _require(case, action)
    return case


def _require(case: CaseShown, action: str) -> None:
    if action not in case.allowed_actions:
        message = t("这件案件您不能这样办理。", "You cannot do this with this case.")
        raise NotAllowed(message, code="not_offered")
