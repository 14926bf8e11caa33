"""The map of a first page: the areas below one's own as a small sketch with their numbers."""

from itertools import takewhile
from typing import Any, Final

from flask import render_template, url_for

from engine.reads.clocks import clocks_of
from engine.reads.reading import Reading
from handlers.dashboards.boards import AreaRow, areas_of
from handlers.map.public import read_public_map
from handlers.map.schematic import lay_out
from handlers.map.summary import own_area
from handlers.registry.searching import areas_within
from storage.city.rules import installed
from storage.moments import in_china
from storage.places import areas
from storage.places.areas import Area, significant_code
from storage.places.levels import AreaLevel
from web.frame import sessions
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.pages.boards import asked
from web.pages.map.public import bright_of

CATERING: Final = "catering_section"
_HALF: Final = 40.0
"""Half the width of a hexagon; half its height is a little more."""
_TALL: Final = 46.0
_WIDEST: Final = 480
"""Beyond this width names are too small to read, and the table alone is shown."""

_LONGEST: Final = 6
"""So many characters fit into a hexagon."""

_CORNERS: Final = ((0, 1), (-1, 0.5), (-1, -0.5), (0, -1), (1, -0.5), (1, 0.5))


@site.get("/map/small")
@sessions.signed_in
def small_map() -> str:
    """The sketch alone, for the first page to show; of the area its address names."""
    return render_template("map/small.html", **seen(_look))


def _look(reading: Reading) -> dict[str, Any]:
    if CATERING in reading.actor.roles:
        return _bright(reading)
    if areas_within(reading.actor, "") == []:
        return {"hexes": []}
    on = in_china(reading.now).date()
    code = asked.area() or own_area(reading.session, reading.actor, on=on)
    below = [
        area
        for area in areas.list_children(reading.session, code, on=on)
        if areas_within(reading.actor, area.code) != []
    ]
    rows = areas_of(reading.session, clocks_of(reading), actor=reading.actor, area=asked.area())
    counts = {row.code: row.counts.open for row in rows}
    numbers = [
        (area, counts.pop(significant_code(area.code), 0), asked.open_list(area=area.code))
        for area in below
    ]
    return {
        "title": t("辖区在办案件", "Open cases in my area"),
        "whole": url_for("web.map_page", area=asked.area()),
        "beside": _beside(reading, [row for row in rows if row.code in counts]),
        **_sketch(numbers, "open"),
    }


def _beside(reading: Reading, rows: list[AreaRow]) -> list[dict[str, Any]]:
    """What is open and lies in no area of the sketch, as the bars beside it count it."""
    names = names_for(reading, areas=[row.code for row in rows]).areas
    shown = []
    for row in rows:
        name = names.get(row.code, row.code)
        href = asked.open_list(area=row.code, is_here=row.is_here)
        called = t(f"{name}本级", f"{name} itself") if row.is_here else name
        shown.append({"name": called, "number": row.counts.open, "href": href})
    return shown


def _bright(reading: Reading) -> dict[str, Any]:
    """The bright kitchens of the city, which the public may count as well (R12)."""
    counted = read_public_map(reading.session, None, category=None, now=reading.now)
    numbers = [(child.area, child.bright, bright_of(child.area.code)) for child in counted.children]
    return {
        "title": t("明厨亮灶", "Bright kitchens"),
        "whole": url_for("web.public_map", layer="bright"),
        **_sketch(numbers, "bright"),
    }


def _sketch(numbers: list[tuple[Area, int, str]], figure: str) -> dict[str, Any]:
    level = numbers[0][0].level if numbers else AreaLevel.UNIT
    limits = installed().map.limits(figure, level)
    hexes, right, down = [], 0.0, 0.0
    names = _told_apart([area.name for area, _, _ in numbers])
    placed = lay_out([area.code for area, _, _ in numbers], installed().map.positions)
    for (area, number, href), cell in zip(numbers, placed, strict=True):
        x, y = _HALF * (cell.x + 1), _TALL * (cell.y + 1)
        right, down = max(right, x + _HALF), max(down, y + _TALL)
        corners = (
            f"{x + 0.97 * _HALF * across:.1f},{y + 0.97 * _TALL * low:.1f}"
            for across, low in _CORNERS
        )
        shown = {
            "name": area.name,
            "short": names[area.name],
            "number": number,
            "href": href,
            "x": x,
            "y": y,
        }
        shown |= {"points": " ".join(corners), "shade": 1 + sum(number >= edge for edge in limits)}
        hexes.append(shown)
    return {
        "hexes": hexes,
        "across": round(right),
        "down": round(down),
        "is_wide": right > _WIDEST,
    }


def _told_apart(names: list[str]) -> dict[str, str]:
    """The names without what all of them begin with: 1单元 of 学士社区第1网格1单元."""
    pairs = zip(min(names, default=""), max(names, default=""), strict=False)
    alike = takewhile(lambda pair: pair[0] == pair[1], pairs)
    shared = "".join(letter for letter, _ in alike).rstrip("0123456789第")
    return {name: _fitting(name.removeprefix(shared) or name) for name in names}


def _fitting(name: str) -> str:
    """What a hexagon has room for; the table beside it has the whole name."""
    endings = (end for end in installed().area_suffixes if name.endswith(end))
    said = name.removesuffix(next(endings, ""))
    return (said or name)[:_LONGEST]
