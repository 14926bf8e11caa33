"""My leave, on a phone: from when to when, who stands in, and what was recorded."""

from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from storage.moments import in_china
from storage.staffing.absences import list_absences_of
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.reading import search_text, seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.staffing.choosing import stand_ins
from web.pages.staffing.shown import period


@site.get("/leave")
@sessions.signed_in
def my_leave() -> Any:
    """One's own leaves, those one stands in for, and the form of a new one."""
    return _page()


@site.post("/leave")
@sessions.signed_in
def record_leave() -> Any:
    """Put a leave on file, or find who could stand in and keep the other fields."""
    if "find" in request.form:
        return _page()
    names = ("since", "until", "reason")
    body: dict[str, Any] = {name: request.form[name] for name in names if request.form.get(name)}
    substitute = request.form.get("substitute", "")
    if substitute.isdecimal():
        body["substitute"] = int(substitute[:15])
    answer = write("absences.record", {}, body, key=posted_key())
    if answer.is_problem:
        return _page(problem=detail(answer), status=answer.status)
    return redirect(url_for("web.my_leave"), code=303)


@site.post("/leave/<row:absence_id>/end")
@sessions.signed_in
def end_leave(absence_id: int) -> Any:
    """Come back early, or cancel what has not begun."""
    answer = write("absences.end", {"absence_id": str(absence_id)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.my_leave"), code=303)


def _page(*, problem: str = "", status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        session, actor, now = reading.session, reading.actor, reading.now
        return {
            "leaves": [
                {
                    "id": leave.id,
                    "name": leave.name,
                    "substitute": leave.substitute,
                    "period": period(leave.since, leave.until),
                    "reason": leave.reason,
                    "is_mine": leave.officer_id == actor.id,
                    "is_over": leave.until <= now,
                    "is_now": leave.since <= now < leave.until,
                }
                for leave in list_absences_of(session, actor.id)
            ],
            "people": stand_ins(reading),
            "today": in_china(now).date().isoformat(),
        }

    values = {"key": new_key(), "problem": problem, "typed": request.form, "q": search_text()}
    return rendered("staffing/leave.html", status, **seen(look), **values)
