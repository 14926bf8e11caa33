"""Vector tiles of the map, as the caller may see it."""

from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

import marshmallow as ma
from flask import Response, request

from api.http.auth import SIGNED_IN
from api.http.request import composition
from api.http.routes import Ask, Gives, Resource
from api.resources.map.summary import MapFilters
from handlers.map.tiles import LAYERS, TileRules, draw_tile, require_tile
from storage.city.rules import installed

routes = Resource("map_tiles", "Vector tiles of the map.")

_TYPE: Final = "application/vnd.mapbox-vector-tile"
_LAYER: Final = f"({'|'.join(LAYERS)})"


class TileSearch(MapFilters):
    """Which layers of a tile, and which businesses."""

    layers = ma.fields.String(
        validate=ma.validate.Regexp(f"^{_LAYER}(,{_LAYER})*$"),
        metadata={"example": "areas,points", "description": "With commas between; all otherwise"},
    )


@routes.get(
    "/map/tiles/<version:z>/<version:x>/<version:y>.mvt",
    needs=SIGNED_IN,
    gives=Gives(content_type=_TYPE),
    query=TileSearch,
)
def tile(ask: Ask, z: int, x: int, y: int) -> Response:
    """Draw a tile: numbers of areas, from a zoom on single businesses; outlines below both."""
    place = require_tile(z, x, y)
    asked: dict[str, Any] = dict(ask.query)
    if "layers" in asked:
        asked["layers"] = asked["layers"].split(",")
    first = composition().first_zoom_of_points(ask.session)
    rules = TileRules(installed().map.bands, first)
    content = draw_tile(ask.session, ask.actor, place, asked, rules=rules, now=ask.now)
    return _answer(content)


def _answer(content: bytes) -> Response:
    """Of the content itself: it holds what the caller may see, as it is at this moment."""
    response = Response(content, content_type=_TYPE)
    response.set_etag(sha256(content).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.set_data(b"")
        response.status_code = HTTPStatus.NOT_MODIFIED
    return response
