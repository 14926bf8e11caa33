"""Parts of pages for choosing a place: the areas below one, the businesses of an area."""

from typing import Any

from flask import jsonify, render_template, request

from engine.reads.places import AreaStep, area_steps, areas_below, areas_named
from web.frame.choices import shops_there
from web.frame.fields import deepest
from web.frame.reading import search_text, seen
from web.frame.site import site

MOST_FOUND = 8


@site.get("/areas-below")
def choose_below() -> str:
    """The next select for choosing an area more exactly."""
    name, code = request.args.get("field", "area"), _asked()
    below = seen(lambda reading: areas_below(reading, code)) if code else []
    return render_template("areas_below.html", name=name, step=AreaStep(below, "", code))


@site.get("/businesses-there")
def choose_business() -> str:
    """The options of a select of businesses, for the area chosen; what was chosen stays."""
    chosen = request.args.get("business", "")
    there = seen(lambda reading: shops_there(reading, _asked()))
    elsewhere = []
    if chosen and chosen not in {shop.id for shop in there}:
        every = seen(lambda reading: shops_there(reading, ""))
        elsewhere = [shop for shop in every if shop.id == chosen]
    return render_template("options.html", options=[*elsewhere, *there], chosen=chosen)


@site.get("/areas-found")
def find_areas() -> Any:
    """Areas whose names hold a text, each with its town."""
    text = search_text()
    areas = seen(lambda reading: areas_named(reading, text, limit=MOST_FOUND)) if text else []
    return jsonify([{"value": code, "label": label} for code, label in areas])


@site.get("/area-steps")
def choose_area() -> str:
    """The selects down to an area, as if it had been chosen step by step."""
    name, code = request.args.get("field", "area"), request.args.get("code", "")
    is_code = code.isascii() and code.isdecimal()
    steps = seen(lambda reading: list(area_steps(reading, code if is_code else "")))
    return render_template("area_steps.html", name=name, steps=steps)


def _asked() -> str:
    code = deepest(request.args.getlist(request.args.get("field", "area"))) or ""
    return code if code.isdecimal() else ""
