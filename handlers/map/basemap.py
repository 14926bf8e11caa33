"""Which tiles of the base map this server passes on, and where it reads them."""

from math import asinh, pi, radians, tan
from typing import Final

from storage.city.entries import Bounds
from storage.city.maps import BaseMap

_WHOLE: Final = 7
"""Up to this zoom the city is a few tiles, which are passed on with what lies around it."""


def tile_address(
    base: BaseMap, bounds: Bounds, tile: tuple[int, int, int], *, key: str
) -> str | None:
    """Return the address of a tile; None where there is none, or it does not touch the city."""
    z, x, y = tile
    if base.kind != "raster" or z > base.max_zoom or not (x < 2**z and y < 2**z):
        return None
    if not _touches(bounds, z, x, y):
        return None
    written = base.url
    for name, value in (("z", z), ("x", x), ("y", y), ("key", key)):
        written = written.replace(f"{{{name}}}", str(value))
    return written


def _touches(bounds: Bounds, z: int, x: int, y: int) -> bool:
    west, north = _tile_of(bounds.north, bounds.west, z)
    east, south = _tile_of(bounds.south, bounds.east, z)
    margin = 1 if z <= _WHOLE else 0
    return west - margin <= x <= east + margin and north - margin <= y <= south + margin


def _tile_of(lat: float, lon: float, z: int) -> tuple[int, int]:
    """The tile of a position in web mercator."""
    x = (lon + 180) / 360 * 2**z
    y = (1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z
    return int(x), int(y)
