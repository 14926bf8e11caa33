"""What a vector tile of the map holds: areas with their numbers, outlines, or businesses."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

import shapely

from handlers.map.mvt import EXTENT, Feature, Value, encode
from handlers.map.summary import area_counts, open_case_counts
from handlers.registry.searching import filter_of
from storage.database.session import Session
from storage.errors import FormInvalid, NotFound
from storage.map.boundaries import list_boundaries, list_label_points
from storage.map.points import count_open_cases, list_points
from storage.moments import in_china
from storage.people.actors import Actor
from storage.places.levels import AreaLevel
from storage.places.tile_keys import GeoBox, Tile, projected

LAYERS: Final = ("areas", "boundaries", "points")
DEEPEST: Final = 22
_MARGIN: Final = 64
"""How far beyond its edges a tile holds outlines, so that lines join."""


@dataclass(frozen=True, slots=True)
class TileRules:
    """How zooms and levels belong together."""

    bands: Mapping[AreaLevel, float]
    """From which zoom on each level is shown."""
    first_zoom_of_points: int
    """From which zoom on businesses are shown one by one."""

    def level_at(self, zoom: int) -> AreaLevel:
        """Return the level a zoom shows."""
        return max(
            (level for level, edge in self.bands.items() if edge <= zoom), default=AreaLevel.CITY
        )


def require_tile(z: int, x: int, y: int) -> Tile:
    """Return the tile of an address.

    Raises:
        FormInvalid: no tile is that small.
        NotFound: the zoom has no such tile.
    """
    if z > DEEPEST:
        message = f"缩放级最多到 {DEEPEST}，请求的是 {z} (zooms end at {DEEPEST})。"
        raise FormInvalid.at("z", message)
    if x >= 1 << z or y >= 1 << z:
        message = f"缩放级 {z} 没有这一块地图。"
        raise NotFound(message, code="unknown_tile")
    return Tile(z, x, y)


def draw_tile(
    session: Session,
    actor: Actor,
    tile: Tile,
    asked: Mapping[str, Any],
    *,
    rules: TileRules,
    now: datetime,
) -> bytes:
    """Write the layers of a tile as an actor may see them; filters are those of the list."""
    layers: Collection[str] = asked.get("layers") or LAYERS
    on, shows_points = in_china(now).date(), tile.z >= rules.first_zoom_of_points
    level = rules.level_at(tile.z)
    written: dict[str, list[Feature]] = {}
    if "boundaries" in layers:
        written["boundaries"] = list(_outlines(session, tile, level, on))
    if "areas" in layers and not shows_points:
        written["areas"] = list(_areas(session, actor, tile, asked, level, now))
    if "points" in layers and shows_points:
        written["points"] = list(_points(session, actor, tile, asked, now))
    return encode(written)


def _points(
    session: Session, actor: Actor, tile: Tile, asked: Mapping[str, Any], now: datetime
) -> Iterator[Feature]:
    opened = count_open_cases(session, tile, actor=actor)
    for point in list_points(session, tile, filter_of(actor, asked, now=now)):
        properties: dict[str, Value] = {
            "category": point.category,
            "status": point.status,
            "bright": point.bright,
            "open_cases": opened.get(point.id, 0),
        }
        yield Feature(properties, point=_place(tile, point.lat, point.lon), id=point.id)


def _areas(
    session: Session,
    actor: Actor,
    tile: Tile,
    asked: Mapping[str, Any],
    level: AreaLevel,
    now: datetime,
) -> Iterator[Feature]:
    here = list_label_points(session, level=level, on=in_china(now).date(), box=tile.box)
    codes = [area.code for area in here]
    counted = area_counts(session, actor, codes, asked, now=now)
    opened = open_case_counts(session, actor, codes)
    for area in here:
        numbers = counted[area.code]
        properties: dict[str, Value] = {
            "code": area.code,
            "name": area.name,
            "level": level.word,
            "count": numbers.count,
            "ceased": numbers.ceased,
            "bright": numbers.bright,
            "open_cases": opened.get(area.code, 0),
        }
        yield Feature(properties, point=_place(tile, area.lat, area.lon))


def _outlines(session: Session, tile: Tile, level: AreaLevel, on: date) -> Iterator[Feature]:
    for boundary in list_boundaries(session, level=level, on=on, box=_wider(tile)):
        outline = shapely.from_wkb(boundary.drawn)
        shape = shapely.transform(outline, partial(_grid, tile), interleaved=False)
        cut = shapely.clip_by_rect(shape, -_MARGIN, -_MARGIN, EXTENT + _MARGIN, EXTENT + _MARGIN)
        rings = list(_rings(shapely.make_valid(shapely.set_precision(cut, 1))))
        if rings:
            yield Feature({"code": boundary.area_code, "level": level.word}, rings=rings)


def _rings(shape: Any) -> Iterator[list[tuple[int, int]]]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "MultiPolygon":
            yield from _rings(part)
        elif part.geom_type == "Polygon" and not part.is_empty:
            # South is down: counter-clockwise in numbers is clockwise on the screen.
            turned = shapely.orient_polygons(part)
            for ring in (turned.exterior, *turned.interiors):
                yield [(round(x), round(y)) for x, y in ring.coords[:-1]]


def _grid(tile: Tile, lon: Any, lat: Any) -> tuple[list[float], list[float]]:
    corners = [projected(float(one), float(other)) for one, other in zip(lat, lon, strict=True)]
    size = 1 << tile.z
    return (
        [(x * size - tile.x) * EXTENT for x, _ in corners],
        [(y * size - tile.y) * EXTENT for _, y in corners],
    )


def _place(tile: Tile, lat: float, lon: float) -> tuple[int, int]:
    x, y = projected(lat, lon)
    size = 1 << tile.z
    return int((x * size - tile.x) * EXTENT), int((y * size - tile.y) * EXTENT)


def _wider(tile: Tile) -> GeoBox:
    box = tile.box
    part = _MARGIN / EXTENT
    wide, high = (box.east - box.west) * part, (box.north - box.south) * part
    return GeoBox(box.west - wide, box.south - high, box.east + wide, box.north + high)
