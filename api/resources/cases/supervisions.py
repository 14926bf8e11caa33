"""The supervisions one gave: waiting for an answer, late, answered, ended (督办)."""

from typing import Any

import marshmallow as ma

from api.http import auth, cursors
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.cases import DemandShape, Paged
from engine.reads.supervised import supervisions
from storage.cases.supervised.demands import STATES

routes = Resource("supervisions", "Supervisions of cases, with the day of their answer.")

_SUPERVISORS = auth.roles_that("supervises")


class DemandSearch(Paged):
    """Which of the caller's."""

    state = ma.fields.String(load_default="waiting", validate=ma.validate.OneOf(STATES))


class DemandEntry(DemandShape):
    """One supervision with its case."""

    case = ma.fields.String(metadata={"example": "2026000000015"})
    title = ma.fields.String()
    matter = ma.fields.String(allow_none=True)
    area = ma.fields.String()


class DemandPage(ma.Schema):
    """Supervisions, the latest first, and how long each list is."""

    items = ma.fields.List(ma.fields.Nested(DemandEntry))
    next = ma.fields.String(allow_none=True)
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())


@routes.get("/supervisions", needs=_SUPERVISORS, gives=Gives(DemandPage), query=DemandSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List the supervisions one gave, of the cases one may see."""
    page = supervisions.list_supervisions(
        ask.reading,
        ask.query["state"],
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    counts = supervisions.count_supervisions(ask.reading)
    return {"items": page.items, "next": cursors.next_of(ask, page), "counts": counts}
