"""How complete the registry is: the figures a keeper answers for each month (R13)."""

from dataclasses import replace
from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import AreaCode, Moment
from handlers.registry.keeping import KEEPER, reaches
from storage.errors import NotAllowed
from storage.moments import in_china
from storage.registry import completeness

routes = Resource("completeness", "How complete the registry of food businesses is.")


class CompletenessQuery(ma.Schema):
    """Of which areas, in which month."""

    area = AreaCode(metadata={"description": "With its whole subtree; one's own areas otherwise"})
    month = ma.fields.Date(
        format="%Y-%m",
        metadata={
            "description": "This month otherwise",
            "example": "2026-03",
            "format": "year-month",
        },
    )


class CompletenessShown(ma.Schema):
    """Figures of one month; what is lacking is as of now."""

    month = ma.fields.String(metadata={"example": "2026-03"})
    businesses = ma.fields.Integer()
    statuses = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    added = ma.fields.Integer()
    changed = ma.fields.Integer()
    ceased = ma.fields.Integer()
    deregistered = ma.fields.Integer()
    unplaced = ma.fields.Integer()
    no_phone = ma.fields.Integer()
    expired = ma.fields.Integer(metadata={"description": "With a credential that has ended"})
    expiring = ma.fields.Integer(metadata={"description": "With one that ends within 30 days"})
    ceased_without_contact = ma.fields.Integer()
    reviews = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    last_imports = ma.fields.Dict(
        keys=ma.fields.String(),
        values=Moment(),
        metadata={"description": "By source; of the lists of the whole city, for its keeper"},
    )


@routes.get(
    "/registry/completeness",
    needs=SIGNED_IN,
    gives=Gives(CompletenessShown),
    query=CompletenessQuery,
)
def read(ask: Ask) -> Any:
    """Measure the registry of an area, or of one's own areas."""
    area, actor = ask.query.get("area"), ask.actor
    prefixes = [area] if area else (None if KEEPER in actor.roles else list(actor.prefixes))
    if prefixes == [] or (area and not reaches(actor, area)):
        message = "这个区域不在您的范围内。"
        raise NotAllowed(message)
    month = (ask.query.get("month") or in_china(ask.now).date()).replace(day=1)
    figures = completeness.measure(ask.session, prefixes, month=month, now=ask.now)
    # A list may cover any county: only who keeps all of them is told when it came.
    return figures if KEEPER in actor.roles else replace(figures, last_imports={})
