"""The map of the public: counts with the names they count, down to the village; never persons."""

from typing import Any, Final

from flask import render_template, request, url_for

from engine.reads.reading import Reading
from handlers.map.public import PublicNumbers, list_names, read_public_map
from handlers.map.schematic import level_below
from storage.city.rules import installed
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.naming import category_name, names_for
from web.frame.reading import cursor, search_text, seen_by_anyone
from web.frame.site import site
from web.pages.map import asked, frame, shown
from web.pages.map.asked import MapQuestion
from web.pages.registry import words

FIGURES: Final = ("shops", "ceased", "bright")
_YES: Final = "yes"


@site.get("/public/map")
def public_map() -> str:
    """How many businesses there are, by area and category."""
    return render_template("map/public.html", **seen_by_anyone(_look))


@site.get("/public/shops")
def public_shops() -> str:
    """The businesses a number of the public map counts, by name."""
    return render_template("map/shops.html", **seen_by_anyone(_names))


def _look(reading: Reading) -> dict[str, Any]:
    question = asked.read("web.public_map", layers=FIGURES)
    category = question.filters.get("category")
    counted = read_public_map(reading.session, question.area, category=category, now=reading.now)
    area = counted.whole.area
    rows = [_row(child, question) for child in counted.children]
    below = level_below(area.level) if rows else None
    return {
        **frame.around(question, area),
        "chips": [frame.category_chip(question)],
        "figures": {name: shown.figure_words()[name] for name in FIGURES},
        "above": [(each.name, question.address(area=each.code)) for each in counted.above],
        "rows": rows if below is None else shown.shaded(rows, below),
        "total": _row(counted.whole, question),
        "list": _list(question, area.code),
        **({} if below is None else frame.drawing(reading, question, rows, below)),
    }


def _row(numbers: PublicNumbers, question: MapQuestion) -> shown.MapRow:
    code = numbers.area.code
    found = {"shops": numbers.count, "ceased": numbers.ceased, "bright": numbers.bright}
    narrowed: dict[str, dict[str, str]] = {"ceased": {"ceased": _YES}, "bright": {"bright": _YES}}
    counts = [
        shown.MapCount(figure=name, n=n, href=_list(question, code, **narrowed.get(name, {})))
        for name, n in found.items()
    ]
    tops: dict[str, int] = {}
    for category, n in numbers.by_category.items():
        top = category.partition(".")[0]
        tops[top] = tops.get(top, 0) + n
    known = [code for code in installed().categories.names if "." not in code]
    return shown.MapRow(
        code=code,
        name=numbers.area.name,
        down=question.address(area=code),
        counts=counts,
        late=shown.MapCount(figure="late", n=0, href=""),
        steps=[],
        by_category=[
            (
                category_name(top),
                shown.MapCount(figure=top, n=tops[top], href=_list(question, code, category=top)),
            )
            for top in known
            if top in tops
        ],
    )


def bright_of(area: str) -> str:
    """The address of the names of an area's bright kitchens."""
    return url_for("web.public_shops", area=area, bright=_YES)


def _list(question: MapQuestion, area: str, **having: str) -> str:
    category = question.filters.get("category")
    kept: dict[str, Any] = {"category": category} if category else {}
    return url_for("web.public_shops", **{**kept, "area": area, **having})


def _names(reading: Reading) -> dict[str, Any]:
    question = asked.read("web.public_shops", layers=FIGURES)
    having = {name: request.args[name] for name in ("ceased", "bright") if request.args.get(name)}
    whole = read_public_map(reading.session, question.area, category=None, now=reading.now)
    area = whole.whole.area
    q = (search_text() or "").strip()
    named = {"q": q} if q else {}
    searched: dict[str, Any] = {**having, **question.filters, "area": area.code, **named}
    page = list_names(reading.session, searched, cursor=cursor())
    names = names_for(reading, areas=[each.area_code for each in page.items])
    here = url_for("web.public_shops", **searched)
    return {
        "area": area,
        "back": url_for("web.public_map", area=area.code),
        "having": [*_said(searched)],
        "q": q,
        "kept": {name: value for name, value in searched.items() if name != "q"},
        "shops": [
            {
                "name": each.name,
                "href": url_for("web.public_business", business_id=each.id),
                "category": category_name(each.category),
                "place": each.address or names.area(each.area_code),
                "status": words.statuses()[each.status],
            }
            for each in page.items
        ],
        "next": page.next and f"{here}&cursor={hangji().seal(page.next)}",
    }


def _said(searched: dict[str, str]) -> list[str]:
    category = searched.get("category", "")
    said = [category_name(category)] if category else []
    said += [t("停止经营", "Ceased")] * ("ceased" in searched)
    return said + [t("明厨亮灶", "Bright kitchen")] * ("bright" in searched)
