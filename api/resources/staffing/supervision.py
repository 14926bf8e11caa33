"""Supervising officers of villages, gaps of staff, and what is switched by area."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import AreaCode, Moment, Written
from handlers.staffing import supervision
from handlers.staffing.flags import require_switching, shown_to
from storage.staffing import flags, gaps
from storage.staffing.flags import Flag
from storage.staffing.gaps import GapFilter

routes = Resource("staffing", "Two officers per village, gaps of staff, switches by area.")


class SupervisorShown(ma.Schema):
    """An officer who supervises a village; not in office is as good as missing."""

    officer = ma.fields.Integer(attribute="officer_id")
    name = ma.fields.String()
    position = ma.fields.Integer()
    since = Moment()
    is_in_office = ma.fields.Boolean()


class GapShown(ma.Schema):
    """A place with too few people."""

    kind = ma.fields.String(metadata={"example": "village_supervisors"})
    place = ma.fields.String()
    name = ma.fields.String()
    missing = ma.fields.Integer()
    since = Moment()
    reason = ma.fields.String(allow_none=True)


class VillageShown(ma.Schema):
    """Who supervises a village, and what is missing."""

    village = ma.fields.String()
    name = ma.fields.String()
    minimum = ma.fields.Integer()
    supervisors = ma.fields.List(ma.fields.Nested(SupervisorShown))
    gap = ma.fields.Nested(GapShown, allow_none=True)
    may_assign = ma.fields.Boolean()


class NewSupervisors(ma.Schema):
    """The officers in their order; fewer than the minimum need a reason."""

    officers = ma.fields.List(
        ma.fields.Integer(validate=ma.validate.Range(1, 10**15)),
        required=True,
        validate=ma.validate.Length(0, 20),
    )
    reason = ma.fields.String(validate=Written(1, 500))


class Gaps(ma.Schema):
    """Gaps in order of place."""

    items = ma.fields.List(ma.fields.Nested(GapShown))
    next = ma.fields.String(allow_none=True)


class GapSearch(ma.Schema):
    """Which gaps."""

    area = AreaCode(metadata={"description": "With its whole subtree; one's own areas otherwise"})
    kind = ma.fields.String(validate=ma.validate.Length(1, 40))
    cursor = ma.fields.String(validate=ma.validate.Length(1, 500))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


class FlagShown(ma.Schema):
    """One switch of an area and everything below it."""

    name = ma.fields.String(metadata={"example": "hard_two"})
    area = ma.fields.String(attribute="area_code")
    is_on = ma.fields.Boolean()
    set_by = ma.fields.Integer()
    set_at = Moment()
    reason = ma.fields.String(allow_none=True)


class Flags(ma.Schema):
    """Every switch that was ever set."""

    items = ma.fields.List(ma.fields.Nested(FlagShown))
    next = ma.fields.String(allow_none=True)


class NewFlag(ma.Schema):
    """What to switch where."""

    area = AreaCode(required=True)
    is_on = ma.fields.Boolean(required=True)
    reason = ma.fields.String(validate=Written(1, 500))


@routes.get("/villages/<code:code>/supervisors", needs=SIGNED_IN, gives=Gives(VillageShown))
def read(ask: Ask, code: str) -> supervision.VillageStaff:
    """Show who supervises a village, and whether somebody is missing."""
    return supervision.look(ask.session, code, actor=ask.actor, now=ask.now)


@routes.put(
    "/villages/<code:code>/supervisors",
    needs=SIGNED_IN,
    takes=Takes(NewSupervisors, example={"officers": [7, 8]}),
    gives=Gives(VillageShown),
)
def assign(ask: Ask, code: str) -> supervision.VillageStaff:
    """Let these officers of the station supervise a village, in this order."""
    officers, reason = ask.body["officers"], ask.body.get("reason")
    staff = supervision.assign(
        ask.session, code, officers, actor=ask.actor, reason=reason, now=ask.now
    )
    facts = {"officers": officers, "reason": reason}
    ask.keep_on_file("supervisors_assigned", "area", staff.village, facts)
    return staff


@routes.get("/gaps", needs=SIGNED_IN, gives=Gives(Gaps), query=GapSearch)
def list_gaps(ask: Ask) -> Any:
    """List the places of one's areas that have too few people."""
    query = dict(ask.query)
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    wanted = GapFilter(**query)
    return gaps.list_gaps(ask.session, wanted, actor=ask.actor, cursor=cursor, limit=limit)


@routes.get("/flags", needs=SIGNED_IN, gives=Gives(Flags))
def list_flags(ask: Ask) -> dict[str, Any]:
    """List what is switched in one's areas and around them."""
    return {"items": shown_to(ask.session, ask.actor), "next": None}


@routes.put(
    "/flags/<code:name>",
    needs=SIGNED_IN,
    takes=Takes(NewFlag, example={"area": "350322100", "is_on": True}),
    gives=Gives(FlagShown),
)
def switch(ask: Ask, name: str) -> Flag:
    """Switch something on or off for an area and everything below it."""
    area = ask.body["area"]
    require_switching(ask.session, ask.actor, name, area)
    reason = ask.body.get("reason")
    new = Flag(name, area, ask.body["is_on"], ask.actor.id, ask.now, reason)
    flags.put_flag(ask.session, new)
    ask.keep_on_file("flag_set", "area", area, {"name": name, "is_on": new.is_on, "reason": reason})
    return new
