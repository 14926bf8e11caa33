"""Businesses where they stand: the rows of the table, or tiles where there are too many."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from flask import render_template, request, url_for

from engine.reads.reading import Reading
from handlers.map.tiles import LAYERS
from handlers.registry.searching import areas_within, filter_of
from storage.cases.cases import CaseFilter, count_cases
from storage.errors import NotFound
from storage.places.areas import Area
from storage.registry.businesses import (
    BRIGHT,
    Business,
    count_by_category,
    get_business,
    search_businesses,
)
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask
from web.pages.map.asked import MapQuestion
from web.pages.map.shown import businesses_of
from web.pages.registry import words

MOST: Final = 200
_CEASED: Final = "ceased"


@site.get("/map/tiles/<version:z>/<version:x>/<version:y>")
@sessions.signed_in
def map_tile(z: int, x: int, y: int) -> Any:
    """The businesses of a tile, as the person signed in may see them."""
    at = {"z": str(z), "x": str(x), "y": str(y)}
    answer = ask("map_tiles.tile", at, request.args)
    return problem_page(answer) if answer.is_problem else answer.data


@site.get("/map/card/<row:business_id>")
@sessions.signed_in
def map_card(business_id: int) -> str:
    """What the card of one business says, for one that stands in no table of the page."""
    words.categories()  # before the read of the page: it is one of its own
    return render_template("map/card.html", point=seen(lambda reading: _card(reading, business_id)))


def tiles_of(question: MapQuestion) -> str:
    """The address of the tiles that hold the businesses a map asks for."""
    flags = {name: "true" for name in ("bright", "open_cases") if name in question.filters}
    query = {**question.filters, **flags, "layers": LAYERS[-1]}
    here = url_for("web.map_tile", z=0, x=0, y=0).removesuffix("0/0/0")
    return f"{here}{{z}}/{{x}}/{{y}}?{urlencode(query)}"


def _card(reading: Reading, business_id: int) -> dict[str, Any]:
    shop = get_business(reading.session, business_id)
    if areas_within(reading.actor, shop.area_code) == []:
        message = f"您的辖区里没有 {business_id} 号主体。"
        english = f"Business {business_id} is in no area of yours."
        raise NotFound(message, code="unknown_business", english=english)
    opened = CaseFilter(status="open", business_id=shop.id)
    count = count_cases(reading.session, actor=reading.actor, having=opened)
    names = names_for(reading, areas=[shop.area_code])
    return _point(shop, names.area(shop.area_code), is_open=count > 0)


def points_of(reading: Reading, question: MapQuestion, area: Area) -> dict[str, Any]:
    """The businesses of an area, those with a position as points of the canvas."""
    searched = {**question.of_businesses, "area": area.code}
    having = filter_of(reading.actor, searched, now=reading.now)
    page = search_businesses(reading.session, having, limit=MOST)
    with_a_case = filter_of(reading.actor, {**searched, "open_cases": True}, now=reading.now)
    opened = {each.id for each in search_businesses(reading.session, with_a_case, limit=MOST).items}
    names = names_for(reading, areas=[each.area_code for each in page.items])
    count = sum(count_by_category(reading.session, having).values())
    return {
        "points": [
            _point(each, names.area(each.area_code), is_open=each.id in opened)
            for each in page.items
        ],
        "count": count,
        "tiles": tiles_of(question) if count > MOST else "",
        "listed": businesses_of(question, area=area.code),
        "unplaced": sum(each.lat is None for each in page.items),
    }


def _point(shop: Business, place: str, *, is_open: bool) -> dict[str, Any]:
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
