"""The categories of food businesses: listed for everybody, administered by the system's keeper."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN, roles
from api.http.routes import Ask, Gives, Resource, Takes
from handlers.registry.categories import (
    Category,
    add_category,
    list_categories,
    retire_category,
)

routes = Resource("business_categories", "Categories of food businesses.")

ADMINISTRATORS = roles("admin_system")
_NAME = ma.validate.Length(1, 40)


class CategoryNew(ma.Schema):
    """A subtype to add."""

    code = ma.fields.String(
        required=True,
        validate=ma.validate.Length(3, 60),
        metadata={"description": "The code of a top category, a dot, the subtype"},
    )
    name_zh = ma.fields.String(required=True, validate=_NAME)
    name_en = ma.fields.String(required=True, validate=_NAME)


class CategoryShown(CategoryNew):
    """One category."""

    parent = ma.fields.String(allow_none=True)
    is_open = ma.fields.Boolean(metadata={"description": "Subtypes may be added below it"})
    is_retired = ma.fields.Boolean()


class CategoryList(ma.Schema):
    """Every category."""

    items = ma.fields.List(ma.fields.Nested(CategoryShown))


@routes.get("/business-categories", needs=SIGNED_IN, gives=Gives(CategoryList))
def search(ask: Ask) -> dict[str, Any]:
    """List the categories, the retired ones too."""
    return {"items": list_categories(ask.session)}


@routes.post(
    "/business-categories",
    needs=ADMINISTRATORS,
    takes=Takes(
        CategoryNew,
        example={"code": "catering.food_truck", "name_zh": "餐车", "name_en": "food truck"},
    ),
    gives=Gives(CategoryShown, status=201),
)
def add(ask: Ask) -> Category:
    """Add a subtype below a top category that is open to it."""
    body = ask.body
    names = (body["name_zh"], body["name_en"])
    made = add_category(ask.session, body["code"], names, actor=ask.actor, now=ask.now)
    ask.keep_on_file("category_added", "business_category", made.code, {"name": made.name_zh})
    return made


@routes.post(
    "/business-categories/<code:category>/retire",
    needs=ADMINISTRATORS,
    gives=Gives(CategoryShown),
)
def retire(ask: Ask, category: str) -> Category:
    """Retire a subtype: businesses keep it, nothing new gets it."""
    retired = retire_category(ask.session, category, actor=ask.actor, now=ask.now)
    ask.keep_on_file("category_retired", "business_category", category)
    return retired
