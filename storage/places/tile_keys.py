"""The place of a position among the tiles of a web map, as one number.

The number interleaves the bits of column and row (Morton order), 24 of each: a tile of any zoom is
one contiguous range of numbers, so that an ordinary index finds what lies in it.
"""

from math import atan, degrees, log, pi, radians, sin, sinh
from typing import Final, NamedTuple

ZOOM: Final = 24
"""The zoom whose tiles are told apart: some two metres wide."""

_SIZE: Final = 1 << ZOOM
_HIGHEST: Final = 85.051128
"""The latitude at which the square of the web map ends."""

_SPREADS: Final = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


class GeoBox(NamedTuple):
    """A rectangle of degrees."""

    west: float
    south: float
    east: float
    north: float


class Tile(NamedTuple):
    """One square of the web map."""

    z: int
    x: int
    y: int

    @property
    def keys(self) -> tuple[int, int]:
        """The first key in the tile, and the first one after it."""
        shift, key = 2 * (ZOOM - self.z), _interleaved(self.x, self.y)
        return key << shift, (key + 1) << shift

    @property
    def box(self) -> GeoBox:
        """The edges of the tile in degrees."""
        west, north = _degrees(self.x, self.y, self.z)
        east, south = _degrees(self.x + 1, self.y + 1, self.z)
        return GeoBox(west, south, east, north)


def projected(lat: float, lon: float) -> tuple[float, float]:
    """Return how far east and south a position lies in the square of the web map, from 0 to 1."""
    sine = sin(radians(max(-_HIGHEST, min(_HIGHEST, lat))))
    return (lon + 180) / 360, 0.5 - log((1 + sine) / (1 - sine)) / (4 * pi)


def tile_key(lat: float | None, lon: float | None) -> int | None:
    """Return the key of a position; None for none."""
    if lat is None or lon is None:
        return None
    x, y = projected(lat, lon)
    return _interleaved(_bounded(x), _bounded(y))


def tiles_around(box: GeoBox) -> list[Tile]:
    """Return at most four tiles, the smallest of one zoom, that cover a box."""
    left, top = (_bounded(part) for part in projected(box.north, box.west))
    right, bottom = (_bounded(part) for part in projected(box.south, box.east))
    shift = max(right - left, bottom - top).bit_length()
    zoom = ZOOM - min(shift, ZOOM)
    shift = ZOOM - zoom
    columns = sorted({left >> shift, right >> shift})
    rows = sorted({top >> shift, bottom >> shift})
    return [Tile(zoom, x, y) for x in columns for y in rows]


def _bounded(part: float) -> int:
    return min(_SIZE - 1, max(0, int(part * _SIZE)))


def _interleaved(x: int, y: int) -> int:
    return _spread(x) | _spread(y) << 1


def _spread(number: int) -> int:
    for shift, mask in _SPREADS:
        number = (number | number << shift) & mask
    return number


def _degrees(x: int, y: int, z: int) -> tuple[float, float]:
    count = 1 << z
    return x / count * 360 - 180, degrees(atan(sinh(pi * (1 - 2 * y / count))))
