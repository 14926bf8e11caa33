"""The published matter list, for everybody."""

from typing import Any

import marshmallow as ma

from api.http.auth import ANYONE
from api.http.routes import Ask, Gives, Resource
from storage.places import matters
from storage.places.matters import Matter

routes = Resource("matters", "What may be reported, and who takes it first.")


class MatterShown(ma.Schema):
    """One matter of the list."""

    code = ma.fields.String(metadata={"example": "L01"})
    name_zh = ma.fields.String()
    name_en = ma.fields.String()
    applies_to = ma.fields.String()
    accepting_party = ma.fields.String(metadata={"example": "GRID_FIRST"})
    accepting_level = ma.fields.String()
    priority = ma.fields.String()
    law = ma.fields.String(allow_none=True)
    photo_required = ma.fields.Boolean()
    deadline_profile = ma.fields.String()
    guide = ma.fields.String(allow_none=True)
    repeat_rule = ma.fields.String(allow_none=True)


class Matters(ma.Schema):
    """The whole list, in its order."""

    items = ma.fields.List(ma.fields.Nested(MatterShown))
    next = ma.fields.String(allow_none=True)


@routes.get("/matters", needs=ANYONE, gives=Gives(Matters))
def search(ask: Ask) -> dict[str, Any]:
    """List the published matters."""
    return {"items": matters.list_matters(ask.session), "next": None}


@routes.get("/matters/<code:code>", needs=ANYONE, gives=Gives(MatterShown))
def read(ask: Ask, code: str) -> Matter:
    """Show one matter."""
    return matters.get_matter(ask.session, code)
