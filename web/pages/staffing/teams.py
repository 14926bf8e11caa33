"""The team of a business as a page that prints as a card."""

from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.staffing import team
from storage.staffing.people import PeopleFilter, list_people
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, rendered
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write

MOST = 200


@site.get("/businesses/<row:business_id>/team")
@sessions.signed_in
def business_team(business_id: int) -> Any:
    """Who watches over this business, and which place is vacant."""
    return _team(business_id)


@site.post("/businesses/<row:business_id>/team")
@sessions.signed_in
def override_slot(business_id: int) -> Any:
    """Fill a place by hand until a day."""
    body = {
        "officer": id_of(request.form.get("officer", "")),
        "reason": request.form.get("reason", "").strip(),
        "expires_on": request.form.get("expires_on", ""),
    }
    at = {"business_id": str(business_id), "slot": request.form.get("slot", "none")}
    answer = write("teams.override", at, body, key=posted_key())
    if answer.is_problem:
        return _team(business_id, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.business_team", business_id=business_id), code=303)


def _team(business_id: int, *, problem: str = "", status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        session, actor, now = reading.session, reading.actor, reading.now
        found = team.derive(session, business_id, actor=actor, now=now)
        people = (
            list_people(session, PeopleFilter(active=True), actor=actor, at=now, limit=MOST).items
            if found.may_override
            else ()
        )
        return {
            "team": found,
            "names": slot_names(),
            "states": _states(),
            "people": [(one.id, one.name) for one in people],
        }

    values = {"key": new_key(), "problem": problem, "typed": request.form}
    return rendered("staffing/team.html", status, **seen(look), **values)


def slot_names() -> dict[str, str]:
    """The places of a team in the reader's language."""
    return {
        "supervisor_1": t("第一监管人员", "First supervising officer"),
        "supervisor_2": t("第二监管人员", "Second supervising officer"),
        "grid_leader": t("网格长", "Grid leader"),
        "grid_member": t("网格员", "Grid member"),
        "unit_leader": t("单元长", "Unit leader"),
    }


def _states() -> dict[str, tuple[str, str]]:
    return {
        "filled": ("good", t("在岗", "Filled")),
        "vacant": ("late", t("空缺", "Vacant")),
        "same_person": ("warn", t("一人兼两个位置", "Same person twice")),
        "override": ("doing", t("手工指定", "Set by hand")),
        "conflict": ("late", t("须回避：就是主体自己", "Conflict: the business itself")),
    }
