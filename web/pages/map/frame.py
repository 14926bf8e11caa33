"""What every map shows around its canvas: style, filters, legend, the drawn areas."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from engine.reads.reading import Reading
from handlers.map.outlines import draw_outlines
from handlers.map.schematic import draw_schematic
from handlers.map.style import credit_of, style_of
from storage.city.maps import DEEPEST
from storage.city.rules import installed
from storage.moments import in_china
from storage.places.areas import Area
from storage.places.levels import AreaLevel
from web.frame.language import t
from web.frame.naming import category_name
from web.frame.words import step_words
from web.pages.map import shown
from web.pages.map.asked import MapQuestion
from web.pages.registry import words

_YES: Final = "yes"


def around(question: MapQuestion, area: Area) -> dict[str, Any]:
    """The area, the figures, the style of the canvas and its words."""
    base = installed().map.base
    return {
        "asked": question,
        "area": area,
        "figures": shown.figure_words(),
        "style": style_of(base),
        "credit": credit_of(base),
        "words": canvas_words(),
        "step_names": step_words(),
    }


def drawing(
    reading: Reading, question: MapQuestion, rows: Sequence[shown.MapRow], below: AreaLevel
) -> dict[str, Any]:
    """The areas below as the canvas draws them, with the zoom band of their level.

    Their outlines where all of them have one, else hexagons.
    """
    rules = installed()
    bands = rules.map.bands
    upper = bands[AreaLevel(below + 1)] if below < AreaLevel.UNIT else DEEPEST
    named = [(row.code, row.name) for row in rows]
    outlines = draw_outlines(reading.session, named, below, on=in_china(reading.now).date())
    if outlines is None:
        shapes = draw_schematic(
            named,
            below,
            bounds=rules.bounds,
            band=bands[below],
            positions=rules.map.positions,
        )
    else:
        shapes = outlines.shapes
    return {
        "below": shown.level_name(below),
        "legend": shown.legend(below),
        "outlines": outlines,
        "canvas_of_areas": {
            "data-shapes": _json(shapes),
            "data-band": _json([bands[below], upper]),
            "data-layer": question.layer,
            "data-outlines": None if outlines is None else "yes",
        },
        "attributes": shown.attributes,
    }


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def canvas_words() -> dict[str, dict[str, str]]:
    """The words MapLibre shows or reads out."""
    locale = {
        "NavigationControl.ZoomIn": t("放大", "Zoom in"),
        "NavigationControl.ZoomOut": t("缩小", "Zoom out"),
        "Map.Title": t("地图，旁边的表格有同样的内容", "Map; the table beside it says the same"),
        "CooperativeGesturesHandler.MobileHelpText": t("用两指移动地图", "Use two fingers"),
        "CooperativeGesturesHandler.WindowsHelpText": t("按住 Ctrl 滚动缩放", "Ctrl and scroll"),
        "CooperativeGesturesHandler.MacHelpText": t("按住 ⌘ 滚动缩放", "⌘ and scroll"),
        "AttributionControl.ToggleAttribution": t("显示来源", "Show the source"),
    }
    return {"locale": locale}


def chips(question: MapQuestion) -> list[dict[str, Any]]:
    """The filters of a map, chosen ones with the way to take them off."""
    statuses = [(name, told[1]) for name, told in words.statuses().items()]
    bright = [(_YES, t("只看明厨亮灶", "Only these"))]
    opened = [(_YES, t("只看有在办的", "Only with one"))]
    return [
        category_chip(question),
        _chip(question, "status", t("状态", "Status"), statuses),
        _chip(question, "bright", t("明厨亮灶", "Bright kitchen"), bright),
        _chip(question, "open_cases", t("在办案件", "Open cases"), opened),
    ]


def category_chip(question: MapQuestion) -> dict[str, Any]:
    """The filter by category."""
    tops = [code for code in installed().categories.names if "." not in code]
    options = [(code, category_name(code)) for code in tops]
    return _chip(question, "category", t("类别", "Category"), options)


def _chip(
    question: MapQuestion, name: str, label: str, options: list[tuple[str, str]]
) -> dict[str, Any]:
    chosen = question.filters.get(name)
    if chosen:
        told = dict(options).get(chosen) or category_name(chosen)
        return {"label": label, "chosen": told, "without": question.address(**{name: None})}
    links = [(told, question.address(**{name: value})) for value, told in options]
    return {"label": label, "chosen": "", "options": links}
