"""Filing a report as an officer: text, photos, place."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask import redirect, render_template, request, url_for

from engine.reads.forms import Advice, list_advice, read_start_form
from engine.reads.reading import Reading
from storage.cases.related import list_own_open
from storage.city.rules import installed
from storage.people.roles import GRID_ASSISTANTS, roles_that
from web.frame import sessions
from web.frame.answers import new_key, next_key, posted_key, rendered
from web.frame.choices import Choices, choices_for, emergencies
from web.frame.contract import hangji
from web.frame.fields import INVALID, Sheet, deepest, id_of, posted, shown_again, upload_photos
from web.frame.language import moment, t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.reports.stop import stops

PROCESS = "grid_report"
NOT_ALLOWED = 403
AT_ONCE: Final = timedelta(minutes=2)
"""Sent within it a report is taken for one written when it was filed."""
_CODE: Final = re.compile(r"[A-Za-z0-9]{1,18}", re.ASCII)


@site.get("/report")
@sessions.embeddable
@sessions.kept_offline
@sessions.signed_in
def report() -> Any:
    """The form."""
    if not sessions.may_report():
        return _closed()
    sheet, choices, advice = seen(_blank)
    return rendered("report.html", sheet=sheet, choices=choices, advice=advice)


@site.post("/report")
@sessions.embeddable
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def file_report() -> Any:
    """File it; what was wrong is shown at its field and nothing is lost."""
    form = _form()
    sheet = Sheet(form, posted_key(), posted(form))
    upload_photos(sheet)
    status = shown_again(sheet) or (INVALID if stops(sheet, seen(emergencies)) else None)
    if status is not None:
        return _page(sheet, status)
    answer = write("reports.file_report", {}, _told_late(sheet.values), key=sheet.key)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _page(sheet, answer.status)
    return redirect(url_for("web.case", number=answer.data["number"], done="reported"), code=303)


@site.post("/report/alike")
@sessions.embeddable
@sessions.signed_in
def reported_alike() -> Any:
    """The reader's own open reports of the same matter and place, to be seen before sending."""
    return render_template("alike.html", alike=seen(_alike))


def _alike(reading: Reading) -> list[dict[str, str]]:
    matter = request.form.get("matter", "")
    # The steps down to a place are one field each; the last one chosen is the place.
    area = deepest(request.form.getlist("area")) or ""
    if not _CODE.fullmatch(matter) or not _CODE.fullmatch(area):
        return []
    cases = list_own_open(
        reading.session,
        reading.actor.id,
        matter=matter,
        area=area,
        business_id=id_of(request.form.get("business", "")),
        since=reading.now - timedelta(days=installed().thresholds.nearby_days),
    )
    names = names_for(
        reading,
        areas=[case.area_code for case in cases],
        businesses=[case.business_id for case in cases],
    )
    return [
        {
            "number": case.number,
            "title": names.matter(case.matter) or case.title,
            "where": names.businesses.get(case.business_id or 0) or names.area(case.area_code),
            "at": moment(case.opened_at),
        }
        for case in cases
    ]


def _told_late(values: Mapping[str, Any]) -> dict[str, Any]:
    """When it was written, for a report that waited for a signal; sent at once the filing says it.

    A clock that is wrong is kept as it is: the time of arrival stands beside it on file.
    """
    kept = {name: value for name, value in values.items() if name != "found_at"}
    try:
        written = datetime.fromisoformat(values.get("found_at", ""))
        is_late = abs(hangji().clock.now() - written) > AT_ONCE
    except (ValueError, TypeError):
        return kept
    return {**kept, "found_at": written.isoformat()} if is_late else kept


def _closed() -> Any:
    """Refuse before anything is typed."""
    title = t("您的岗位不上报", "Your posts do not report")
    text = t(
        "上报由网格单元协管员和市场监管部门工作人员负责；您可以以群众身份反映。",
        "Grid assistants and staff of the department report; you may report as a citizen.",
    )
    return rendered("problem.html", NOT_ALLOWED, title=title, detail=text, unsent={})


def _blank(reading: Reading) -> tuple[Sheet, Choices, list[Advice]]:
    """The form; a link of a round fills in where and about whom."""
    sheet = Sheet(read_start_form(reading, PROCESS), new_key(), _linked())
    return sheet, *_offered(reading, sheet)


def _offered(reading: Reading, sheet: Sheet) -> tuple[Choices, list[Advice]]:
    """The choices of the form; who belongs to a department is told where to enter (R30)."""
    choices = choices_for(reading, sheet.document, sheet.values)
    departments = roles_that("collects") - GRID_ASSISTANTS
    is_department = not reading.actor.roles.isdisjoint(departments)
    return choices, list_advice(reading, PROCESS) if is_department else []


def _linked() -> dict[str, Any]:
    given = {name: request.args.get(name, "") for name in ("area", "business", "matter")}
    return {name: code for name, code in given.items() if _CODE.fullmatch(code)}


def _form() -> dict[str, Any]:
    return seen(lambda reading: read_start_form(reading, PROCESS))


def _page(sheet: Sheet, status: int = 200) -> Any:
    choices, advice = seen(lambda reading: _offered(reading, sheet))
    return rendered("report.html", status, sheet=sheet, choices=choices, advice=advice)
