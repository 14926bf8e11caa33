"""The six levels of areas, for everybody: names, codes, what lies below."""

from datetime import date
from typing import Any

import marshmallow as ma

from api.http.auth import ANYONE
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import AreaCode
from storage.moments import CHINA
from storage.places import areas
from storage.places.areas import Area
from storage.places.levels import AreaLevel

routes = Resource("areas", "Six levels: city, county, town, village, grid, unit.")

_LEVELS = [level.word for level in AreaLevel]


class AreaShown(ma.Schema):
    """One area."""

    code = ma.fields.String(metadata={"description": "Significant digits", "example": "350322100"})
    padded_code = ma.fields.String(metadata={"example": "350322100000"})
    name = ma.fields.String()
    level = ma.fields.String(validate=ma.validate.OneOf(_LEVELS))
    parent = ma.fields.String(allow_none=True)
    kind = ma.fields.String(allow_none=True)
    valid_from = ma.fields.Date()
    valid_to = ma.fields.Date(allow_none=True)
    lat = ma.fields.Float(allow_none=True)
    lon = ma.fields.Float(allow_none=True)


class AreaPage(AreaShown):
    """One area with where it lies and how much lies below."""

    ancestors = ma.fields.List(ma.fields.Nested(AreaShown), metadata={"description": "City first"})
    counts = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        metadata={"description": "Areas of its subtree by level"},
    )


class Areas(ma.Schema):
    """Areas in order of code."""

    items = ma.fields.List(ma.fields.Nested(AreaShown))
    next = ma.fields.String(allow_none=True)


class On(ma.Schema):
    """The day to look at; an area's past is kept."""

    on = ma.fields.Date(metadata={"description": "As of this day; today when left out"})


class AreaSearch(On):
    """Which areas."""

    under = AreaCode()
    level = ma.fields.String(validate=ma.validate.OneOf(_LEVELS))
    q = ma.fields.String(validate=ma.validate.Length(1, 100))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


@routes.get("/areas", needs=ANYONE, gives=Gives(Areas), query=AreaSearch)
def search(ask: Ask) -> dict[str, Any]:
    """Search areas by subtree, level and part of the name."""
    level = ask.query.get("level")
    listed = areas.list_areas(
        ask.session,
        on=_day(ask),
        under=ask.query.get("under"),
        level=AreaLevel[level.upper()] if level else None,
        q=ask.query.get("q"),
        limit=ask.query["limit"],
    )
    return {"items": [_shown(area_) for area_ in listed], "next": None}


@routes.get("/areas/<code:code>", needs=ANYONE, gives=Gives(AreaPage), query=On)
def read(ask: Ask, code: str) -> dict[str, Any]:
    """Show one area, what it lies in and how much lies below it."""
    on = _day(ask)
    area = areas.get_area(ask.session, code, on=on)
    above = areas.list_ancestors(ask.session, area.code, on=on)
    counts = areas.count_areas(ask.session, on=on, under=area.code)
    return {
        **_shown(area),
        "ancestors": [_shown(ancestor) for ancestor in above if ancestor.code != area.code],
        "counts": {level.word: n for level, n in counts.items() if level > area.level},
    }


@routes.get("/areas/<code:code>/children", needs=ANYONE, gives=Gives(Areas), query=On)
def children(ask: Ask, code: str) -> dict[str, Any]:
    """List the areas one level down."""
    on = _day(ask)
    area = areas.get_area(ask.session, code, on=on)
    below = areas.list_children(ask.session, area.code, on=on)
    return {"items": [_shown(child) for child in below], "next": None}


def _day(ask: Ask) -> date:
    on: date | None = ask.query.get("on")
    return on or ask.now.astimezone(CHINA).date()


def _shown(area: Area) -> dict[str, Any]:
    return {
        "code": area.code,
        "padded_code": areas.padded_code(area.code),
        "name": area.name,
        "level": area.level.word,
        "parent": area.parent,
        "kind": area.kind,
        "valid_from": area.valid_from,
        "valid_to": area.valid_to,
        "lat": area.lat,
        "lon": area.lon,
    }
