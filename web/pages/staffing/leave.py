"""A leave: from when to when, who stands in; one's own, or of somebody of one's department."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.staffing.appointing import may_manage
from storage.errors import NotAllowed
from storage.moments import in_china
from storage.staffing.absences import list_absences_of
from storage.staffing.people import get_person
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.fields import id_of
from web.frame.reading import search_text, seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.staffing.choosing import stand_ins
from web.pages.staffing.shown import period


@site.get("/leave")
@sessions.signed_in
def my_leave() -> Any:
    """One's own leaves, those one stands in for, and the form of a new one."""
    return _page(_of_whom(request.args))


@site.post("/leave")
@sessions.signed_in
def record_leave() -> Any:
    """Put a leave on file, or find who could stand in and keep the other fields."""
    whose = _of_whom(request.form)
    if "find" in request.form:
        return _page(whose)
    names = ("since", "until", "reason")
    body: dict[str, Any] = {name: request.form[name] for name in names if request.form.get(name)}
    substitute = request.form.get("substitute", "")
    if substitute.isdecimal():
        body["substitute"] = int(substitute[:15])
    if whose is not None:
        body["officer"] = whose
    answer = write("absences.record", {}, body, key=posted_key())
    if answer.is_problem:
        return _page(whose, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.my_leave", officer=whose), code=303)


@site.post("/leave/<row:absence_id>/end")
@sessions.signed_in
def end_leave(absence_id: int) -> Any:
    """Come back early, or cancel what has not begun."""
    answer = write("absences.end", {"absence_id": str(absence_id)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.my_leave", officer=_of_whom(request.form)), code=303)


def _of_whom(values: Mapping[str, str]) -> int | None:
    """The officer an address or a form names; None for oneself."""
    return id_of(values.get("officer") or "")


def _page(whose: int | None, *, problem: str = "", status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        session, actor, now = reading.session, reading.actor, reading.now
        absent = get_person(session, whose or actor.id, actor=actor, at=now)
        if absent.id != actor.id and not may_manage(session, actor, absent):
            raise NotAllowed("只能登记自己或本部门人员的请假。", code="person_not_yours")
        return {
            "absent": absent,
            "is_own": absent.id == actor.id,
            "leaves": [
                {
                    "id": leave.id,
                    "name": leave.name,
                    "substitute": leave.substitute,
                    "period": period(leave.since, leave.until),
                    "reason": leave.reason,
                    "is_mine": leave.officer_id == absent.id,
                    "is_over": leave.until <= now,
                    "is_now": leave.since <= now < leave.until,
                }
                for leave in list_absences_of(session, absent.id)
            ],
            "people": stand_ins(reading, absent),
            "today": in_china(now).date().isoformat(),
        }

    values = {"key": new_key(), "problem": problem, "typed": request.form, "q": search_text()}
    return rendered("staffing/leave.html", status, **seen(look), **values)
