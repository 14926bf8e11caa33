"""Units at their three levels, posts with their holders, appointing somebody, ending a holding."""

from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.staffing import holding
from handlers.staffing.appointing import may_fill, require_filling
from storage.moments import in_china
from storage.people.roles import ROLES
from storage.places.units import list_jurisdictions, list_units
from storage.staffing.holdings import count_open_of, get_holding, list_holdings
from storage.staffing.people import get_person
from storage.staffing.posts import ListedPost, PostFilter, get_post, list_posts
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.fields import id_of
from web.frame.reading import search_text, seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.staffing.choosing import candidates
from web.pages.staffing.offers import abouts, offers_shown
from web.pages.staffing.shown import holding_row

MOST = 200


@site.get("/units")
@sessions.signed_in
def units() -> Any:
    """City, county and station: their posts and who holds them (R16)."""
    return render_template("staffing/units.html", **seen(_tree))


@site.post("/posts/set-up")
@sessions.signed_in
def set_up_post() -> Any:
    """Set up the post of a gap, or find it there, and go on to appoint somebody."""
    body = {name: request.form.get(name, "") for name in ("role", "place")}
    answer = write("posts.set_up", {}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.post", post_id=answer.data["id"]), code=303)


@site.get("/posts/<post:post_id>")
@sessions.signed_in
def post(post_id: str) -> Any:
    """One post: who holds it, who held it, and appointing somebody."""
    return _post(post_id)


@site.post("/posts/<post:post_id>")
@sessions.signed_in
def appoint(post_id: str) -> Any:
    """Appoint somebody from a day on."""
    names = ("since", "until", "kind", "document")
    body: dict[str, Any] = {name: request.form[name] for name in names if request.form.get(name)}
    body["officer"] = id_of(request.form.get("officer", ""))
    answer = write("posts.appoint", {"post_id": post_id}, body, key=posted_key())
    if answer.is_problem:
        if body["officer"] is None:
            return _post(post_id, problem=detail(answer), status=answer.status)
        return _choosing(post_id, body["officer"], problem=detail(answer), status=answer.status)
    warnings = answer.data["warnings"]
    if warnings:
        return _post(post_id, warnings=warnings, appointed=body["officer"])
    done = url_for("web.post", post_id=post_id, appointed=body["officer"])
    return redirect(done, code=303)


@site.get("/posts/<post:post_id>/appoint/<row:officer_id>")
@sessions.signed_in
def appointing(post_id: str, officer_id: int) -> Any:
    """Who is about to be appointed to what, and what they will see, before it is done."""
    return _choosing(post_id, officer_id)


@site.get("/holdings/<row:holding_id>/end")
@sessions.signed_in
def leaving_post(holding_id: int) -> Any:
    """What changes when somebody no longer holds a post, before it is done."""
    return _leaving(holding_id)


@site.post("/holdings/<row:holding_id>/end")
@sessions.signed_in
def end_holding(holding_id: int) -> Any:
    """End it."""
    body = {"on": request.form.get("day", ""), "reason": request.form.get("reason", "").strip()}
    answer = write("posts.end", {"holding_id": str(holding_id)}, body, key=posted_key())
    if answer.is_problem:
        return _leaving(holding_id, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.post", post_id=answer.data["holding"]["post"]), code=303)


def _tree(reading: Reading) -> dict[str, Any]:
    """Posts of the department by unit: the city, then each bureau with its stations."""
    session, actor, now = reading.session, reading.actor, reading.now
    posts: dict[str, ListedPost] = {}
    for role in ("city", "county", "station"):
        wanted = PostFilter(role=role)
        for one in list_posts(session, wanted, actor=actor, at=now, limit=MOST).items:
            posts[one.place] = one
    names = {unit.code: unit.name for unit in list_units(session)}
    below: dict[str, list[str]] = {}
    for served in list_jurisdictions(session):
        stations = below.setdefault(served.jurisdiction_code, [])
        if served.station_code in posts and served.station_code not in stations:
            stations.append(served.station_code)
    bureaus = [
        {
            "code": code,
            "name": names.get(code, code),
            "post": posts.get(code),
            "stations": [{"name": names.get(one, one), "post": posts[one]} for one in stations],
        }
        for code, stations in sorted(below.items())
        if code in posts or stations
    ]
    city = next((one for one in posts.values() if one.role == "city"), None)
    return {"city_post": city, "bureaus": bureaus, "now": now}


@site.post("/posts/<post:post_id>/offers")
@sessions.signed_in
def set_offer(post_id: str) -> Any:
    """Set who inside the post is offered a matter or a category first, or take a rule away."""
    kind, _, code = request.form.get("about", "").partition(":")
    chosen = [id_of(text) for text in request.form.getlist("officer")]
    body = {"officers": [officer for officer in chosen if officer is not None]}
    at = {"post_id": post_id, "kind": kind or "none", "code": code or "none"}
    answer = write("offers.put", at, body, key=posted_key())
    if answer.is_problem:
        return _post(post_id, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.post", post_id=post_id), code=303)


def _post(
    post_id: str,
    *,
    problem: str = "",
    warnings: Any = (),
    appointed: int | None = None,
    status: int = 200,
) -> Any:
    done = appointed or id_of(request.args.get("appointed", ""))

    def look(reading: Reading) -> dict[str, Any]:
        session, actor, now = reading.session, reading.actor, reading.now
        known = get_post(session, post_id, actor=actor)
        held = [holding_row(one, now) for one in list_holdings(session, post_ids=[post_id])]
        may = may_fill(session, actor, known)
        return {
            "post": known,
            "present": [one for one in held if one["is_current"]],
            "others": [one for one in reversed(held) if not one["is_current"]],
            "may_fill": may,
            "offers": offers_shown(reading, known),
            "abouts": abouts(reading) if may else [],
            "q": search_text(),
            "people": candidates(reading, known) if may else [],
            "appointed": next((one for one in reversed(held) if one["officer"] == done), None),
        }

    values = {"key": new_key(), "problem": problem, "warnings": warnings, "typed": request.form}
    return rendered("staffing/post.html", status, **seen(look), **values)


def _choosing(post_id: str, officer_id: int, *, problem: str = "", status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        session, actor, now = reading.session, reading.actor, reading.now
        known = get_post(session, post_id, actor=actor)
        require_filling(session, actor, known)
        person = get_person(session, officer_id, actor=actor, at=now)
        return {
            "post": known,
            "person": person,
            "present": [held.title for held in person.holdings if held.is_current(now)],
            "its_role": ROLES[known.role],
            "open_tasks": count_open_of(session, post_id),
            "today": in_china(now).date().isoformat(),
        }

    values = {"key": new_key(), "problem": problem, "typed": request.form}
    return rendered("staffing/appointing.html", status, **seen(look), **values)


def _leaving(holding_id: int, *, problem: str = "", status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        session, now = reading.session, reading.now
        held = get_holding(session, holding_id)
        known = get_post(session, held.post_id, actor=reading.actor)
        holding.require_ending(session, reading.actor, held, known)
        return {
            "held": holding_row(held, now),
            "effect": holding.foresee(session, held, now=now),
            "today": in_china(now).date().isoformat(),
        }

    values = {"key": new_key(), "problem": problem, "typed": request.form}
    return rendered("staffing/leaving.html", status, **seen(look), **values)
