"""Rounds and visits: what is due, what to look at, what was found (R37)."""

from typing import Any, Final

import marshmallow as ma

from api.http import auth, cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.checklists import LineShown
from api.http.shapes.fields import AreaCode, Moment
from handlers.patrols.checklist import version_of
from handlers.patrols.rounds import Round, checklist_for, my_round
from handlers.patrols.visiting import Recorded, record_visit, withdraw_visit
from handlers.registry.keeping import holds
from storage.city.rules import installed
from storage.errors import FormInvalid
from storage.inspections.checklists import lines_for
from storage.patrols import patrols
from storage.patrols.patrols import PatrolFilter
from storage.patrols.rounds import find_shop
from storage.places.matters import Matter
from storage.places.positions import Position
from storage.registry.businesses import find_business

routes = Resource("patrols", "Rounds of the grid: shops, checklists, visits.")

COLLECTORS: Final = auth.roles_that("collects")

_WITHOUT_PROBLEM: Final = ("none", "closed_door")
_RESULTS: Final = (*_WITHOUT_PROBLEM, "problems")
_STATES: Final = ("normal", "watch", "intensified")
_TO_REPORT: Final = {"description": "A problem is a report, and the visit goes with it"}


class PatrolLine(ma.Schema):
    """One line of a checklist: a matter of the published list."""

    code = ma.fields.String(metadata={"example": "H02"})
    name_zh = ma.fields.String()
    name_en = ma.fields.String()
    law = ma.fields.String(allow_none=True)
    photo_required = ma.fields.Boolean()


class PatrolChecklist(ma.Schema):
    """What to look at in one shop, the weightiest first."""

    version = ma.fields.String()
    items = ma.fields.List(ma.fields.Nested(PatrolLine))
    lines = ma.fields.List(
        ma.fields.Nested(LineShown),
        metadata={"description": "What an inspection and a self-inspection of this shop answer"},
    )


class PatrolShop(ma.Schema):
    """A shop of a round; no person and no telephone (R10)."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    category = ma.fields.String()
    area = ma.fields.String(attribute="area_code")
    address = ma.fields.String(allow_none=True)
    lat = ma.fields.Float(allow_none=True)
    lon = ma.fields.Float(allow_none=True)
    status = ma.fields.String()
    state = ma.fields.String(validate=ma.validate.OneOf(_STATES))
    last_visited_at = Moment(allow_none=True)
    closed_doors = ma.fields.Integer()


class RoundVisit(ma.Schema):
    """A shop with when it is due and what to look at."""

    business = ma.fields.Nested(PatrolShop, attribute="shop")
    due_on = ma.fields.Date()
    days_over = ma.fields.Integer(metadata={"description": "Negative: days left"})
    metres = ma.fields.Integer(allow_none=True)
    lines = ma.fields.List(ma.fields.String(), metadata={"description": "Codes of `matters`"})
    more = ma.fields.List(ma.fields.String())
    offers_ceased = ma.fields.Boolean(attribute="is_offered_as_ceased")


class RoundShown(ma.Schema):
    """A round: due ones first, of these the near ones."""

    version = ma.fields.String()
    matters = ma.fields.List(ma.fields.Nested(PatrolLine))
    items = ma.fields.List(ma.fields.Nested(RoundVisit))


class RoundSearch(ma.Schema):
    """Where the round goes, and where one stands."""

    area = AreaCode()
    lat = ma.fields.Float(validate=ma.validate.Range(-90, 90))
    lon = ma.fields.Float(validate=ma.validate.Range(-180, 180))


class PatrolPosition(ma.Schema):
    """Where the phone was."""

    lat = ma.fields.Float(required=True, validate=ma.validate.Range(-90, 90))
    lon = ma.fields.Float(required=True, validate=ma.validate.Range(-180, 180))
    crs = ma.fields.String(validate=ma.validate.OneOf(("wgs84", "cgcs2000", "gcj02", "bd09")))


class PatrolNew(ma.Schema):
    """A visit without a problem, or to a closed door."""

    business = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 2**53))
    result = ma.fields.String(
        required=True, validate=ma.validate.OneOf(_WITHOUT_PROBLEM), metadata=_TO_REPORT
    )
    taken_at = Moment(metadata={"description": "By the clock of the phone"})
    position = ma.fields.Nested(PatrolPosition)
    remark = ma.fields.String(validate=ma.validate.Length(max=500))


class PatrolShown(ma.Schema):
    """One visit; it is never changed."""

    id = ma.fields.Integer()
    business = ma.fields.Integer(attribute="business_id")
    area = ma.fields.String(attribute="area_code")
    officer = ma.fields.Integer(attribute="officer_id")
    post = ma.fields.String(attribute="post_id")
    result = ma.fields.String(validate=ma.validate.OneOf(_RESULTS))
    visited_at = Moment()
    received_at = Moment()
    taken_at = Moment(allow_none=True)
    distance = ma.fields.Integer(allow_none=True, metadata={"description": "Metres to the shop"})
    looked_at = ma.fields.List(ma.fields.String())
    list_version = ma.fields.String()
    photos = ma.fields.List(ma.fields.String())
    remark = ma.fields.String(allow_none=True)
    case_id = ma.fields.Integer(allow_none=True)
    withdrawn_at = Moment(
        allow_none=True, metadata={"description": "Taken back at once: it counts nowhere"}
    )


class PatrolRecorded(ma.Schema):
    """The visit on file, and what is asked or offered because of it."""

    patrol = ma.fields.Nested(PatrolShown)
    far_from_shop = ma.fields.Boolean(attribute="is_far")
    offers_ceased = ma.fields.Boolean(attribute="is_offered_as_ceased")


class Patrols(ma.Schema):
    """Visits, the newest first."""

    items = ma.fields.List(ma.fields.Nested(PatrolShown))
    next = ma.fields.String(allow_none=True)


class PatrolSearch(Paged):
    """Which visits."""

    business = ma.fields.Integer(validate=ma.validate.Range(1, 2**53))
    officer = ma.fields.Integer(validate=ma.validate.Range(1, 2**53))
    area = AreaCode()
    result = ma.fields.String(validate=ma.validate.OneOf(_RESULTS))


class ChecklistSearch(ma.Schema):
    """Of which shop; the whole published list without one."""

    business = ma.fields.Integer(validate=ma.validate.Range(1, 2**53))


@routes.get("/rounds/mine", needs=COLLECTORS, gives=Gives(RoundShown), query=RoundSearch)
def read_round(ask: Ask) -> Round:
    """Show the round of one's areas: what is due and near first."""
    query = ask.query
    near = Position(query["lat"], query["lon"]) if {"lat", "lon"} <= query.keys() else None
    area = str(query.get("area") or "")
    return my_round(ask.session, _matters(ask), actor=ask.actor, now=ask.now, area=area, near=near)


@routes.get("/checklists", needs=SIGNED_IN, gives=Gives(PatrolChecklist), query=ChecklistSearch)
def read_checklist(ask: Ask) -> dict[str, Any]:
    """Show what to look at in a shop of one's areas, or in one's own."""
    matters = _matters(ask)
    if "business" not in ask.query:
        return {"version": version_of(matters), "items": matters, "lines": ()}
    business = find_business(ask.session, ask.query["business"])
    shop = find_shop(ask.session, ask.query["business"])
    if shop is None or business is None or not holds(ask.actor, business):
        raise FormInvalid.at("business", "您的辖区里没有这个食品主体。")
    items = checklist_for(ask.session, matters, shop, now=ask.now)
    lines = lines_for(installed().checklists, shop.category)
    return {"version": version_of(matters), "items": items, "lines": lines}


@routes.post(
    "/patrols",
    needs=COLLECTORS,
    takes=Takes(PatrolNew, example={"business": 1, "result": "none"}),
    gives=Gives(PatrolRecorded, status=201),
)
def record(ask: Ask) -> Reply:
    """Put a visit on file; no case comes of it."""
    done: Recorded = record_visit(
        ask.session, ask.body, _matters(ask), actor=ask.actor, now=ask.now
    )
    visit = done.patrol
    ask.keep_on_file("visit_recorded", "business", visit.business_id, {"result": visit.result})
    return Reply(done, {"Location": f"/api/v1/patrols/{visit.id}"})


@routes.get("/patrols", needs=SIGNED_IN, gives=Gives(Patrols), query=PatrolSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List the visits of one's areas and one's own, the newest first."""
    query = dict(ask.query)
    query.pop("cursor", None)
    limit = query.pop("limit")
    page = patrols.list_patrols(
        ask.session,
        PatrolFilter(**query),
        actor=ask.actor,
        cursor=cursors.of_query(ask),
        limit=limit,
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get("/patrols/<row:patrol_id>", needs=SIGNED_IN, gives=Gives(PatrolShown))
def read(ask: Ask, patrol_id: int) -> Any:
    """Show one visit."""
    return patrols.get_patrol(ask.session, patrol_id, actor=ask.actor)


@routes.post("/patrols/<row:patrol_id>/withdraw", needs=COLLECTORS, gives=Gives(PatrolShown))
def withdraw(ask: Ask, patrol_id: int) -> Any:
    """Take back a visit recorded by mistake, within the minutes of the city."""
    visit = withdraw_visit(ask.session, patrol_id, actor=ask.actor, now=ask.now)
    ask.keep_on_file("visit_withdrawn", "business", visit.business_id, {"patrol": visit.id})
    return visit


def _matters(ask: Ask) -> list[Matter]:
    return list(ask.reading.matters_of(ask.session))
