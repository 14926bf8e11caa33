"""Parts of pages for choosing a place: the areas below one, the businesses of an area."""

from flask import render_template, request

from engine.reads.places import AreaStep, areas_below
from web.frame.choices import businesses
from web.frame.fields import deepest
from web.frame.reading import seen
from web.frame.site import site


@site.get("/areas-below")
def choose_below() -> str:
    """The next select for choosing an area more exactly."""
    name, code = request.args.get("field", "area"), _asked()
    below = seen(lambda reading: areas_below(reading, code)) if code else []
    return render_template("areas_below.html", name=name, step=AreaStep(below, "", code))


@site.get("/businesses-there")
def choose_business() -> str:
    """The options of a select of businesses, for the area chosen."""
    options = seen(lambda reading: businesses(reading, _asked()))
    return render_template("options.html", options=options)


def _asked() -> str:
    code = deepest(request.args.getlist(request.args.get("field", "area"))) or ""
    return code if code.isdecimal() else ""
