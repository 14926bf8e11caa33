"""Food businesses to choose from when filing; keeping the registry is not done here."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import AreaCode
from engine.reads.places import list_businesses
from storage.registry import businesses

routes = Resource("businesses", "Food businesses.")


class BusinessShown(ma.Schema):
    """One business; its operator and telephone number are not shown here (R10)."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    category = ma.fields.String(metadata={"example": "catering.restaurant"})
    area = ma.fields.String(attribute="area_code")
    address = ma.fields.String(allow_none=True)
    status = ma.fields.String(metadata={"example": "operating"})


class Businesses(ma.Schema):
    """Businesses in order of their number."""

    items = ma.fields.List(ma.fields.Nested(BusinessShown))
    next = ma.fields.String(allow_none=True)


class BusinessSearch(ma.Schema):
    """Which businesses."""

    area = AreaCode(metadata={"description": "With its whole subtree; one's own areas otherwise"})
    q = ma.fields.String(validate=ma.validate.Length(1, 100))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


@routes.get("/businesses", needs=SIGNED_IN, gives=Gives(Businesses), query=BusinessSearch)
def search(ask: Ask) -> dict[str, Any]:
    """Search the businesses of one's areas by subtree and part of name or address."""
    area, q = str(ask.query.get("area") or ""), ask.query.get("q")
    limit = ask.query["limit"]
    return {"items": list_businesses(ask.reading, area=area, q=q, limit=limit), "next": None}


@routes.get("/businesses/<row:business_id>", needs=SIGNED_IN, gives=Gives(BusinessShown))
def read(ask: Ask, business_id: int) -> businesses.Business:
    """Show one business."""
    return businesses.get_business(ask.session, business_id)
