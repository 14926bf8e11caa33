"""Switches by area (R71): what is on where, since when, by whom and why; what a switch would do."""

from typing import Any

from flask import redirect, request, url_for

from engine.reads.places import area_steps
from engine.reads.reading import Reading
from handlers.staffing.flags import SWITCHES, effect_of, require_switcher, shown_to
from storage.errors import HangjiError
from storage.moments import in_china
from storage.people.actors import list_names
from storage.places.areas import significant_code
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, rendered
from web.frame.fields import deepest
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write


@site.get("/flags")
@sessions.signed_in
def flag_board() -> Any:
    """What is switched, and the form; with an area and a switch its effect beforehand."""
    return _board()


@site.post("/flags")
@sessions.signed_in
def switch_flag() -> Any:
    """Switch something on or off for an area."""
    body = {
        "area": request.form.get("area", "").strip(),
        "is_on": request.form.get("is_on") == "yes",
        "reason": request.form.get("reason", "").strip(),
    }
    at = {"name": request.form.get("name") or "none"}
    answer = write("staffing.switch", at, body, key=posted_key())
    if answer.is_problem:
        return _board(problem=detail(answer), status=answer.status)
    return redirect(url_for("web.flag_board"), code=303)


def _board(*, problem: str = "", status: int = 200) -> Any:
    asked = request.form or request.args
    area = deepest(asked.getlist("area")) or ""

    def look(reading: Reading) -> dict[str, Any]:
        session, actor = reading.session, reading.actor
        require_switcher(actor)
        flags = shown_to(session, actor)
        names = names_for(reading, areas=[one.area_code for one in flags])
        people = list_names(session, [one.set_by for one in flags])
        return {
            "flags": [
                {
                    "label": t(SWITCHES[one.name].zh, SWITCHES[one.name].en),
                    "area": names.area(one.area_code),
                    "code": one.area_code,
                    "is_on": one.is_on,
                    "by": people.get(one.set_by, ""),
                    "at": one.set_at,
                    "reason": one.reason,
                }
                for one in flags
                if one.name in SWITCHES
            ],
            "switches": [(one.name, t(one.zh, one.en)) for one in SWITCHES.values()],
            "steps": list(area_steps(reading, area)),
            "effect": _effect(reading, asked.get("name", ""), area),
        }

    values = {"key": new_key(), "problem": problem, "typed": asked, "area": area}
    return rendered("staffing/flags.html", status, **seen(look), **values)


def _effect(reading: Reading, name: str, area: str) -> dict[str, Any] | None:
    """What a switch would touch; None where there is nothing to tell yet."""
    if not name or not area:
        return None
    try:
        code = significant_code(area)
        found = effect_of(
            reading.session, reading.actor, name, code, on=in_china(reading.now).date()
        )
    except HangjiError:
        return None
    named = names_for(reading, areas=[code]).area(code)
    return {"villages": found.villages, "short": found.short, "area": named, "code": code}
