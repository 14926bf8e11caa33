"""Find the village a position lies in; near a border, the two it may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians
from typing import Any, Final

import shapely

from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FormInvalid
from storage.map.boundaries import list_boundaries, names_of_boundaries
from storage.places.levels import AreaLevel
from storage.places.positions import WGS84, Position, metres_between, position_of

USUAL_ACCURACY: Final = 30.0
"""Metres, of a telephone that says nothing of it."""

_METRES_A_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class Located:
    """A village a position lies in or near."""

    code: str
    name: str
    metres: float
    """To its outline; 0 inside."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a position is: no village, the one, or the two of a border near by."""

    position: Position
    villages: tuple[Located, ...]
    warning: str | None

    @property
    def area(self) -> str | None:
        """The code of the village when there is no doubt."""
        return self.villages[0].code if len(self.villages) == 1 else None


class Villages:
    """The outlines of all villages of a day, to be looked up by position."""

    def __init__(self, named: Sequence[tuple[str, str, Any]]) -> None:
        self._named = [(code, name) for code, name, _ in named]
        self._tree = shapely.STRtree([shape for _, _, shape in named])

    def near(self, at: Position, *, within: float) -> list[Located]:
        """List the villages within some metres, the nearest first."""
        point = shapely.Point(at.lon, at.lat)
        degrees = within / (_METRES_A_DEGREE * cos(radians(at.lat)))
        found = []
        for place in self._tree.query(point, predicate="dwithin", distance=degrees):
            code, name = self._named[place]
            found.append(Located(code, name, _metres(at, point, self._tree.geometries[place])))
        return sorted(
            (village for village in found if village.metres <= within),
            key=lambda village: (village.metres, village.code),
        )


def load_villages(session: Session, *, on: date) -> Villages:
    """Read the outlines of the villages in force on a day."""
    listed = list_boundaries(session, level=int(AreaLevel.VILLAGE), on=on)
    names = names_of_boundaries(session, level=int(AreaLevel.VILLAGE), on=on)
    return Villages(
        [
            (one.area_code, names[one.area_code], shapely.from_wkb(one.geometry))
            for one in listed
            if one.area_code in names
        ]
    )


def locate(villages: Villages, location: Mapping[str, Any]) -> Location:
    """Find the village of a reported position: {lat, lon, crs, accuracy, address}.

    Raises:
        FormInvalid: latitude and longitude have changed places.
    """
    position = position_of(location)
    if position is None:
        raise FormInvalid.at("lat", "没有位置。")
    _require_order(position)
    within = float(location.get("accuracy") or USUAL_ACCURACY)
    near = villages.near(position, within=within)
    return Location(position, tuple(near[:2]), _shifted(villages, location, near))


def village_of(villages: Villages, location: Any) -> str | None:
    """Return the village of a position nobody has validated yet; None when there is any doubt."""
    try:
        return locate(villages, location).area if isinstance(location, dict) else None
    except (FormInvalid, KeyError, OverflowError, TypeError, ValueError):
        # The form says what is wrong with the position.
        return None


def _require_order(at: Position) -> None:
    bounds = installed().bounds
    if not bounds.hold(at.lat, at.lon) and bounds.hold(at.lon, at.lat):
        message = "纬度和经度写反了，请对调。"
        raise FormInvalid.at("lat", message, code="position_swapped")


def _shifted(
    villages: Villages, location: Mapping[str, Any], near: Sequence[Located]
) -> str | None:
    """Warn when the address names another village, in which the position lies as GCJ-02."""
    address = str(location.get("address") or "")
    if location.get("crs", WGS84) != WGS84 or not address:
        return None
    if any(village.name in address for village in near):
        return None
    as_gcj02 = position_of({**location, "crs": "gcj02"})
    meant = [] if as_gcj02 is None else villages.near(as_gcj02, within=0)
    if not any(village.name in address for village in meant):
        return None
    return (
        f"地址写的是{meant[0].name}，位置却不在那里；按 GCJ-02 读则在。请核对坐标系 "
        "(the position fits the address when it is read as GCJ-02: check its system)。"
    )


def _metres(at: Position, point: Any, shape: Any) -> float:
    """Return the distance to an outline, 0 inside."""
    if shape.covers(point):
        return 0.0
    nearest = shapely.shortest_line(point, shape).coords[1]
    return metres_between(at, Position(nearest[1], nearest[0]))
