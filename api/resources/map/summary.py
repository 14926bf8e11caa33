"""What the map counts: an area and each area one level below."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import AreaCode, Day
from handlers.map.summary import read_summary
from storage.registry.statuses import MOVES

routes = Resource("map", "The map: numbers by area, tiles, outlines, places.")


class MapFilters(ma.Schema):
    """Which businesses; the list of businesses takes the same words."""

    category = ma.fields.String(validate=ma.validate.Length(1, 60))
    status = ma.fields.String(validate=ma.validate.OneOf(tuple(MOVES)))
    bright = ma.fields.Boolean(metadata={"description": "With a bright kitchen, or without (R12)"})
    open_cases = ma.fields.Boolean(metadata={"description": "With an open case the caller may see"})


class MapSearch(MapFilters):
    """Which area, and which of its businesses."""

    area = AreaCode(metadata={"description": "The caller's own area otherwise"})
    on = Day(metadata={"description": "The day of the area tree; today otherwise"})


class NumbersShown(ma.Schema):
    """How many businesses, in all and by what they are."""

    count = ma.fields.Integer(metadata={"example": 12})
    by_category = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    by_status = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    ceased = ma.fields.Integer(metadata={"description": "Of status `ceased` (R14)"})
    bright = ma.fields.Integer(metadata={"description": "With a bright kitchen (R12)"})


class AreaNumbersShown(NumbersShown):
    """The numbers of one area with everything below it."""

    code = ma.fields.String(metadata={"example": "350322100"})
    name = ma.fields.String()
    level = ma.fields.String(metadata={"example": "town"})
    open_cases = ma.fields.Integer(
        metadata={"description": "Open cases of the area, as many as their list holds"}
    )


class MapSummary(ma.Schema):
    """An area with those below it; each number is what the list behind it holds."""

    area = ma.fields.Nested(AreaNumbersShown)
    children = ma.fields.List(ma.fields.Nested(AreaNumbersShown))
    here = ma.fields.Nested(
        NumbersShown, metadata={"description": "What stands in `area` and in none below it"}
    )
    on = ma.fields.Date()
    version = ma.fields.Integer(metadata={"description": "Grows with every counted change"})


@routes.get("/map/summary", needs=SIGNED_IN, gives=Gives(MapSummary), query=MapSearch)
def summary(ask: Ask) -> Any:
    """Count businesses and open cases of an area and of each area below it."""
    return read_summary(ask.session, ask.actor, ask.query, now=ask.now)
