"""Businesses that lead a grid or a unit (R54), by the bureau responsible, with representatives."""

from typing import Any

from flask import render_template, request

from engine.reads.reading import Reading
from handlers.staffing.representing import posted_businesses as list_posted
from web.frame import sessions
from web.frame.naming import category_name, names_for
from web.frame.reading import seen
from web.frame.site import site


@site.get("/businesses-in-post")
@sessions.signed_in
def posted_businesses() -> Any:
    """Who of the businesses of my areas holds a grid post, and through whom."""
    return render_template("staffing/in_post.html", **seen(_listed))


def _listed(reading: Reading) -> dict[str, Any]:
    area = request.args.get("area") or None
    found = list_posted(reading.session, actor=reading.actor, area=area, now=reading.now)
    codes = [one.business.area_code for part in found for one in part.businesses]
    names = names_for(reading, areas=codes)
    return {
        "parts": [
            {
                "name": part.name,
                "businesses": [
                    {
                        "id": one.business.id,
                        "name": one.business.name,
                        "category": category_name(one.business.category),
                        "area": names.area(one.business.area_code),
                        "posts": one.posts,
                        "people": one.people,
                    }
                    for one in part.businesses
                ],
            }
            for part in found
        ]
    }
