"""The schematic map: the areas below one as hexagons, laid out by the city's own positions.

No outline of a real place is drawn. `map_positions.csv` of the city says in which row and column
an area stands, so that neighbours on the land are neighbours in the picture. Areas it leaves out
stand below the others, in rows that run to and fro in the order of codes. The coordinates are
invented, around the middle of the city's rectangle, and sized for the zoom band of the level.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from math import cos, radians, sqrt
from typing import Any, Final, NamedTuple

from storage.city.entries import Bounds
from storage.database.session import Session
from storage.places import areas
from storage.places.levels import AreaLevel

_PIXELS: Final = 64
"""Half the height of a hexagon on the screen, one zoom step into its band."""
_WORLD: Final = 512
"""Pixels around the earth at zoom 0."""
_CORNERS: Final = ((0.0, 1.0), (-1.0, 0.5), (-1.0, -0.5), (0.0, -1.0), (1.0, -0.5), (1.0, 0.5))
_GAP: Final = 0.97
_NARROW: Final = sqrt(3) / 2
"""Half the width of a hexagon by half its height."""


class Hexagon(NamedTuple):
    """The middle of a hexagon, in half widths to the right and half heights downwards."""

    x: float
    y: float


def cells(count: int) -> Iterator[Hexagon]:
    """Lay out hexagons in rows that run to and fro, every other row half a cell further."""
    across = max(1, round(sqrt(count)))
    for place in range(count):
        row, column = divmod(place, across)
        if row % 2:
            column = across - 1 - column
        yield Hexagon(2.0 * column + row % 2, 1.5 * row)


Positions = Mapping[str, tuple[int, int]]
"""By code of an area, its row from the north and its column from the west."""


def lay_out(codes: Sequence[str], positions: Positions) -> list[Hexagon]:
    """Return where each area stands, from 0 on in both directions."""
    known = {code: positions[code] for code in codes if code in positions}
    if not known:
        return list(cells(len(codes)))
    placed = {
        code: Hexagon(2.0 * column + row % 2, 1.5 * row) for code, (row, column) in known.items()
    }
    rest = [code for code in codes if code not in known]
    # An even row, so that the shift of every second one goes on below.
    first = 2 * (max(row for row, _ in known.values()) // 2 + 1)
    below = (Hexagon(cell.x, cell.y + 1.5 * first) for cell in cells(len(rest)))
    placed |= dict(zip(rest, below, strict=True))
    left = min(cell.x for cell in placed.values())
    top = min(cell.y for cell in placed.values())
    return [Hexagon(placed[code].x - left, placed[code].y - top) for code in codes]


def draw_schematic(
    named: Sequence[tuple[str, str]],
    level: AreaLevel,
    *,
    bounds: Bounds,
    band: float,
    positions: Positions,
) -> dict[str, Any]:
    """Draw areas of one level, codes with names, as GeoJSON."""
    placed = lay_out([code for code, _ in named], positions)
    place = _placing(placed, bounds=bounds, tall=360 * _PIXELS / (_WORLD * 2 ** (band + 1)))
    features = []
    for number, ((code, name), cell) in enumerate(zip(named, placed, strict=True), start=1):
        ring = [place(cell.x + _GAP * x, cell.y + _GAP * y) for x, y in _CORNERS]
        shown = {"code": code, "name": name, "level": level.word, "label": place(*cell)}
        outline = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        feature = {"type": "Feature", "id": number, "properties": shown, "geometry": outline}
        features.append(feature)
    return {"type": "FeatureCollection", "features": features}


def _placing(
    placed: Sequence[Hexagon], *, bounds: Bounds, tall: float
) -> Callable[[float, float], list[float]]:
    """Return where a place of the layout lies in degrees, the layout around the city's middle."""
    right = max((cell.x for cell in placed), default=0) / 2
    down = max((cell.y for cell in placed), default=0) / 2
    lat, lon = (bounds.south + bounds.north) / 2, (bounds.west + bounds.east) / 2
    # The projection stretches degrees of latitude by this much.
    flat = cos(radians(lat))

    def place(x: float, y: float) -> list[float]:
        across, below = (x - right) * tall * _NARROW, (y - down) * tall * flat
        return [round(lon + across, 7), round(lat - below, 7)]

    return place


def level_below(level: AreaLevel) -> AreaLevel | None:
    """Return the level of the areas in an area; None for a unit."""
    return None if level is AreaLevel.UNIT else AreaLevel(level + 1)


def top_area(session: Session, *, on: date) -> str:
    """Return the code of the city."""
    return areas.list_areas(session, on=on, level=AreaLevel.CITY)[0].code
