"""Convert positions from other reference systems to WGS-84, and compute distances.

Chinese apps report GCJ-02, which is some 560 m off WGS-84 in Putian: enough to put a shop into
the wrong grid. The reported position is stored together with the computed one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, atan2, cos, pi, radians, sin, sqrt
from typing import Any

WGS84 = "wgs84"

_EARTH_RADIUS = 6_371_008.8
# GCJ-02 is defined on the Krasovsky 1940 ellipsoid.
_AXIS = 6_378_245.0
_ECCENTRICITY = 0.006_693_421_622_965_943
_BAIDU_TURN = pi * 3000.0 / 180.0
_ROUNDS = 3  # each round divides the error of the inverse by about a thousand


@dataclass(frozen=True, slots=True)
class Position:
    """A position in WGS-84 degrees."""

    lat: float
    lon: float


def position_of(location: Mapping[str, Any] | None) -> Position | None:
    """Return the WGS-84 position of a stored location; None when there is no location.

    CGCS2000 equals WGS-84 within centimetres.
    """
    if not location:
        return None
    given = Position(float(location["lat"]), float(location["lon"]))
    match location.get("crs", WGS84):
        case "gcj02":
            return from_gcj02(given)
        case "bd09":
            return from_gcj02(_from_bd09(given))
        case _:
            return given


def metres_between(one: Position, other: Position) -> float:
    """Return the great-circle distance in metres."""
    lat, other_lat = radians(one.lat), radians(other.lat)
    half_lat, half_lon = (other_lat - lat) / 2, radians(other.lon - one.lon) / 2
    chord = sin(half_lat) ** 2 + cos(lat) * cos(other_lat) * sin(half_lon) ** 2
    return 2 * _EARTH_RADIUS * asin(sqrt(min(1.0, chord)))


def to_gcj02(position: Position) -> Position:
    """Shift WGS-84 to GCJ-02."""
    x, y = position.lon - 105.0, position.lat - 35.0
    waves = _wave(6 * x, 20) + _wave(2 * x, 20)
    lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    lat += (waves + _wave(y, 20) + _wave(y / 3, 40) + _wave(y / 12, 160) + _wave(y / 30, 320)) / 1.5
    lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    lon += (waves + _wave(x, 20) + _wave(x / 3, 40) + _wave(x / 12, 150) + _wave(x / 30, 300)) / 1.5
    latitude = radians(position.lat)
    bend = 1 - _ECCENTRICITY * sin(latitude) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / (bend * sqrt(bend))
    return Position(
        position.lat + lat * 180.0 / (meridian * pi),
        position.lon + lon * 180.0 / (_AXIS / sqrt(bend) * cos(latitude) * pi),
    )


def from_gcj02(position: Position) -> Position:
    """Shift GCJ-02 back to WGS-84, to within 0.1 m."""
    shifted_back = position
    for _ in range(_ROUNDS):
        shifted = to_gcj02(shifted_back)
        shifted_back = Position(
            shifted_back.lat + position.lat - shifted.lat,
            shifted_back.lon + position.lon - shifted.lon,
        )
    return shifted_back


def _wave(x: float, height: float) -> float:
    return height * sin(x * pi)


def _from_bd09(position: Position) -> Position:
    x, y = position.lon - 0.0065, position.lat - 0.006
    length = sqrt(x * x + y * y) - 0.00002 * sin(y * _BAIDU_TURN)
    angle = atan2(y, x) - 0.000003 * cos(x * _BAIDU_TURN)
    return Position(length * sin(angle), length * cos(angle))
