"""Shops entered in the field, corrections, and the photo of a front."""

from typing import Any, Final

import marshmallow as ma
from flask import Response

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import AreaCode
from api.importing.cases import tell_cases
from api.resources.registry.businesses import BusinessCard, card_of
from api.uploads import blobs
from handlers.registry.correcting import correct as corrected
from handlers.registry.keeping import Keeping
from handlers.registry.surveying import add_surveyed
from storage.cases import attachments
from storage.errors import NotFound
from storage.moments import in_china
from storage.places import areas
from storage.places.positions import position_of
from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from storage.registry.statuses import MOVES

routes = Resource("surveys", "Shops as they are found in the field.")

_TEXT: Final = ma.validate.Length(1, 200)


class Place(ma.Schema):
    """A position; `crs` as the device reports it."""

    lat = ma.fields.Float(required=True, validate=ma.validate.Range(-90, 90))
    lon = ma.fields.Float(required=True, validate=ma.validate.Range(-180, 180))
    crs = ma.fields.String(
        load_default="wgs84", validate=ma.validate.OneOf(("wgs84", "cgcs2000", "gcj02", "bd09"))
    )


class BusinessFields(ma.Schema):
    """What is seen of a business in the field."""

    name = ma.fields.String(validate=_TEXT)
    category = ma.fields.String(validate=ma.validate.Length(1, 60))
    area = AreaCode(attribute="area_code")
    address = ma.fields.String(validate=_TEXT)
    scope = ma.fields.String(validate=_TEXT)
    credit_code = ma.fields.String(validate=ma.validate.Length(1, 18))
    licence_number = ma.fields.String(validate=ma.validate.Length(1, 60))
    person_in_charge = ma.fields.String(validate=ma.validate.Length(1, 60))
    phone = ma.fields.String(validate=ma.validate.Length(1, 30))
    location = ma.fields.Nested(Place)
    photo = ma.fields.String(
        validate=ma.validate.Length(1, 64), metadata={"description": "Id of an upload: its front"}
    )


class BusinessSurvey(BusinessFields):
    """A shop to enter; one without a licence has no numbers."""

    name = ma.fields.String(required=True, validate=_TEXT)
    category = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    area = AreaCode(required=True, attribute="area_code")


class BusinessCorrection(BusinessFields):
    """Fields to correct; those not named stay."""

    status = ma.fields.String(validate=ma.validate.OneOf(tuple(MOVES)))
    document = ma.fields.String(
        validate=_TEXT,
        metadata={"description": "The document a business rests or opens again by"},
    )
    base_version = ma.fields.Integer(
        validate=ma.validate.Range(1, 2**31 - 1),
        metadata={"description": "The version seen; what others changed since becomes a question"},
    )


class BusinessCorrected(BusinessCard):
    """A business after a correction."""

    proposed = ma.fields.List(
        ma.fields.String(), metadata={"description": "Fields that wait for a keeper"}
    )


@routes.post(
    "/businesses",
    needs=SIGNED_IN,
    takes=Takes(
        BusinessSurvey,
        example={"name": "示例小吃摊", "category": "small.vendor", "area": "350322100001001001"},
    ),
    gives=Gives(BusinessCard, status=201, is_versioned=True),
)
def survey(ask: Ask) -> dict[str, Any]:
    """Enter a shop found in the field; what looks like another one is asked of a keeper."""
    values = _values(ask)
    photo = values.pop("photo", None)
    made = add_surveyed(_keeping(ask), NewBusiness(**values), photo=photo)
    ask.keep_on_file("business_surveyed", "business", made.id)
    return card_of(ask.actor, made)


@routes.post(
    "/businesses/<row:business_id>",
    method="PATCH",
    needs=SIGNED_IN,
    takes=Takes(BusinessCorrection, example={"phone": "0594-0000001"}),
    gives=Gives(BusinessCorrected, is_versioned=True),
)
def correct(ask: Ask, business_id: int) -> dict[str, Any]:
    """Correct the fields named; what a more trusted source stated is proposed to a keeper."""
    known = businesses.get_business(ask.session, business_id)
    ask.agree_on(known.version)
    values = _values(ask)
    base_version = values.pop("base_version", None)
    done = corrected(_keeping(ask), known, values, base_version=base_version)
    tell_cases(ask.runner, ask.session, business_id=business_id)
    about = {"fields": sorted(values), "proposed": list(done.proposed)}
    ask.keep_on_file("business_corrected", "business", business_id, about)
    return {**card_of(ask.actor, done.business), "proposed": done.proposed}


@routes.get(
    "/businesses/<row:business_id>/photo",
    needs=SIGNED_IN,
    gives=Gives(content_type="application/octet-stream"),
)
def photo(ask: Ask, business_id: int) -> Response:
    """Read the photo of the front of a business of one's areas."""
    found = businesses.get_business(ask.session, business_id)
    _keeping(ask).require_scope(found)
    if found.photo is None:
        message = "这个主体没有门面照片。"
        raise NotFound(message, code="attachment_not_found")
    attachment = attachments.get_attachment(ask.session, found.photo)
    return _picture(ask, attachment.sha256, attachment.content_type)


def _picture(ask: Ask, sha256: str, content_type: str) -> Response:
    response = Response(blobs.get(ask.composition.blobs, sha256).read_bytes())
    response.content_type = content_type
    response.headers["Content-Disposition"] = "attachment"
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _values(ask: Ask) -> dict[str, Any]:
    """The fields of a body by their columns; the area is one there is today."""
    values = dict(ask.body)
    if "area_code" in values:
        on = in_china(ask.now).date()
        values["area_code"] = areas.get_area(ask.session, values["area_code"], on=on).code
    position = position_of(values.pop("location", None))
    if position is not None:
        values |= {"lat": round(position.lat, 6), "lon": round(position.lon, 6)}
    return values


def _keeping(ask: Ask) -> Keeping:
    return Keeping(ask.session, ask.actor, ask.now)
