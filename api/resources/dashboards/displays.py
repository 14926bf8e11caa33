"""Links for wall displays: made and revoked by leaders; what they open is a page."""

from typing import Any, Final

import marshmallow as ma

from api.http import auth
from api.http.request import composition
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.fields import AreaCode, Moment
from storage.dashboards import displays
from storage.errors import FormInvalid, NotFound
from storage.places.areas import overlaps

routes = Resource("displays", "Links that open a wall board.")

_LEADERS: Final = auth.roles_that("supervises")


class DisplayOrder(ma.Schema):
    """For which area."""

    area = AreaCode(required=True)


class DisplayShown(ma.Schema):
    """One link, without its secret."""

    id = ma.fields.Integer()
    area = ma.fields.String(attribute="area_code")
    created_at = Moment()
    expires_at = Moment()


class DisplayMade(DisplayShown):
    """A new link with its secret, shown only once: the board is at `/board/<token>`."""

    token = ma.fields.String(metadata={"description": "Never kept; the same for a repeated key"})


class DisplayList(ma.Schema):
    """The links one has made that still open."""

    items = ma.fields.List(ma.fields.Nested(DisplayShown))


@routes.get("/dashboards/displays", needs=_LEADERS, gives=Gives(DisplayList))
def list_links(ask: Ask) -> dict[str, Any]:
    """List one's own links that still open a board."""
    links = displays.list_display_links(ask.session, created_by=ask.actor.id, at=ask.now)
    return {"items": links}


def _with_token(body: dict[str, Any]) -> dict[str, Any]:
    keys = composition().settings.secret_keys
    with composition().database.reading() as session:
        return {**body, "token": displays.find_token(session, body["id"], keys=keys)}


@routes.post(
    "/dashboards/displays",
    needs=_LEADERS,
    takes=Takes(DisplayOrder, example={"area": "350322"}),
    gives=Gives(DisplayMade, status=201, finish=_with_token),
)
def make_link(ask: Ask) -> Reply:
    """Make a link that opens a board of an area for 30 days: counts only, no sign-in."""
    area = ask.body["area"]
    if not overlaps(area, ask.actor.prefixes):
        raise FormInvalid.at("area", "只能选自己辖区内的区域。")
    link, token = displays.add_display_link(
        ask.session,
        area=area,
        created_by=ask.actor.id,
        at=ask.now,
        key=composition().settings.secret_key,
    )
    ask.keep_on_file("display_link_made", "display_link", link.id)
    return Reply(link._asdict(), status=201, unkept={"token": token})


@routes.post("/dashboards/displays/<row:link_id>/revoke", needs=_LEADERS, gives=Gives(DisplayList))
def revoke_link(ask: Ask, link_id: int) -> dict[str, Any]:
    """Revoke a link."""
    if not displays.revoke_display_link(ask.session, link_id, created_by=ask.actor.id, at=ask.now):
        raise NotFound("没有这个大屏链接。", code="display_not_found")
    ask.keep_on_file("display_link_revoked", "display_link", link_id)
    links = displays.list_display_links(ask.session, created_by=ask.actor.id, at=ask.now)
    return {"items": links}
