"""The map of officers: the areas below one, every number with its list, the same as a table."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from flask import render_template

from engine.reads.clocks import clocks_of
from engine.reads.places import areas_named
from engine.reads.reading import Reading
from handlers.dashboards.open_cases import OpenCase, OpenFilter, cases_of
from handlers.map.schematic import level_below
from handlers.map.summary import Summary, own_area, read_summary
from handlers.registry.searching import areas_within
from storage.dashboards.open_work import list_open_work
from storage.errors import FormInvalid
from storage.moments import in_china
from storage.places import areas
from storage.places.areas import Area
from web.frame import sessions
from web.frame.reading import search_text, seen
from web.frame.site import site
from web.pages.map import asked, frame, points, shown
from web.pages.map.asked import MapQuestion
from web.pages.registry import words

FOUND = 12


@site.get("/map")
@sessions.signed_in
def map_page() -> Any:
    """The map of one's own area, or of one inside it."""
    words.categories()  # before the read of the page: it is one of its own
    return render_template("map/map.html", **seen(_look))


def _look(reading: Reading) -> dict[str, Any]:
    question = asked.read("web.map_page")
    own = areas_within(reading.actor, "")
    if own == []:
        return {"has_area": False}
    on = in_china(reading.now).date()
    code = question.area or own_area(reading.session, reading.actor, on=on)
    _require_own(reading, code)
    above = areas.list_ancestors(reading.session, code, on=on)
    area = areas.get_area(reading.session, code, on=on)
    return {
        "has_area": True,
        "above": _above(reading, above, question),
        "found": _found(reading, question),
        "chips": frame.chips(question),
        **frame.around(question, area),
        **_inside(reading, question, area),
    }


def _inside(reading: Reading, question: MapQuestion, area: Area) -> dict[str, Any]:
    """The areas below, or the businesses where they stand."""
    below = level_below(area.level)
    if question.view == asked.POINTS or below is None:
        return points.points_of(reading, question, area)
    counted = read_summary(
        reading.session,
        reading.actor,
        {**question.of_businesses, "area": area.code},
        now=reading.now,
    )
    categories = words.categories()
    open_in = _open_cases(reading, counted, area)
    rows = shown.shaded(
        [
            shown.row_of(child, open_in[child.code], question, categories)
            for child in counted.children
            if areas_within(reading.actor, child.code) != []
        ],
        below,
    )
    return {
        "rows": shown.most_first(rows, question.layer),
        "total": shown.row_of(counted.area, open_in[area.code], question, categories),
        "here": _here(counted, open_in[""], question, area),
        **frame.drawing(reading, question, rows, below),
        "tiles": points.tiles_of(question),
    }


def _open_cases(reading: Reading, counted: Summary, area: Area) -> dict[str, list[OpenCase]]:
    """The open cases of the area, of each below it, and under "" those of the area itself."""
    clocks = clocks_of(reading)
    tasks = list_open_work(reading.session, actor=reading.actor, area=area.code)
    its = defaultdict(list)
    for task in tasks:
        for child in counted.children:
            if task.area_code.startswith(child.code):
                its[child.code].append(task)
    found = defaultdict(list, {code: cases_of(each, clocks) for code, each in its.items()})
    found[area.code] = cases_of(tasks, clocks)
    found[""] = cases_of(tasks, clocks, OpenFilter(area=area.code, is_here=True))
    return found


def _here(
    counted: Summary, cases: Iterable[OpenCase], question: MapQuestion, area: Area
) -> list[shown.MapCount]:
    """What stands in the area itself and in none below it; empty for nothing."""
    number = len(list(cases))
    opened = shown.open_here(number, area.code)
    counts = shown.counts_of(counted.here, opened, question, area=area.code, here="yes")
    return counts if any(count.n for count in counts) else []


def _require_own(reading: Reading, code: str) -> None:
    if areas_within(reading.actor, code) == []:
        message = "这个区域不在您的辖区，请从自己的地图上选。"
        english = "This area is not one of yours; choose it on your own map."
        raise FormInvalid.at("area", message, english=english)


def _above(reading: Reading, above: Iterable[Area], question: MapQuestion) -> list[tuple[str, str]]:
    """The names above the area down to the one before it, with their maps where they are one's."""
    whole = own_area(reading.session, reading.actor, on=in_china(reading.now).date())
    listed = list(above)[:-1]
    return [
        (each.name, question.address(area=each.code, view=None) if _holds(whole, each) else "")
        for each in listed
    ]


def _holds(whole: str, each: Area) -> bool:
    return each.code.startswith(whole)


def _found(reading: Reading, question: MapQuestion) -> dict[str, Any] | None:
    """Areas whose name holds the searched text, each with its map."""
    text = search_text()
    if text is None:
        return None
    named = areas_named(reading, text, limit=FOUND)
    links = [(name, question.address(area=code, view=None)) for code, name in named]
    return {"q": text, "areas": links}
