"""Businesses where they stand: the same rows are the table and what the canvas draws."""

from collections.abc import Mapping
from typing import Any, Final

from flask import url_for

from engine.reads.reading import Reading
from handlers.registry.searching import filter_of
from storage.places.areas import Area
from storage.registry.businesses import BRIGHT, Business, count_by_category, search_businesses
from web.frame.language import t
from web.frame.naming import names_for
from web.pages.map.asked import MapQuestion
from web.pages.map.shown import businesses_of
from web.pages.registry import words

MOST: Final = 200
_CEASED: Final = "ceased"


def points_of(reading: Reading, question: MapQuestion, area: Area) -> dict[str, Any]:
    """The businesses of an area, those with a position as points of the canvas."""
    searched = {**question.of_businesses, "area": area.code}
    having = filter_of(reading.actor, searched, now=reading.now)
    page = search_businesses(reading.session, having, limit=MOST)
    with_a_case = filter_of(reading.actor, {**searched, "open_cases": True}, now=reading.now)
    opened = {each.id for each in search_businesses(reading.session, with_a_case, limit=MOST).items}
    names = names_for(reading, areas=[each.area_code for each in page.items])
    return {
        "points": [_point(each, names.area(each.area_code), opened) for each in page.items],
        "count": sum(count_by_category(reading.session, having).values()),
        "listed": businesses_of(question, area=area.code),
        "unplaced": sum(each.lat is None for each in page.items),
    }


def _point(shop: Business, place: str, opened: set[int]) -> dict[str, Any]:
    is_open = shop.id in opened
    return {
        "code": shop.id,
        "href": url_for("web.business", business_id=shop.id),
        "name": shop.name,
        "category": words.categories().get(shop.category, shop.category),
        "status": words.statuses()[shop.status],
        "is_bright": BRIGHT in shop.flags,
        "is_open": is_open,
        "place": place,
        "address": shop.address,
        "drawn": _drawn(shop, is_open=is_open) if shop.lat is not None else {},
    }


def _drawn(shop: Business, *, is_open: bool) -> Mapping[str, Any]:
    """What the canvas draws of a business: a shape, and a word where the shape means something."""
    shape, word = "shop", ""
    if shop.status == _CEASED:
        shape, word = "ceased", t("停止经营", "Ceased")
    elif BRIGHT in shop.flags:
        shape, word = "bright", t("明厨亮灶", "Bright kitchen")
    return {
        "lat": shop.lat,
        "lon": shop.lon,
        "shape": f"{shape}-open" if is_open else shape,
        "label": f"{shop.name}\n{word}".strip(),
    }
