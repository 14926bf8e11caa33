"""What a position says while a report is written: its village, and what is open near by."""

from collections.abc import Mapping
from typing import Any, Final

from flask import render_template, request, url_for

from engine.reads.reading import Reading
from engine.reads.whole import read_whole_case
from handlers.map.around import draw_around
from handlers.map.nearby import NearCase, list_near
from handlers.registry.searching import areas_within
from storage.city.rules import installed
from storage.moments import in_china
from storage.places.positions import Position, metres_between, position_of
from web.frame import sessions
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write

_NUMBERS: Final = ("lat", "lon", "accuracy")
_MOST: Final = 5
_KILOMETRE: Final = 1000


@site.post("/places/near")
@sessions.signed_in
def place_near() -> Any:
    """The village of a position, two on a border, and the open cases near it."""
    told: dict[str, Any] = {name: _number(name) for name in _NUMBERS if request.form.get(name)}
    told |= {"crs": request.form.get("crs") or "wgs84", "address": request.form.get("address", "")}
    answer = write("map_places.find", {}, told)
    if answer.is_problem:
        return render_template("places/near.html", villages=[], near=[], wrong=answer.data)
    at = Position(answer.data["lat"], answer.data["lon"])
    near = seen(lambda reading: near_cases(reading, at))
    found = {name: answer.data[name] for name in ("villages", "warning")}
    return render_template("places/near.html", **found, near=near)


@site.get("/cases/<number>/around")
@sessions.signed_in
def case_around(number: str) -> str:
    """The surroundings of a case and the open ones near it, for its page to show."""
    return render_template("places/case_around.html", **seen(lambda one: _around(one, number)))


def _around(reading: Reading, number: str) -> dict[str, Any]:
    shown = read_whole_case(reading, number).shown
    at = position_of(shown.location)
    if at is None:
        return {"place": None, "near": []}
    on = in_china(reading.now).date()
    place = draw_around(reading.session, at, shown.area, on=on)
    return {"place": place, "near": near_cases(reading, at, but=number)}


def map_of(reading: Reading, area: str) -> str:
    """The map of an area as the reader may open it; "" for one of another."""
    if areas_within(reading.actor, area) == []:
        return ""
    return url_for("web.map_page", area=area, view="points")


def far_in_words(reading: Reading, location: Mapping[str, Any] | None, business: int | None) -> str:
    """How far the place of a report lies from its shop; empty where it is near or unknown.

    The position of the shop was read with the names of the case.
    """
    at, shop = position_of(location), reading.names.spots.get(business or 0)
    metres = 0 if at is None or shop is None else round(metres_between(at, shop))
    if metres <= installed().thresholds.place_far_metres:
        return ""
    km = f"{metres / _KILOMETRE:.1f}"
    zh, en = (f"{metres} 米", f"{metres} m") if metres < _KILOMETRE else (f"{km} 公里", f"{km} km")
    return t(
        f"离主体登记的位置约 {zh}，请核对主体和位置",
        f"some {en} from where the business is registered; check both",
    )


def near_cases(reading: Reading, at: Position, *, but: str = "") -> list[dict[str, Any]]:
    """The open cases near a place as a page lists them."""
    found = list_near(reading.session, at, actor=reading.actor, now=reading.now, but=but)[:_MOST]
    names = names_for(reading, areas=[each.case.area_code for each in found])
    return [_shown(each, names.matter(each.case.matter)) for each in found]


def _shown(near: NearCase, matter: str) -> dict[str, Any]:
    return {
        "href": url_for("web.case", number=near.case.number),
        "number": near.case.number,
        "title": matter or near.case.title,
        "metres": t(f"{near.metres} 米", f"{near.metres} m"),
    }


def _number(name: str) -> float | str:
    text = request.form[name]
    try:
        return float(text)
    except ValueError:
        return text  # refused further down, with the field named
