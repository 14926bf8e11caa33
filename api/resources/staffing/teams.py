"""The team of a business (1+2+3), derived from posts, with slots that are filled by hand."""

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import Day, Written
from handlers.staffing import team
from storage.staffing.people import get_person

routes = Resource("teams", "The team of each business: two officers, three grid assistants.")


class SlotShown(ma.Schema):
    """One place of a team: filled, vacant, same_person, override or conflict."""

    slot = ma.fields.String(metadata={"example": "supervisor_1"})
    state = ma.fields.String(metadata={"example": "filled"})
    officer = ma.fields.Integer(attribute="officer_id", allow_none=True)
    name = ma.fields.String(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    expires_on = ma.fields.Date(allow_none=True)


class TeamShown(ma.Schema):
    """The team of a business."""

    business = ma.fields.Integer(attribute="business.id")
    name = ma.fields.String(attribute="business.name")
    slots = ma.fields.List(ma.fields.Nested(SlotShown))
    may_override = ma.fields.Boolean()


class NewOverride(ma.Schema):
    """Who stands there until a day, and why; both are needed."""

    officer = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 10**15))
    reason = ma.fields.String(required=True, validate=Written(1, 500))
    expires_on = Day(required=True)


@routes.get("/businesses/<row:business_id>/team", needs=SIGNED_IN, gives=Gives(TeamShown))
def read(ask: Ask, business_id: int) -> team.Team:
    """Show the team of a business of one's areas, or of one's own."""
    return team.derive(ask.session, business_id, actor=ask.actor, now=ask.now)


@routes.put(
    "/businesses/<row:business_id>/team/<code:slot>",
    needs=SIGNED_IN,
    takes=Takes(
        NewOverride, example={"officer": 7, "reason": "网格长休假", "expires_on": "2026-04-01"}
    ),
    gives=Gives(TeamShown),
)
def override(ask: Ask, business_id: int, slot: str) -> team.Team:
    """Fill a place of a team by hand until a day."""
    body = dict(ask.body)
    known = team.derive(ask.session, business_id, actor=ask.actor, now=ask.now)
    person = get_person(ask.session, body.pop("officer"), actor=ask.actor, at=ask.now)
    team.override(ask.session, known, slot, person, actor=ask.actor, now=ask.now, **body)
    facts = {"slot": slot, "officer": person.id, "reason": body["reason"]}
    ask.keep_on_file("team_overridden", "business", business_id, facts)
    return team.derive(ask.session, business_id, actor=ask.actor, now=ask.now)
