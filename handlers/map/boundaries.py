"""Check the outlines of a level against the areas of the city, and put them in force.

All or nothing: one outline that does not fit leaves the former ones as they were.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import shapely

from handlers.map.boundary_files import Outline
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FormInvalid, NotFound
from storage.map.boundaries import Boundary, list_boundaries, replace_boundaries
from storage.places import areas
from storage.places.areas import significant_code
from storage.places.levels import LEVEL_OF_LENGTH, AreaLevel

MOST_GAP: Final = 0.01
"""Part of a parent that its children may leave open, or reach beyond it."""

MOST_OVERLAP: Final = 0.005
"""Part of the smaller of two neighbours that both may claim."""

_NAMED: Final = 20
_ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class BoundarySource:
    """Where outlines come from, and since when they are in force."""

    name: str
    on: date
    review_number: str | None = None


def import_boundaries(
    session: Session, outlines: Sequence[Outline], source: BoundarySource
) -> dict[str, int | str]:
    """Put the outlines of one level in force, all of them or none; say what was done.

    Raises:
        FormInvalid: outlines do not fit; each is named.
    """
    named = [Outline(_code_of(one), one.shape) for one in outlines]
    level = _level_of(named)
    names = {
        area.code: area.name
        for area in areas.list_areas(session, on=source.on, level=level, limit=_ALL)
    }
    problems = [*_of_each(named, names)]
    if not problems:
        parents = _parents(session, level, source.on)
        problems = [*_of_families(named, names, parents), *_overlaps(named, names)]
    if problems:
        more = len(problems) - _NAMED
        shown = problems[:_NAMED] + ([f"另有 {more} 处 ({more} more)。"] if more > 0 else [])
        raise FormInvalid("".join(shown), errors=[("/file", each) for each in shown])
    drawn = _simplified([one.shape for one in named], level)
    made = [
        _boundary(one, int(level), simple, source) for one, simple in zip(named, drawn, strict=True)
    ]
    ended = replace_boundaries(session, int(level), made, on=source.on)
    return {"level": level.word, "areas": len(made), "ended": ended}


def _code_of(outline: Outline) -> str:
    try:
        return significant_code(outline.code)
    except NotFound as error:
        raise FormInvalid.at("file", error.message) from error


def _level_of(outlines: Iterable[Outline]) -> AreaLevel:
    levels = {LEVEL_OF_LENGTH[len(one.code)] for one in outlines}
    if len(levels) != 1:
        found = "、".join(sorted(level.word for level in levels))
        message = f"一个文件只能有一级区域，这里有 {found} (one level a file)。"
        raise FormInvalid.at("file", message)
    return levels.pop()


def _of_each(outlines: Sequence[Outline], names: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with an outline alone."""
    bounds, seen = installed().bounds, set[str]()
    for one in outlines:
        named = f"{one.code} {names.get(one.code, '')}".strip()
        west, south, east, north = one.shape.bounds
        if one.code not in names:
            yield f"{one.code} 不在区域名册里，请先导入区域 (unknown area: import it first)。"
        elif one.code in seen:
            yield f"{named} 出现了两次 (twice in the file)。"
        elif not (bounds.hold(south, west) and bounds.hold(north, east)):
            yield f"{named} 超出本市范围，请核对坐标系 (outside the city: check the system)。"
        elif not one.shape.is_valid:
            why = shapely.is_valid_reason(one.shape)
            yield f"{named} 的边界自相交或不完整 (not a sound outline: {why})。"
        seen.add(one.code)


def _of_families(
    outlines: Iterable[Outline], names: Mapping[str, str], parents: Mapping[str, Any]
) -> Iterator[str]:
    """What is wrong between a parent and its children."""
    families: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in outlines:
        if (above := areas.parent_code(one.code)) is not None:
            families[above][one.code] = one.shape
    for parent, children in families.items():
        missing = [
            f"{code} {name}"
            for code, name in names.items()
            if areas.parent_code(code) == parent and code not in children
        ]
        if missing:
            yield f"{parent} 缺少 {'、'.join(missing[:_NAMED])} 的边界 (no outline of these)。"
            continue
        yield from _gaps(parent, children, names, parents.get(parent))


def _gaps(
    parent: str, children: Mapping[str, Any], names: Mapping[str, str], around: Any
) -> Iterator[str]:
    union = shapely.union_all(list(children.values()))
    # Without the outline of the parent, a gap is a hole between the children.
    whole = shapely.union_all(_filled(union)) if around is None else around
    for what, rest in (
        ("留有空隙 (a gap)", whole - union),
        ("越出上级 (beyond it)", union - whole),
    ):
        if rest.area <= MOST_GAP * whole.area:
            continue
        largest = max(shapely.get_parts(rest), key=lambda part: part.area)
        beside = [code for code, shape in children.items() if shape.distance(largest) < 1e-9]  # noqa: PLR2004 - touches
        named = "、".join(f"{code} {names[code]}" for code in beside[:_NAMED])
        part = rest.area / whole.area
        yield f"{parent} 的下级区域{what} {part:.1%}，在 {named} 旁边 (beside these)。"


def _filled(union: Any) -> list[Any]:
    return [shapely.Polygon(part.exterior) for part in shapely.get_parts(union)]


def _overlaps(outlines: Sequence[Outline], names: Mapping[str, str]) -> Iterator[str]:
    tree = shapely.STRtree([one.shape for one in outlines])
    for first, second in zip(*tree.query(tree.geometries, predicate="intersects"), strict=True):
        if first >= second:
            continue
        one, other = outlines[first], outlines[second]
        smaller = min(one.shape.area, other.shape.area)
        part = one.shape.intersection(other.shape).area / smaller
        if part > MOST_OVERLAP:
            yield (
                f"{one.code} {names[one.code]} 与 {other.code} {names[other.code]} "
                f"重叠 {part:.1%} (overlap)。"
            )


def _parents(session: Session, level: AreaLevel, on: date) -> dict[str, Any]:
    if level is AreaLevel.CITY:
        return {}
    listed = list_boundaries(session, level=int(level) - 1, on=on)
    return {one.area_code: shapely.from_wkb(one.geometry) for one in listed}


def _simplified(shapes: Sequence[Any], level: AreaLevel) -> list[Any]:
    """Draw simpler outlines that still join: half a pixel at the last zoom that shows the level."""
    bands = installed().map.bands
    if level is AreaLevel.UNIT:
        return list(shapes)
    pixel = 360 / (256 * 2 ** bands[AreaLevel(level + 1)])
    # The area of the triangle a corner may lose, as the root of it.
    simple = shapely.coverage_simplify(list(shapes), pixel / 2)
    return [
        new if new.is_valid and not new.is_empty else old
        for new, old in zip(simple, shapes, strict=True)
    ]


def _boundary(one: Outline, level: int, drawn: Any, source: BoundarySource) -> Boundary:
    west, south, east, north = one.shape.bounds
    label = shapely.point_on_surface(one.shape)
    return Boundary(
        area_code=one.code,
        level=level,
        geometry=shapely.to_wkb(shapely.orient_polygons(one.shape)),
        drawn=shapely.to_wkb(drawn),
        west=west,
        south=south,
        east=east,
        north=north,
        label_lat=label.y,
        label_lon=label.x,
        source=source.name,
        review_number=source.review_number,
    )
