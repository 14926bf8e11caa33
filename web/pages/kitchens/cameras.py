"""Cameras: of the city or of a business, a new one, and the live picture by ticket."""

from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.kitchens import camera_keeping as keeping
from storage.kitchens import cameras, refused
from storage.kitchens.cameras import Camera
from storage.moments import in_china
from storage.registry.businesses import find_business
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import PageAnswer, write
from web.pages.kitchens import words


@site.get("/kitchens/cameras")
@sessions.signed_in
def camera_list() -> Any:
    """The cameras one may know of."""
    return _page()


@site.post("/kitchens/cameras")
@sessions.signed_in
def add_camera() -> Any:
    """Register a camera."""
    names = ("vendor", "stream_ref", "kind", "position_in_kitchen")
    body: dict[str, Any] = {name: request.form.get(name, "").strip() for name in names}
    body["business"] = id_of(request.form.get("business", "")) or 0
    answer = write("cameras.add", {}, body, key=posted_key())
    if answer.is_problem:
        return _page(answer)
    return redirect(url_for("web.camera_list", business=body["business"]), code=303)


@site.post("/kitchens/cameras/<row:camera_id>/change")
@sessions.signed_in
def change_camera(camera_id: int) -> Any:
    """Take a camera out of use, or into use again."""
    body = {"status": request.form.get("status", "")}
    answer = write("cameras.change", {"camera_id": str(camera_id)}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.camera_list", business=answer.data["business"]), code=303)


@site.post("/kitchens/cameras/<row:camera_id>/live")
@sessions.signed_in
def watch_camera(camera_id: int) -> Any:
    """A link to the live picture, good for two minutes; no stream passes through here."""
    answer = write("cameras.watch", {"camera_id": str(camera_id)}, {})
    if answer.is_problem:
        return problem_page(answer)
    return render_template("kitchens/live.html", url=answer.data["url"])


def _page(refused_: PageAnswer | None = None) -> Any:
    problem = None if refused_ is None else detail(refused_)
    status = 200 if refused_ is None else refused_.status
    return rendered("kitchens/cameras.html", status, problem=problem, key=new_key(), **seen(_look))


def _look(reading: Reading) -> dict[str, Any]:
    session, actor = reading.session, reading.actor
    business_id = id_of(request.values.get("business", ""))
    within = keeping.areas_for(session, actor)
    page = cameras.list_cameras(session, within=within, business_id=business_id, limit=200)
    names = names_for(reading, areas=[each.area_code for each in page.items])
    keeps = keeping.keeps_cameras(actor)
    dead = refused.list_refused(session).items if "admin_system" in actor.roles else ()
    return {
        "rows": [_row(each, names.area(each.area_code)) for each in page.items],
        "business": None if business_id is None else find_business(session, business_id),
        "keeps": keeps,
        "typed": request.form,
        "dead": [
            {
                "at": f"{in_china(each.received_at):%m-%d %H:%M}",
                "ref": f"{each.vendor} / {each.stream_ref}",
                "why": words.refusals().get(each.code, each.code),
            }
            for each in dead
        ],
    }


def _row(camera: Camera, area: str) -> dict[str, Any]:
    seen_at = camera.last_seen
    return {
        "id": camera.id,
        "business": camera.business_id,
        "name": camera.business_name,
        "area": area,
        "position": camera.position_in_kitchen,
        "ref": f"{camera.vendor} / {camera.stream_ref}",
        "is_live": camera.kind == "live",
        "kind": t("实时和抓拍", "Live and snapshots")
        if camera.kind == "live"
        else t("只抓拍", "Snapshots only"),
        "is_active": camera.is_active,
        "seen": t("还没有传过", "Nothing came yet")
        if seen_at is None
        else f"{in_china(seen_at):%m-%d %H:%M}",
    }
