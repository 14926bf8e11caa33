"""Rectifications under way over HTTP, by the day they are due."""

from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment
from storage.inspections.rectifications import STEPS, list_rectifications

routes = Resource("rectifications", "What is being put right, by the day it is due.")


class RectificationShown(ma.Schema):
    """One rectification: the step it waits for, with whom, until when."""

    number = ma.fields.String(metadata={"example": "2026000000017"})
    kind = ma.fields.String(metadata={"example": "department_inspection"})
    title = ma.fields.String()
    area = ma.fields.String()
    business = ma.fields.Integer(attribute="business_id", allow_none=True)
    step = ma.fields.String(attribute="task_id", metadata={"example": "prove_rectification"})
    post = ma.fields.String(allow_none=True)
    opened_at = Moment()
    due_at = Moment()


class RectificationPage(ma.Schema):
    """Rectifications, the first due first."""

    items = ma.fields.List(ma.fields.Nested(RectificationShown))
    next = ma.fields.String(allow_none=True)


class RectificationSearch(Paged):
    """Which ones: by the step they wait for, or only what is overdue."""

    step = ma.fields.String(validate=ma.validate.OneOf(tuple(STEPS)))
    overdue = ma.fields.Boolean(load_default=False)


@routes.get(
    "/rectifications",
    needs=SIGNED_IN,
    gives=Gives(RectificationPage),
    query=RectificationSearch,
)
def search(ask: Ask) -> dict[str, Any]:
    """List the rectifications of cases one may see."""
    page = list_rectifications(
        ask.session,
        ask.actor,
        step=ask.query.get("step"),
        before=ask.now if ask.query["overdue"] else None,
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}
