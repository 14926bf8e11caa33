"""Cameras of bright kitchens, and tickets to their live pictures (R12)."""

from typing import Any, Final
from urllib.parse import parse_qs

import marshmallow as ma

from api.http import auth, cursors
from api.http.auth import ANYONE
from api.http.request import composition
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment, Written
from api.kitchens import live_tickets
from api.kitchens.live_tickets import Admitted, LiveTicket
from api.kitchens.vendors import read_vendors
from handlers.kitchens import camera_keeping as keeping
from storage.errors import NotFound, NotSignedIn
from storage.kitchens import cameras
from storage.kitchens.cameras import Camera, NewCamera

routes = Resource("cameras", "Cameras of bright kitchens.")

KEEPERS: Final = auth.roles(*keeping.KEEPERS)
LOOKERS: Final = auth.roles(*keeping.LOOKERS)

_KIND: Final = ma.validate.OneOf(("live", "snapshot"))
_STATUS: Final = ma.validate.OneOf(("active", "retired"))
_VENDOR: Final = ma.validate.Regexp(r"^[a-z0-9_-]{1,40}$")
# A name, never an address: an address would carry the password of the camera.
_REF: Final = ma.validate.Regexp(r"^[A-Za-z0-9_-]{1,64}$")
_ROW: Final = ma.validate.Range(1, 2**53)


class CameraNew(ma.Schema):
    """A camera to register."""

    business = ma.fields.Integer(required=True, validate=_ROW)
    vendor = ma.fields.String(required=True, validate=_VENDOR)
    stream_ref = ma.fields.String(
        required=True,
        validate=_REF,
        metadata={"description": "The vendor's name for it; no address, no password"},
    )
    kind = ma.fields.String(required=True, validate=_KIND)
    position_in_kitchen = ma.fields.String(required=True, validate=Written(1, 80))


class CameraChange(ma.Schema):
    """What of a camera may change."""

    kind = ma.fields.String(validate=_KIND)
    status = ma.fields.String(validate=_STATUS)
    position_in_kitchen = ma.fields.String(validate=Written(1, 80))


class CameraShown(ma.Schema):
    """A camera with its business."""

    id = ma.fields.Integer()
    business = ma.fields.Integer(attribute="business_id")
    business_name = ma.fields.String()
    area = ma.fields.String(attribute="area_code")
    vendor = ma.fields.String()
    stream_ref = ma.fields.String()
    kind = ma.fields.String(validate=_KIND)
    status = ma.fields.String(validate=_STATUS)
    last_seen = Moment(allow_none=True)
    position_in_kitchen = ma.fields.String()
    version = ma.fields.Integer()


class Cameras(ma.Schema):
    """Cameras in the order they were registered."""

    items = ma.fields.List(ma.fields.Nested(CameraShown))
    next = ma.fields.String(allow_none=True)


class CameraSearch(Paged):
    """Which cameras."""

    business = ma.fields.Integer(validate=_ROW)
    status = ma.fields.String(validate=_STATUS)


class LiveTicketShown(ma.Schema):
    """Where the picture plays, for two minutes; it holds no address of the camera."""

    url = ma.fields.String(metadata={"format": "uri"})
    expires_at = Moment()


class LiveAsked(ma.Schema):
    """What a MediaMTX gateway asks about a viewer (`authHTTPAddress`)."""

    class Meta:
        """The gateway sends more than is looked at."""

        unknown = ma.EXCLUDE

    action = ma.fields.String(required=True, validate=ma.validate.Length(max=20))
    path = ma.fields.String(required=True, validate=ma.validate.Length(max=64))
    token = ma.fields.String(load_default="", validate=ma.validate.Length(max=500))
    query = ma.fields.String(load_default="", validate=ma.validate.Length(max=1000))


@routes.get("/cameras", needs=LOOKERS, gives=Gives(Cameras), query=CameraSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List the cameras of one's areas."""
    page = cameras.list_cameras(
        ask.session,
        within=keeping.areas_for(ask.session, ask.actor),
        business_id=ask.query.get("business"),
        status=ask.query.get("status"),
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get("/cameras/<row:camera_id>", needs=LOOKERS, gives=Gives(CameraShown, is_versioned=True))
def read(ask: Ask, camera_id: int) -> Camera:
    """Show one camera."""
    return _get(ask, camera_id)


@routes.post(
    "/cameras",
    needs=KEEPERS,
    takes=Takes(
        CameraNew,
        example={
            "business": 1,
            "vendor": "example",
            "stream_ref": "kitchen-1",
            "kind": "live",
            "position_in_kitchen": "切配间",
        },
    ),
    gives=Gives(CameraShown, status=201, is_versioned=True),
)
def add(ask: Ask) -> Reply:
    """Register a camera; its business becomes a bright kitchen."""
    fields = {name: value for name, value in ask.body.items() if name != "business"}
    new = NewCamera(business_id=ask.body["business"], **fields)
    made = keeping.register(ask.session, new, actor=ask.actor, now=ask.now)
    ask.keep_on_file("camera_added", "camera", made.id, {"business": made.business_id})
    return Reply(made, {"Location": f"/api/v1/cameras/{made.id}"})


@routes.post(
    "/cameras/<row:camera_id>",
    method="PATCH",
    needs=KEEPERS,
    takes=Takes(CameraChange, example={"status": "retired"}),
    gives=Gives(CameraShown, is_versioned=True),
)
def change(ask: Ask, camera_id: int) -> Camera:
    """Change a camera or take it out of use; the mark of its business follows."""
    known = _get(ask, camera_id)
    ask.agree_on(known.version)
    ask.keep_on_file("camera_changed", "camera", camera_id, ask.body)
    return keeping.change(ask.session, known, ask.body, actor=ask.actor, now=ask.now)


@routes.post(
    "/cameras/<row:camera_id>/live",
    needs=LOOKERS,
    gives=Gives(LiveTicketShown, is_secret=True),
)
def watch(ask: Ask, camera_id: int) -> LiveTicket:
    """Get a ticket to the live picture; that one looked is on the audit log."""
    camera = _get(ask, camera_id)
    keeping.require_watching(ask.actor, camera)
    vendor = read_vendors(ask.composition.settings.var_folder).get(camera.vendor)
    if vendor is None or vendor.gateway is None:
        message = "这个厂商还没有接入实时画面网关，请联系系统管理员。"
        raise NotFound(message, code="no_gateway")
    ask.keep_on_file("camera_watched", "camera", camera_id, {"business": camera.business_id})
    admitted = Admitted(camera.id, ask.actor.id)
    secrets = ask.composition.settings.secret_keys
    return live_tickets.issue(secrets, vendor.gateway, camera.stream_ref, admitted, now=ask.now)


@routes.post(
    "/live-tickets/check",
    needs=ANYONE,
    takes=Takes(LiveAsked, example={"action": "read", "path": "kitchen-1", "token": "…"}),
    gives=Gives(status=204),
)
def check(ask: Ask) -> None:
    """Answer a gateway whether a viewer may look: 204, or 401."""
    token = ask.body["token"] or parse_qs(ask.body["query"]).get("token", [""])[0]
    admitted = live_tickets.admit(composition().settings.secret_keys, token, now=ask.now)
    camera = cameras.get_camera(ask.session, admitted.camera_id)
    if (
        ask.body["action"] != "read"
        or camera.stream_ref != ask.body["path"]
        or not camera.is_active
    ):
        message = "这张实时画面凭证不是给这个摄像头的。"
        raise NotSignedIn(message, code="live_ticket_wrong")
    cameras.note_seen(ask.session, camera.id, at=ask.now)
    ask.keep_on_file("live_ticket_used", "camera", camera.id, {"officer": admitted.officer_id})


def _get(ask: Ask, camera_id: int) -> Camera:
    return cameras.get_camera(
        ask.session, camera_id, within=keeping.areas_for(ask.session, ask.actor)
    )
