"""How the map is drawn: its style and the schematic areas."""

from typing import Any

import marshmallow as ma

from api.http.auth import ANYONE
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import AreaCode
from handlers.map.schematic import draw_schematic, level_below, top_area
from handlers.map.style import style_of
from storage.city.rules import installed
from storage.moments import in_china
from storage.places import areas

routes = Resource("map_drawing", "How the map is drawn.")


class OfArea(ma.Schema):
    """Which area."""

    area = AreaCode(metadata={"description": "The city otherwise"})


class DrawnAreas(ma.Schema):
    """GeoJSON; the coordinates are invented, no outline of a real place is drawn."""

    type = ma.fields.String(metadata={"example": "FeatureCollection"})
    features = ma.fields.List(ma.fields.Dict())


class MapStyle(ma.Schema):
    """A style document of MapLibre; it asks no other server for anything."""

    version = ma.fields.Integer(metadata={"example": 8})
    name = ma.fields.String(metadata={"example": "hangji"})
    sources = ma.fields.Dict()
    layers = ma.fields.List(ma.fields.Dict())


@routes.get("/map/schematic", needs=ANYONE, gives=Gives(DrawnAreas), query=OfArea)
def schematic(ask: Ask) -> dict[str, Any]:
    """Draw the areas below one as hexagons, laid out by the positions of the city."""
    on = in_china(ask.now).date()
    code = ask.query.get("area") or top_area(ask.session, on=on)
    area = areas.get_area(ask.session, code, on=on)
    below = level_below(area.level)
    if below is None:
        return {"type": "FeatureCollection", "features": []}
    named = [(each.code, each.name) for each in areas.list_children(ask.session, area.code, on=on)]
    rules = installed()
    drawn = rules.map
    return draw_schematic(
        named, below, bounds=rules.bounds, band=drawn.bands[below], positions=drawn.positions
    )


@routes.get("/map/style.json", needs=ANYONE, gives=Gives(MapStyle))
def style(ask: Ask) -> dict[str, Any]:
    """Show the style of the map: paper, and the base map where the city has one."""
    del ask
    return style_of(installed().map.base)
