"""An invented city with invented outlines, to try the map with; no place of it is real.

It is marked wherever it shows: its areas carry 虚构 in their names, the source of its outlines is
虚构边界.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import cos, pi, sin
from random import Random
from typing import Any, Final

import shapely

from handlers.map.boundaries import BoundarySource, import_boundaries
from handlers.map.boundary_files import Outline
from storage.city.rules import installed
from storage.database.session import Session
from storage.people import staffing
from storage.places import areas
from storage.places.areas import Area
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry import businesses
from storage.registry.businesses import BRIGHT, NewBusiness

WATERMARK: Final = "虚构边界"
CITY: Final = "9901"
"""No city of the country has a code that begins with 99."""

LEADER: Final = "invented_leader"

_PARTS: Final = {
    AreaLevel.COUNTY: 3,
    AreaLevel.TOWN: 4,
    AreaLevel.VILLAGE: 5,
    AreaLevel.GRID: 2,
    AreaLevel.UNIT: 2,
}
_NAMES: Final = {
    AreaLevel.COUNTY: "县",
    AreaLevel.TOWN: "镇",
    AreaLevel.VILLAGE: "村",
    AreaLevel.GRID: "网格",
    AreaLevel.UNIT: "单元",
}
_KINDS: Final = (
    "catering.restaurant",
    "catering.beverage",
    "retailer.convenience",
    "catering.hotel",
)
_SHOPS: Final = 3
_RADIUS: Final = 0.12


@dataclass(frozen=True, slots=True)
class Invented:
    """What was made."""

    areas: int
    outlines: int
    businesses: int


def invent_city(session: Session, *, password_hash: str, on: date, at: datetime) -> Invented:
    """Add the invented city, off the coast, with its leader; one that is there stays."""
    if areas.find_area(session, CITY, on=on) is not None:
        return Invented(0, 0, 0)
    random = Random(CITY)  # noqa: S311 - a drawing, the same each time
    drawn = {CITY: _coast(random)}
    made = [Area(CITY, "虚构市", AreaLevel.CITY, None, None, on, None)]
    for level, parts in _PARTS.items():
        for parent in [area for area in made if area.level == level - 1]:
            for number, shape in enumerate(_divided(drawn[parent.code], parts, random), start=1):
                area = _below(parent, level, number, on)
                drawn[area.code] = shape
                made.append(area)
    areas.add_areas(session, made)
    for level in AreaLevel:
        outlines = [Outline(area.code, drawn[area.code]) for area in made if area.level is level]
        import_boundaries(session, outlines, BoundarySource(WATERMARK, on))
    units = [area for area in made if area.level is AreaLevel.UNIT]
    shops = [shop for unit in units for shop in _shops(unit, drawn[unit.code], random)]
    for shop in shops:
        businesses.add_business(session, shop, at=at)
    _lead(session, password_hash, at)
    return Invented(len(made), len(drawn), len(shops))


def _lead(session: Session, password_hash: str, at: datetime) -> None:
    officer = staffing.add_officer(
        session, username=LEADER, name="演示虚构市领导", password_hash=password_hash, at=at
    )
    staffing.hold(session, staffing.add_post(session, "city", CITY).id, officer, since=at)


def _coast(random: Random) -> Any:
    """Draw the coast in the corner of the city's rectangle that is open sea."""
    bounds, corners = installed().bounds, 40
    lat, lon = bounds.south + 2 * _RADIUS, bounds.east - 2 * _RADIUS
    turns = [2 * pi * corner / corners for corner in range(corners)]
    reach = [_RADIUS * random.uniform(0.8, 1) for _ in turns]
    return shapely.Polygon(
        [
            (lon + far * cos(turn), lat + far * 0.9 * sin(turn))
            for turn, far in zip(turns, reach, strict=True)
        ]
    )


def _divided(shape: Any, parts: int, random: Random) -> Iterator[Any]:
    """Cut a shape across its longer side into parts that join without a gap."""
    west, south, east, north = shape.bounds
    is_wide = east - west > north - south
    low, high = (west, east) if is_wide else (south, north)
    step, lean = (high - low) / parts, (high - low) / parts * 0.15
    cuts = [
        (low + step * number + random.uniform(-lean, lean), low + step * number)
        for number in range(1, parts)
    ]
    edges = [(low - 1, low - 1), *cuts, (high + 1, high + 1)]
    for (first, second), (third, fourth) in pairwise(edges):
        if is_wide:
            ring = [(first, south), (third, south), (fourth, north), (second, north)]
        else:
            ring = [(west, first), (west, third), (east, fourth), (east, second)]
        yield shapely.set_precision(shape.intersection(shapely.Polygon(ring)), 1e-7)


def _below(parent: Area, level: AreaLevel, number: int, on: date) -> Area:
    width = CODE_LENGTHS[level] - len(parent.code)
    code = f"{parent.code}{number:0{width}d}"
    return Area(code, f"虚构{_NAMES[level]}{number}", level, parent.code, None, on, None)


def _shops(unit: Area, shape: Any, random: Random) -> Iterator[NewBusiness]:
    for number in range(1, _SHOPS + 1):
        at = _inside(shape, random)
        yield NewBusiness(
            name=f"虚构店{unit.code[len(CITY) :]}-{number}",
            category=random.choice(_KINDS),
            area_code=unit.code,
            lat=at.y,
            lon=at.x,
            status=random.choice(("operating", "operating", "operating", "ceased")),
            flags=[BRIGHT] if random.random() < 0.3 else [],  # noqa: PLR2004 - three in ten
        )


def _inside(shape: Any, random: Random) -> Any:
    west, south, east, north = shape.bounds
    while True:
        point = shapely.Point(random.uniform(west, east), random.uniform(south, north))
        if shape.contains(point):
            return point
