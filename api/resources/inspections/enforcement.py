"""The cases enforcement filed on leads; they are filed and decided by tasks, never here."""

from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment
from storage.inspections.enforcement import list_enforcement_cases

routes = Resource("enforcement", "Enforcement cases and the cases their leads came from.")


class EnforcementShown(ma.Schema):
    """A filed case; `origin` is the case that stays open until it is decided (R25)."""

    id = ma.fields.Integer()
    number = ma.fields.String()
    unit = ma.fields.String(metadata={"example": "enforcement:b1"})
    origin = ma.fields.String(metadata={"example": "2026000000017"})
    title = ma.fields.String()
    area = ma.fields.String()
    state = ma.fields.String(metadata={"example": "open"})
    filed_at = Moment()
    officers = ma.fields.List(ma.fields.String())
    decided_at = Moment(allow_none=True)
    measure = ma.fields.String(allow_none=True)
    document = ma.fields.String(allow_none=True)
    fine_fen = ma.fields.Integer(allow_none=True)
    confiscation_fen = ma.fields.Integer(allow_none=True)


class EnforcementPage(ma.Schema):
    """Enforcement cases, newest first."""

    items = ma.fields.List(ma.fields.Nested(EnforcementShown))
    next = ma.fields.String(allow_none=True)


class EnforcementSearch(Paged):
    """Which ones: by state, or of one case."""

    state = ma.fields.String(validate=ma.validate.OneOf(("open", "decided")))
    origin = ma.fields.String(validate=ma.validate.Length(1, 20))


@routes.get(
    "/enforcement-cases",
    needs=SIGNED_IN,
    gives=Gives(EnforcementPage),
    query=EnforcementSearch,
)
def search(ask: Ask) -> dict[str, Any]:
    """List those of one's brigade, and those of cases one may see."""
    page = list_enforcement_cases(
        ask.session,
        ask.actor,
        state=ask.query.get("state"),
        origin=ask.query.get("origin"),
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}
