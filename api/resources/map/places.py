"""Which village a position lies in."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.request import composition
from api.http.routes import Ask, Gives, Resource, Takes
from handlers.map.locating import locate

routes = Resource("map_places", "Places of the map.")

_SYSTEMS = ("wgs84", "cgcs2000", "gcj02", "bd09")


class PlaceAsked(ma.Schema):
    """A position as a telephone or a map reports it."""

    lat = ma.fields.Float(required=True, validate=ma.validate.Range(-180, 180))
    lon = ma.fields.Float(required=True, validate=ma.validate.Range(-180, 180))
    crs = ma.fields.String(load_default="wgs84", validate=ma.validate.OneOf(_SYSTEMS))
    accuracy = ma.fields.Float(
        validate=ma.validate.Range(0, 5_000), metadata={"description": "In metres; 30 otherwise"}
    )
    address = ma.fields.String(
        validate=ma.validate.Length(0, 200),
        metadata={"description": "What it names is compared with where the position lies"},
    )


class VillageNear(ma.Schema):
    """A village the position lies in or near."""

    code = ma.fields.String(metadata={"example": "350322100001"})
    name = ma.fields.String()
    metres = ma.fields.Float(metadata={"description": "To its outline; 0 inside"})


class PlaceFound(ma.Schema):
    """Where a position lies: none, one, or the two villages of a border near by."""

    lat = ma.fields.Float(metadata={"description": "In WGS-84"})
    lon = ma.fields.Float(metadata={"description": "In WGS-84"})
    area = ma.fields.String(
        allow_none=True, metadata={"description": "The village, when there is no doubt"}
    )
    villages = ma.fields.List(ma.fields.Nested(VillageNear))
    warning = ma.fields.String(allow_none=True)


@routes.post(
    "/places/locate",
    needs=SIGNED_IN,
    takes=Takes(PlaceAsked, example={"lat": 25.2407, "lon": 118.8609, "crs": "wgs84"}),
    gives=Gives(PlaceFound),
)
def find(ask: Ask) -> dict[str, Any]:
    """Find the village of a position by the outlines in force; nothing is written."""
    found = locate(composition().villages(ask.session), ask.body)
    return {
        "lat": found.position.lat,
        "lon": found.position.lon,
        "area": found.area,
        "villages": list(found.villages),
        "warning": found.warning,
    }
