"""In which system an outlines file is meant: how many businesses lie in their own areas in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely

from handlers.map.boundary_files import Outline
from storage.city.rules import installed
from storage.database.session import Session
from storage.map.points import PlacedShop, list_placed

MOST_SHOPS: Final = 2_000
_WIDE, _HIGH, _MARGIN = 320.0, 220.0, 8.0


@dataclass(frozen=True, slots=True)
class Fitting:
    """The outlines of a file as read in one system."""

    system: str
    inside: int
    """How many placed businesses lie in the outline of their own area."""
    placed: int
    is_in_city: bool
    paths: list[str]
    """The outlines as paths of a drawing, 320 by 220."""
    shops: list[tuple[float, float]]
    """Where the businesses stand in it."""


def fit_each(session: Session, readings: Mapping[str, Sequence[Outline]]) -> list[Fitting]:
    """Hold each way to read a file against the businesses with a position."""
    codes = {outline.code for outlines in readings.values() for outline in outlines}
    shops = list_placed(session, sorted(codes), limit=MOST_SHOPS)
    return [_fit(system, outlines, shops) for system, outlines in readings.items()]


def _fit(system: str, outlines: Sequence[Outline], shops: Sequence[PlacedShop]) -> Fitting:
    shapes = {outline.code: outline.shape for outline in outlines}
    bounds = shapely.total_bounds(list(shapes.values()))
    west, south, east, north = (float(edge) for edge in bounds)
    city = installed().bounds
    scale = min((_WIDE - 2 * _MARGIN) / (east - west), (_HIGH - 2 * _MARGIN) / (north - south))

    def place(lon: float, lat: float) -> tuple[float, float]:
        return round(_MARGIN + (lon - west) * scale, 1), round(_MARGIN + (north - lat) * scale, 1)

    drawn = [place(shop.lon, shop.lat) for shop in shops]
    return Fitting(
        system,
        sum(_is_home(shop, shapes) for shop in shops),
        len(shops),
        city.hold(south, west) and city.hold(north, east),
        [_path(shape.simplify(1 / scale), place) for shape in shapes.values()],
        [(x, y) for x, y in drawn if 0 <= x <= _WIDE and 0 <= y <= _HIGH],
    )


def _is_home(shop: PlacedShop, shapes: Mapping[str, Any]) -> bool:
    own = (shapes[code] for code in shapes if shop.area_code.startswith(code))
    return any(shape.covers(shapely.Point(shop.lon, shop.lat)) for shape in own)


def _path(shape: Any, place: Any) -> str:
    lines = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            corners = (place(lon, lat) for lon, lat in ring.coords)
            lines.append(" ".join(f"{x},{y}" for x, y in corners))
    return " ".join(f"M{line}Z" for line in lines)
