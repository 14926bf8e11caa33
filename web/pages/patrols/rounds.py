"""My round: what is due, what to look at, two taps without a problem; it works without a signal."""

from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.patrols.rounds import Visit, my_round
from handlers.patrols.visiting import is_far, may_withdraw
from storage.city.rules import installed
from storage.moments import in_china
from storage.patrols.patrols import get_patrol
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.naming import matter_names
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.patrols import words


@site.get("/round")
@sessions.kept_offline
@sessions.signed_in
def my_round_page() -> Any:
    """The shops of my areas, due ones first."""
    return render_template("patrols/round.html", **seen(_round))


@site.post("/round")
@sessions.signed_in
@sessions.keeps_typed
def record_visit() -> Any:
    """Put a visit on file and go on with the round."""
    body: dict[str, Any] = {
        "business": id_of(request.form.get("business", "")),
        "result": request.form.get("result", ""),
    }
    if request.form.get("taken_at"):
        body["taken_at"] = request.form["taken_at"]
    if request.form.get("lat") and request.form.get("lon"):
        body["position"] = {"lat": request.form["lat"], "lon": request.form["lon"]}
    answer = write("patrols.record", {}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.my_round_page", done=answer.data["patrol"]["id"]), code=303)


@site.post("/round/<row:patrol_id>/withdraw")
@sessions.signed_in
def withdraw_visit(patrol_id: int) -> Any:
    """Take back the visit that was just recorded."""
    answer = write("patrols.withdraw", {"patrol_id": str(patrol_id)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.my_round_page", done=patrol_id), code=303)


def _round(reading: Reading) -> dict[str, Any]:
    matters = list(reading.matters_of(reading.session))
    found = my_round(reading.session, matters, actor=reading.actor, now=reading.now)
    rows = [_row(visit) for visit in found.items]
    return {
        "rows": rows,
        "due": sum(row["is_due"] for row in rows),
        "matters": matter_names(reading),
        "photos": {matter.code for matter in matters if matter.photo_required},
        **_done(reading),
    }


def _row(visit: Visit) -> dict[str, Any]:
    shop = visit.shop
    return {
        "visit": visit,
        "shop": shop,
        "key": new_key(),
        "is_due": visit.days_over >= 0,
        "due": _due(visit),
        "state": words.states().get(shop.state, ""),
        "last": t("还没有巡查过", "Never visited")
        if shop.last_visited_at is None
        else t("上次", "Last visit") + f" {in_china(shop.last_visited_at):%m-%d}",
    }


def _due(visit: Visit) -> str:
    if visit.shop.last_visited_at is None and visit.days_over < 0:
        # Only a closed door puts off a shop that nobody has been inside.
        return t(f"没开门，{-visit.days_over} 天后再去", f"Shut; again in {-visit.days_over} d")
    if visit.shop.last_visited_at is None:
        return t("待首次巡查", "First visit due")
    if visit.days_over > 0:
        return t(f"应巡，已过 {visit.days_over} 天", f"Due, {visit.days_over} d over")
    if visit.days_over == 0:
        return t("今天应巡", "Due today")
    return t(f"{-visit.days_over} 天后应巡", f"Due in {-visit.days_over} d")


def _done(reading: Reading) -> dict[str, Any]:
    """What to say of the visit that was just recorded, and whether it may be taken back."""
    patrol_id = id_of(request.args.get("done", ""))
    if patrol_id is None:
        return {"done": [], "undo": None}
    visit = get_patrol(reading.session, patrol_id, actor=reading.actor)
    name = reading.learn(businesses=[visit.business_id]).businesses.get(visit.business_id, "")
    at = f"{in_china(visit.visited_at):%H:%M}"
    if visit.withdrawn_at is not None:
        gone = t(f"已撤回：{name}，{at}，不计数。", f"Taken back: {name}, {at}; it does not count.")
        return {"done": [gone], "undo": None}
    told = [t(f"已记下：{name}，{at}。", f"On file: {name}, {at}.")]
    if is_far(visit.distance):
        metres = visit.distance
        told.append(
            t(
                f"记录时离这家店约 {metres} 米，已照实记下。",
                f"You were some {metres} m from the shop; that is on file.",
            )
        )
    is_open = may_withdraw(visit, actor=reading.actor, now=reading.now)
    minutes = installed().thresholds.withdraw_visit_minutes
    undo = {"id": visit.id, "key": new_key(), "minutes": minutes} if is_open else None
    return {"done": told, "undo": undo}
