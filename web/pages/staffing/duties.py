"""One unit: its platform centre, who answers for it, entering and ending that."""

from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.staffing import duties
from storage.moments import in_china
from storage.staffing.centers import find_center
from storage.staffing.responsibilities import DUTIES, list_responsibilities
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, rendered
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.reading import search_text, seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.staffing.choosing import who_may_answer
from web.pages.staffing.shown import period


def duty_names() -> dict[str, str]:
    """What the three kinds of duty are called."""
    return {
        "overall": t("负总责", "Overall"),
        "in_charge": t("分管", "In charge"),
        "responsible": t("包落实", "Responsible"),
    }


@site.get("/units/<code:code>")
@sessions.signed_in
def unit_duties(code: str) -> Any:
    """Who answers for a unit, and the platform centre it works with."""
    return _unit(code)


@site.post("/units/<code:code>")
@sessions.signed_in
def enter_duty(code: str) -> Any:
    """Enter who answers for it, or find somebody and keep the other fields."""
    if "find" in request.form:
        return _unit(code)
    body: dict[str, Any] = {
        "unit": code,
        "officer": id_of(request.form.get("officer", "")),
        "kind": request.form.get("kind", ""),
        "since": request.form.get("since", ""),
    }
    if request.form.get("until"):
        body["until"] = request.form["until"]
    answer = write("duties.enter", {}, body, key=posted_key())
    if answer.is_problem:
        return _unit(code, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.unit_duties", code=code), code=303)


@site.post("/units/<code:code>/duties/<row:duty_id>/end")
@sessions.signed_in
def end_duty(code: str, duty_id: int) -> Any:
    """End a duty now."""
    answer = write("duties.end", {"duty_id": str(duty_id)}, {}, key=posted_key())
    if answer.is_problem:
        return _unit(code, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.unit_duties", code=code), code=303)


def _unit(code: str, *, problem: str = "", status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        session, actor, now = reading.session, reading.actor, reading.now
        may = duties.may_keep_duties(session, actor, code)
        listed = list_responsibilities(session, actor=actor, at=now, unit=code)
        return {
            "code": code,
            "name": duties.unit_name(session, code, now=now),
            "center": find_center(session, code),
            "kinds": [
                (kind, duty_names()[kind], [one for one in listed if one.kind == kind])
                for kind in DUTIES
            ],
            "may": may,
            "people": who_may_answer(reading) if may else [],
            "today": in_china(now).date().isoformat(),
        }

    values = {
        "key": new_key(),
        "problem": problem,
        "typed": request.form,
        "period": period,
        "q": search_text(),
    }
    return rendered("staffing/unit.html", status, **seen(look), **values)
