"""What a map shows of its areas: numbers with their lists, shades, and the level below."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import url_for

from handlers.dashboards.open_cases import OpenCase
from handlers.map.summary import AreaNumbers, Numbers
from storage.city.maps import FIGURES
from storage.city.rules import installed
from storage.places.levels import LEVELS, AreaLevel
from web.frame.language import t
from web.pages.map.asked import MapQuestion

CEASED: Final = "ceased"
BRIGHT: Final = "bright_kitchen"
LIMIT_OF_BAR: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MapCount:
    """A number with the list it is the length of, how dark it is drawn and how long its bar is."""

    figure: str
    n: int
    href: str
    shade: int = 0
    bar: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRow:
    """One area of the map with its numbers."""

    code: str
    name: str
    down: str
    """The same map one level down; "" where nothing lies below."""
    counts: list[MapCount]
    late: MapCount
    steps: list[tuple[str, MapCount]]
    by_category: list[tuple[str, MapCount]]


def level_name(level: AreaLevel) -> str:
    """What a level is called."""
    return t(LEVELS[level].name_zh, LEVELS[level].name_en)


def figure_words() -> dict[str, tuple[str, str]]:
    """What areas may be shaded by: its words and its icon."""
    return {
        "open": (t("在办案件", "Open cases"), "folder-open"),
        "shops": (t("食品主体", "Food businesses"), "store"),
        "ceased": (t("停止经营", "Ceased"), "circle-pause"),
        "bright": (t("明厨亮灶", "Bright kitchens"), "video"),
    }


def counts_of(
    numbers: Numbers, opened: MapCount, asked: MapQuestion, **where: str
) -> list[MapCount]:
    """The four numbers of an area in the order of the columns."""
    found = {"shops": numbers.count, "ceased": numbers.ceased, "bright": numbers.bright}
    narrowed = {"shops": {}, "ceased": {"status": CEASED}, "bright": {"flag": BRIGHT}}
    return [
        opened,
        *(
            MapCount(figure=name, n=n, href=businesses_of(asked, **where, **narrowed[name]))
            for name, n in found.items()
        ),
    ]


def open_cases(n: int, area: str) -> MapCount:
    """How many cases are open in an area, with their list."""
    return MapCount(figure="open", n=n, href=url_for("web.case_list", status="open", area=area))


def open_here(n: int, area: str) -> MapCount:
    """How many cases are open in an area itself and in none below it, with their list."""
    return MapCount(figure="open", n=n, href=url_for("web.open_list", area=area, is_here="1"))


def row_of(
    numbers: AreaNumbers,
    cases: Iterable[OpenCase],
    asked: MapQuestion,
    categories: Mapping[str, str],
) -> MapRow:
    """One area in a row of the table."""
    code = numbers.code
    steps = _by_step(cases)
    is_last = numbers.level == AreaLevel.UNIT.word
    return MapRow(
        code=code,
        name=numbers.name,
        down=asked.address(area=code, view="points" if is_last else None),
        counts=counts_of(numbers, open_cases(numbers.open_cases, code), asked, area=code),
        late=MapCount(figure="late", n=steps.get("overdue", 0), href=_open_list(code, "overdue")),
        steps=[
            (step, MapCount(figure=step, n=n, href=_open_list(code, step)))
            for step, n in steps.items()
            if step
        ],
        by_category=by_category(numbers, asked, categories, area=code),
    )


def by_category(
    numbers: Numbers, asked: MapQuestion, categories: Mapping[str, str], *, area: str
) -> list[tuple[str, MapCount]]:
    """How many businesses of each top category there are, in the order of the list (R10)."""
    tops: dict[str, int] = {}
    for code, n in numbers.by_category.items():
        top = code if asked.filters.get("category") else code.partition(".")[0]
        tops[top] = tops.get(top, 0) + n
    order = {code: place for place, code in enumerate(categories)}
    return [
        (
            categories.get(code, code),
            MapCount(
                figure=code, n=tops[code], href=businesses_of(asked, area=area, category=code)
            ),
        )
        for code in sorted(tops, key=lambda code: order.get(code, len(order)))
    ]


def shaded(rows: list[MapRow], level: AreaLevel) -> list[MapRow]:
    """Give every number its shade by the fixed limits of the pack, and its bar by the longest."""
    most = dict.fromkeys(FIGURES, 1)
    for row in rows:
        most |= {count.figure: max(most[count.figure], count.n) for count in row.counts}
    return [
        replace(row, counts=[_shaded(count, level, most[count.figure]) for count in row.counts])
        for row in rows
    ]


def most_first(rows: list[MapRow], figure: str) -> list[MapRow]:
    """Rows by the chosen figure, the most first; those alike in the order of their codes."""
    place = FIGURES.index(figure)
    return sorted(rows, key=lambda row: -row.counts[place].n)


def legend(level: AreaLevel) -> dict[str, list[int]]:
    """From which number each shade begins, by figure."""
    rules = installed().map
    return {figure: [0, *rules.limits(figure, level)] for figure in FIGURES}


def attributes(row: MapRow) -> dict[str, Any]:
    """The numbers of a row as the canvas reads them."""
    told: dict[str, Any] = {"code": row.code, "down": row.down, "late": row.late.n}
    for count in row.counts:
        told |= {count.figure: count.n, f"{count.figure}-shade": count.shade}
    return told


def businesses_of(asked: MapQuestion, **having: str) -> str:
    """The address of the list of businesses a number counts."""
    kept: dict[str, Any] = {**asked.filters, **having}
    if kept.pop("bright", None):
        kept["flag"] = BRIGHT
    return url_for("web.business_list", **kept)


def _shaded(count: MapCount, level: AreaLevel, most: int) -> MapCount:
    limits = installed().map.limits(count.figure, level)
    shade = 1 + sum(count.n >= limit for limit in limits)
    return replace(count, shade=shade, bar=round(LIMIT_OF_BAR * count.n / most, 1))


def _by_step(cases: Iterable[OpenCase]) -> dict[str, int]:
    steps: dict[str, int] = {}
    for case in cases:
        steps[case.step] = steps.get(case.step, 0) + 1
    return steps


def _open_list(area: str, step: str) -> str:
    if step == "overdue":
        return url_for("web.open_list", area=area, figure="overdue")
    return url_for("web.open_list", area=area, step=step)
