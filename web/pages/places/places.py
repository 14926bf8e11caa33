"""Parts of pages for choosing a place: the areas below one, the businesses of an area."""

from flask import render_template, request

from web.frame import sessions
from web.frame.choices import Step, areas_below, businesses
from web.frame.fields import deepest
from web.frame.site import site


@site.get("/areas-below")
def choose_below() -> str:
    """The next select for choosing an area more exactly."""
    name, code = request.args.get("field", "area"), _asked()
    below = areas_below(sessions.client(), code)
    return render_template("areas_below.html", name=name, step=Step(below, "", code))


@site.get("/businesses-there")
def choose_business() -> str:
    """The options of a select of businesses, for the area chosen."""
    options = businesses(sessions.client(), _asked())
    return render_template("options.html", options=options)


def _asked() -> str:
    code = deepest(request.args.getlist(request.args.get("field", "area"))) or ""
    return code if code.isdecimal() else ""
