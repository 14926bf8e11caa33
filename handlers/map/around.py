"""A small picture of where something is: the outline around it, a ring of metres, the point."""

from dataclasses import dataclass
from datetime import date
from math import cos, radians
from typing import Any, Final

import shapely

from storage.database.session import Session
from storage.map.boundaries import list_drawn
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.places.positions import Position

WIDE: Final = 240.0
HIGH: Final = 150.0
RING: Final = 300
"""Metres from the point to the ring, which tells how large the picture is."""

_ACROSS: Final = 1_600.0
"""Metres from the left edge to the right one."""
_METRES_A_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class Around:
    """The picture, 240 by 150 with the point in the middle, and the point in words."""

    lines: list[str]
    """The outline of the village as paths; empty where none was imported."""
    ring: float
    text: str


def draw_around(session: Session, at: Position, area_code: str, *, on: date) -> Around:
    """Draw the surroundings of a position in an area."""
    village = area_code[: CODE_LENGTHS[AreaLevel.VILLAGE]]
    scale = WIDE / _ACROSS
    lines = [
        _line(ring, at, scale)
        for outline in list_drawn(session, [village], on=on)
        for part in shapely.get_parts(shapely.from_wkb(outline.drawn))
        for ring in (part.exterior, *part.interiors)
    ]
    return Around(lines, RING * scale, text_of(at))


def text_of(at: Position) -> str:
    """A position in words."""
    return f"{at.lat:.5f}, {at.lon:.5f} (WGS-84)"


def _line(ring: Any, at: Position, scale: float) -> str:
    east = _METRES_A_DEGREE * cos(radians(at.lat)) * scale
    north = _METRES_A_DEGREE * scale
    corners = (
        f"{WIDE / 2 + (lon - at.lon) * east:.1f},{HIGH / 2 - (lat - at.lat) * north:.1f}"
        for lon, lat in ring.coords
    )
    return f"M{' '.join(corners)}Z"
