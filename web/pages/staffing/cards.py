"""The card of a team to print and put up (A6), and its QR code."""

from typing import Any

from flask import Response, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.staffing import team
from web.codes import qr_svg
from web.frame import sessions
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.pages.staffing.teams import slot_names


@site.get("/businesses/<row:business_id>/team-card")
@sessions.signed_in
def team_card(business_id: int) -> Any:
    """The 1+2+3 of a business on one A6 sheet."""

    def look(reading: Reading) -> dict[str, Any]:
        found = team.derive(reading.session, business_id, actor=reading.actor, now=reading.now)
        area = names_for(reading, areas=[found.business.area_code]).area(found.business.area_code)
        return {"team": found, "area": area, "names": slot_names()}

    return render_template("staffing/card.html", **seen(look), public=_public(business_id))


@site.get("/businesses/<row:business_id>/qr.svg")
def business_qr(business_id: int) -> Response:
    """The code that leads to the public page of a business; it holds its address and no more."""
    return Response(qr_svg(_public(business_id)), mimetype="image/svg+xml")


def _public(business_id: int) -> str:
    at = url_for("web.public_business", business_id=business_id)
    return request.url_root.rstrip("/") + at
