"""What everybody may know of one business, and the way on to report it; never what is open."""

from datetime import date
from typing import Any

from flask import abort, render_template

from engine.reads.reading import Reading
from handlers.inspections.publishing import public_results
from storage.inspections.results import list_published_of
from storage.moments import in_china
from storage.registry.businesses import find_business
from storage.registry.credentials import Credential, list_credentials
from web.frame.language import t
from web.frame.naming import category_name, names_for
from web.frame.reading import seen_by_anyone
from web.frame.site import site
from web.pages.inspections.results import in_public
from web.pages.registry import words


@site.get("/public/businesses/<row:business_id>")
def public_business(business_id: int) -> Any:
    """What everybody may know of a business (R10), and the way to report."""
    return render_template(
        "public_business.html", **seen_by_anyone(lambda reading: _look(reading, business_id))
    )


def _look(reading: Reading, business_id: int) -> dict[str, Any]:
    """Neither who runs it nor how they are called, and nothing of what was reported."""
    found = find_business(reading.session, business_id)
    if found is None or found.merged_into is not None:
        abort(404)
    results = public_results(reading.session, list_published_of(reading.session, found.id))
    names = names_for(reading, areas=[found.area_code, *(each.area for each in results)])
    held = _held(reading, found.id)
    numbers = {one.number for one in held}
    today = in_china(reading.now).date()
    return {
        "ident": found.id,
        "name": found.name,
        "category": category_name(found.category),
        "status": words.statuses()[found.status],
        "address": found.address,
        "area": names.area(found.area_code),
        "licence": "" if found.licence_number in numbers else found.licence_number,
        "credentials": [_credential(each, today) for each in held],
        "rows": [in_public(each, names) for each in results],
    }


def _held(reading: Reading, business_id: int) -> list[Credential]:
    return [one for one in list_credentials(reading.session, business_id) if one.state == "valid"]


def _credential(held: Credential, today: date) -> dict[str, str]:
    until = held.valid_to
    is_past = until is not None and until < today
    return {
        "kind": words.credentials().get(held.kind, held.kind),
        "number": held.number,
        "until": t("长期有效", "without an end")
        if until is None
        else t(f"有效期到 {until}", f"valid until {until}"),
        "is_past": t("已过有效期", "Past its end") if is_past else "",
    }
