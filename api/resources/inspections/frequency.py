"""How often a business should be inspected, over HTTP; a proposal, nothing is assigned."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from handlers.inspections.frequency import frequencies_of
from handlers.inspections.plans import propose_for

routes = Resource("inspection_frequency", "How often businesses should be inspected.")


class FrequencyShown(ma.Schema):
    """The rule that applies, when the last inspection was, and when the next is due."""

    business = ma.fields.Integer()
    rule = ma.fields.String(metadata={"example": "canteen.school"})
    state = ma.fields.String(metadata={"example": "normal"})
    every_days = ma.fields.Integer()
    last_on = ma.fields.Date(allow_none=True)
    due_on = ma.fields.Date()
    is_due = ma.fields.Boolean()


class Frequencies(ma.Schema):
    """Proposals, those due first."""

    items = ma.fields.List(ma.fields.Nested(FrequencyShown))


class FrequencySearch(ma.Schema):
    """Of one business, or of one's area."""

    business = ma.fields.Integer(validate=ma.validate.Range(1, 10**15))


@routes.get(
    "/inspections/frequency",
    needs=SIGNED_IN,
    gives=Gives(Frequencies),
    query=FrequencySearch,
)
def search(ask: Ask) -> dict[str, Any]:
    """Propose how often to inspect a business, or some operating ones of one's area."""
    asked = ask.query.get("business")
    shops = propose_for(ask.session, asked, actor=ask.actor)
    found = frequencies_of(ask.session, shops, now=ask.now)
    return {"items": sorted(found.values(), key=lambda one: (one.due_on, one.business))}
