"""The areas below one as their imported outlines, where every one of them has an outline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import shapely

from handlers.map.invented import WATERMARK
from storage.database.session import Session
from storage.map.boundaries import DrawnBoundary, list_drawn
from storage.places.levels import AreaLevel

_DEGREE: Final = 6
"""Decimals of a coordinate: a tenth of a metre."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """Outlines as GeoJSON, with who drew them."""

    shapes: dict[str, Any]
    credit: str
    """Source and 审图号, shown on the map."""
    is_invented: bool
    """Of the invented city: no place is real, and a watermark says so."""


def draw_outlines(
    session: Session, named: Sequence[tuple[str, str]], level: AreaLevel, *, on: date
) -> Outlines | None:
    """Draw areas of one level, codes with names; None when the outline of one is missing."""
    listed = {one.code: one for one in list_drawn(session, [code for code, _ in named], on=on)}
    if not named or len(listed) < len(named):
        return None
    features = [
        _feature(number, name, level, listed[code])
        for number, (code, name) in enumerate(named, start=1)
    ]
    drawers = {_credit(one) for one in listed.values()}
    is_invented = any(one.source == WATERMARK for one in listed.values())
    collection = {"type": "FeatureCollection", "features": features}
    return Outlines(collection, "、".join(sorted(drawers)), is_invented)


def _feature(number: int, name: str, level: AreaLevel, boundary: DrawnBoundary) -> dict[str, Any]:
    shape = shapely.set_precision(shapely.from_wkb(boundary.drawn), 10.0**-_DEGREE)
    label = [round(boundary.label_lon, _DEGREE), round(boundary.label_lat, _DEGREE)]
    properties = {"code": boundary.code, "name": name, "level": level.word, "label": label}
    geometry = shapely.geometry.mapping(shape)
    return {"type": "Feature", "id": number, "properties": properties, "geometry": geometry}


def _credit(boundary: DrawnBoundary) -> str:
    return f"{boundary.source} {boundary.review_number or ''}".strip()
