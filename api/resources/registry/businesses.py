"""The registry of food businesses: search, card, sources, changes, merges."""

from collections.abc import Callable
from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.boxes import BoxField
from api.http.shapes.cases import CasePage, Paged
from api.http.shapes.fields import AreaCode, Moment
from engine.reads import cases as reads
from handlers.registry import contacts, searching
from handlers.registry.keeping import Keeping, holds
from storage.cases.cases import CaseFilter
from storage.people.actors import Actor
from storage.registry import businesses, evidence
from storage.registry.businesses import CHANGES, Business
from storage.registry.completeness import LACKING
from storage.registry.credentials import list_credentials
from storage.registry.statuses import MOVES

routes = Resource("businesses", "Food businesses.")


class BusinessShown(ma.Schema):
    """One business; its operator and telephone number are not shown here (R10)."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    category = ma.fields.String(metadata={"example": "catering.restaurant"})
    area = ma.fields.String(attribute="area_code")
    address = ma.fields.String(allow_none=True)
    status = ma.fields.String(metadata={"example": "operating"})


class BusinessCard(BusinessShown):
    """One business whole; person and telephone are null outside one's areas (R10)."""

    credit_code = ma.fields.String(allow_none=True)
    licence_number = ma.fields.String(allow_none=True)
    scope = ma.fields.String(allow_none=True)
    person_in_charge = ma.fields.String(allow_none=True)
    phone = ma.fields.String(allow_none=True)
    lat = ma.fields.Float(allow_none=True)
    lon = ma.fields.Float(allow_none=True)
    flags = ma.fields.List(ma.fields.String())
    origins = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        allow_none=True,
        metadata={"description": "By field the source of its value"},
    )
    merged_into = ma.fields.Integer(allow_none=True)
    has_photo = ma.fields.Function(
        lambda shown: shown["photo"] is not None, metadata={"type": "boolean"}
    )
    version = ma.fields.Integer()
    updated_at = Moment()


class Businesses(ma.Schema):
    """Businesses in order of their number."""

    items = ma.fields.List(ma.fields.Nested(BusinessShown))
    next = ma.fields.String(allow_none=True)


class BusinessSearch(Paged):
    """Which businesses."""

    area = AreaCode(metadata={"description": "With its whole subtree; one's own areas otherwise"})
    q = ma.fields.String(validate=ma.validate.Length(1, 100))
    category = ma.fields.String(validate=ma.validate.Length(1, 60))
    status = ma.fields.String(validate=ma.validate.OneOf(tuple(MOVES)))
    flag = ma.fields.String(
        validate=ma.validate.Regexp(r"^[a-z_]{1,40}$"), metadata={"example": "bright_kitchen"}
    )
    here = ma.fields.Boolean(
        metadata={"description": "Only what stands in `area` itself and in none below it"}
    )
    bright = ma.fields.Boolean(metadata={"description": "With a bright kitchen, or without (R12)"})
    open_cases = ma.fields.Boolean(metadata={"description": "With an open case the caller may see"})
    bbox = BoxField(metadata={"description": "With a position in this box"})
    in_post = ma.fields.Boolean(
        metadata={"description": "Whose people hold a post of a grid or unit (R54)"}
    )
    credential_expiring = ma.fields.Integer(
        validate=ma.validate.Range(0, 3650),
        metadata={"description": "With a credential that has ended, or ends in so many days"},
    )
    lacks = ma.fields.String(validate=ma.validate.OneOf(LACKING))
    changed = ma.fields.String(
        validate=ma.validate.Regexp(r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$"),
        metadata={"example": "2026-03", "description": "Changed in this month"},
    )
    change = ma.fields.String(
        validate=ma.validate.OneOf(CHANGES), metadata={"description": "How, with `changed`"}
    )


class BusinessMerge(ma.Schema):
    """Into which business."""

    into = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 2**53))


class BusinessSourceShown(ma.Schema):
    """What one source says."""

    kind = ma.fields.String(metadata={"example": "licence"})
    external_id = ma.fields.String()
    seen_on = ma.fields.Date()
    payload = ma.fields.Raw()


class BusinessSources(ma.Schema):
    """Every source of a business."""

    items = ma.fields.List(ma.fields.Nested(BusinessSourceShown))
    next = ma.fields.String(allow_none=True)


class CredentialShown(ma.Schema):
    """One licence, filing, approval or registration."""

    kind = ma.fields.String(metadata={"example": "licence"})
    number = ma.fields.String(metadata={"example": "JY23503000000012"})
    issued_by = ma.fields.String(allow_none=True)
    valid_from = ma.fields.Date(allow_none=True)
    valid_to = ma.fields.Date(allow_none=True)
    state = ma.fields.String(metadata={"example": "valid"})


class Credentials(ma.Schema):
    """The credentials of a business and of those merged into it."""

    items = ma.fields.List(ma.fields.Nested(CredentialShown))
    next = ma.fields.String(allow_none=True)


class BusinessChangeShown(ma.Schema):
    """One field as it was and as it became."""

    at = Moment()
    field = ma.fields.String()
    before = ma.fields.Raw(allow_none=True)
    after = ma.fields.Raw(allow_none=True)
    actor = ma.fields.String()


class BusinessChanges(ma.Schema):
    """The changes of a business, newest first."""

    items = ma.fields.List(ma.fields.Nested(BusinessChangeShown))
    next = ma.fields.String(allow_none=True)


@routes.get("/businesses", needs=SIGNED_IN, gives=Gives(Businesses), query=BusinessSearch)
def search(ask: Ask) -> dict[str, Any]:
    """Search by area, category, status, mark and part of name or address, page by page."""
    having = searching.filter_of(ask.actor, ask.query, now=ask.now)
    page = businesses.search_businesses(
        ask.session, having, cursor=cursors.of_query(ask), limit=ask.query["limit"]
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


def _note_contact(shown: dict[str, Any]) -> Callable[[Ask], None] | None:
    if not shown["phone"]:
        return None
    return lambda ask: contacts.note_read(ask.session, ask.actor, shown["id"], now=ask.now)


@routes.get(
    "/businesses/<row:business_id>",
    needs=SIGNED_IN,
    gives=Gives(BusinessCard, is_versioned=True),
    notes=_note_contact,
)
def read(ask: Ask, business_id: int) -> dict[str, Any]:
    """Show one business with the source of each field; whose phone is shown is counted (R10)."""
    return card_of(ask.actor, businesses.get_business(ask.session, business_id))


@routes.get("/businesses/<row:business_id>/sources", needs=SIGNED_IN, gives=Gives(BusinessSources))
def sources(ask: Ask, business_id: int) -> dict[str, Any]:
    """Show what each source says of a business of one's areas."""
    _keeping(ask).require_scope(businesses.get_business(ask.session, business_id))
    return {"items": evidence.list_sources(ask.session, business_id), "next": None}


@routes.get("/businesses/<row:business_id>/credentials", needs=SIGNED_IN, gives=Gives(Credentials))
def credentials(ask: Ask, business_id: int) -> dict[str, Any]:
    """Show the licences, filings, approvals and registrations of a business."""
    businesses.get_business(ask.session, business_id)
    return {"items": list_credentials(ask.session, business_id), "next": None}


@routes.get("/businesses/<row:business_id>/cases", needs=SIGNED_IN, gives=Gives(CasePage))
def list_cases(ask: Ask, business_id: int) -> dict[str, Any]:
    """List the cases about a business that one may see, newest first."""
    businesses.get_business(ask.session, business_id)
    page = reads.list_cases(
        ask.reading, CaseFilter(business_id=business_id), cursor=None, limit=200
    )
    return {"items": page.items, "next": None}


@routes.get("/businesses/<row:business_id>/changes", needs=SIGNED_IN, gives=Gives(BusinessChanges))
def changes(ask: Ask, business_id: int) -> dict[str, Any]:
    """Show the changes of a business of one's areas, newest first."""
    _keeping(ask).require_scope(businesses.get_business(ask.session, business_id))
    return {"items": evidence.list_changes(ask.session, business_id), "next": None}


@routes.post(
    "/businesses/<row:business_id>/merge",
    needs=SIGNED_IN,
    takes=Takes(BusinessMerge, example={"into": 12}),
    gives=Gives(BusinessCard),
)
def merge(ask: Ask, business_id: int) -> dict[str, Any]:
    """Merge into another business; the old number still opens."""
    found = _keeping(ask).merge(business_id, ask.body["into"])
    ask.keep_on_file("business_merged", "business", business_id, {"into": ask.body["into"]})
    return card_of(ask.actor, found)


@routes.post("/businesses/<row:business_id>/unmerge", needs=SIGNED_IN, gives=Gives(BusinessCard))
def unmerge(ask: Ask, business_id: int) -> dict[str, Any]:
    """Take a merge back, within 30 days."""
    found = _keeping(ask).unmerge(business_id)
    ask.keep_on_file("business_unmerged", "business", business_id)
    return card_of(ask.actor, found)


def _keeping(ask: Ask) -> Keeping:
    return Keeping(ask.session, ask.actor, ask.now)


def card_of(actor: Actor, found: Business) -> dict[str, Any]:
    """Show a business; person and telephone are left out outside the areas of the actor (R10)."""
    shown = {name: getattr(found, name) for name in Business.__slots__}
    if not holds(actor, found):
        shown |= {"person_in_charge": None, "phone": None}
    return shown
