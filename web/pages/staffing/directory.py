"""The directory: people of one's areas by name, role and mark; one person with their account."""

from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.staffing.appointing import keeps_accounts, may_appoint, may_manage, own_units
from storage.people.roles import ROLES
from storage.staffing.absences import list_absences_of
from storage.staffing.on_call import PostOnCall, list_told_of_emergencies
from storage.staffing.people import (
    Employee,
    PeopleFilter,
    count_people,
    get_person,
    guards_accounts,
    list_people,
)
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.naming import role_name
from web.frame.reading import cursor, search_text, seen
from web.frame.site import site
from web.frame.writing import PageAnswer, write
from web.pages.staffing.shown import holding_row, period

ACTS = {"suspend": "people.suspend", "resume": "people.resume", "reset": "people.reset_password"}


@site.get("/people")
@sessions.signed_in
def directory() -> Any:
    """People of one's areas and of the units responsible for them."""
    return render_template("staffing/directory.html", **seen(_listed))


@site.get("/people/new")
@sessions.signed_in
def new_person() -> Any:
    """The form by which a department enters somebody."""
    return render_template("staffing/new_person.html", **_blank({}))


@site.post("/people/new")
@sessions.signed_in
def enter_person() -> Any:
    """Enter them; their password link is shown this once."""
    names = ("username", "name", "phone", "employer_unit")
    typed = {name: request.form[name].strip() for name in names if request.form.get(name)}
    body = {**typed, "field_officer": "field_officer" in request.form}
    answer = write("people.enter", {}, body, key=posted_key())
    if answer.is_problem:
        values = _blank(typed, problem=detail(answer), wrong=_wrong(answer))
        return rendered("staffing/new_person.html", answer.status, **values)
    return _person(answer.data["person"]["id"], link=answer.data["link"])


@site.get("/people/<row:person_id>")
@sessions.signed_in
def person(person_id: int) -> Any:
    """One person: what they hold, how they are reached, and their account."""
    return _person(person_id)


@site.post("/people/<row:person_id>/<any(suspend, resume, reset):act>")
@sessions.signed_in
def change_account(person_id: int, act: str) -> Any:
    """Suspend, resume, or reset the password; the effect is shown afterwards."""
    body = {"reason": request.form.get("reason", "").strip()} if act == "suspend" else {}
    answer = write(ACTS[act], {"person_id": str(person_id)}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    if act == "resume":
        return redirect(url_for("web.person", person_id=person_id), code=303)
    return _person(person_id, link=answer.data.get("link"), claims=answer.data.get("claims"))


@site.post("/people/<row:person_id>/correct")
@sessions.signed_in
def correct_person(person_id: int) -> Any:
    """Correct the name, the telephone and the mark of field officers; all three are sent."""
    body = {name: request.form.get(name, "").strip() for name in ("name", "phone")}
    sent = {
        **body,
        "phone": body["phone"] or None,
        "field_officer": "field_officer" in request.form,
    }
    answer = write("people.correct", {"person_id": str(person_id)}, sent, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.person", person_id=person_id), code=303)


def _listed(reading: Reading) -> dict[str, Any]:
    area, role = request.args.get("area") or None, request.args.get("role") or None
    is_marked = True if request.args.get("field") else None
    is_active = False if request.args.get("suspended") else None
    wanted = PeopleFilter(search_text(), role, area, is_marked, is_active)
    session, actor, now = reading.session, reading.actor, reading.now
    page = list_people(session, wanted, actor=actor, at=now, cursor=cursor(), limit=100)
    return {
        "people": [
            {
                "id": one.id,
                "name": one.name,
                "phone": one.phone,
                "posts": [held.title for held in one.holdings if held.is_current(now)],
                "field_officer": one.field_officer,
                "active": one.active,
            }
            for one in page.items
        ],
        "count": count_people(session, wanted, actor=actor, at=now),
        "wanted": request.args,
        "roles": [(name, role_name(name)) for name in ROLES],
        "may_enter": may_appoint(actor),
        "is_of_all": keeps_accounts(actor) or guards_accounts(actor),
        "sees_accounts": may_appoint(actor) or guards_accounts(actor),
        "next": page.next and _next(page.next),
        "on_call": _on_call(reading),
    }


def _on_call(reading: Reading) -> list[PostOnCall]:
    """Who hears of emergencies where one works, before anything was searched for."""
    if request.args or not reading.actor.prefixes:
        return []
    return list_told_of_emergencies(reading.session, actor=reading.actor, at=reading.now)


def _next(place: str) -> str:
    from_here: dict[str, Any] = {**request.args, "cursor": hangji().seal(place)}
    return url_for("web.directory", **from_here)


def _blank(
    typed: dict[str, str], *, problem: str = "", wrong: frozenset[str] = frozenset()
) -> dict[str, Any]:
    values = {"typed": typed, "problem": problem, "wrong": wrong, "key": new_key()}
    return {**values, **seen(_units)}


def _units(reading: Reading) -> dict[str, Any]:
    """Where somebody may be entered: the units one answers for, and the places of one's posts."""
    actor = reading.actor
    places = {post.place: post.title for post in actor.posts if ROLES[post.role].appoints}
    places |= {unit.code: unit.name for unit in own_units(reading.session, actor)}
    return {"units": list(places.items())}


def _wrong(answer: PageAnswer) -> frozenset[str]:
    return frozenset(error["pointer"].lstrip("/") for error in answer.data.get("errors", []))


def _on_leave(reading: Reading, person: Employee) -> str:
    """From when to when somebody is away and who stands in; why is for nobody else."""
    theirs = [
        leave
        for leave in list_absences_of(reading.session, person.id)
        if leave.officer_id == person.id and leave.until > reading.now
    ]
    if not theirs:
        return ""
    leave = min(theirs, key=lambda one: one.since)
    who = leave.substitute or t("无", "nobody")
    return f"{period(leave.since, leave.until)}{t('，代班：', ', stands in: ')}{who}"


def _person(person_id: int, *, link: str | None = None, claims: Any = None) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        session, actor, now = reading.session, reading.actor, reading.now
        known = get_person(session, person_id, actor=actor, at=now)
        return {
            "person": known,
            "holdings": [holding_row(held, now) for held in known.holdings],
            "may_manage": may_manage(session, actor, known),
            "on_leave": _on_leave(reading, known),
        }

    told = (
        None
        if claims is None
        else t(
            f"账号已停用，令牌当即作废。已认领的 {len(claims)} 个环节退回岗位。",
            f"Suspended; tokens are void. {len(claims)} tasks taken go back to their posts.",
        )
    )
    shown_link = None if link is None else request.url_root.rstrip("/") + link
    values = {"key": new_key(), "link": shown_link, "told": told, "claims": claims or []}
    return render_template("staffing/person.html", **seen(look), **values)
