"""What a keeper of the registry decides: conflicts between sources, possible duplicates."""

from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.auth import roles
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment
from handlers.registry.keeping import KEEPER, Keeping
from storage.registry import reviews
from storage.registry.reviews import Review

routes = Resource("reviews", "Questions about the registry, decided side by side.")

KEEPERS = roles(KEEPER)
_KINDS = ("conflict", "duplicate", "unplaced", "gone_from_source", "bad_code")


class ReviewShown(ma.Schema):
    """One question."""

    id = ma.fields.Integer()
    kind = ma.fields.String(metadata={"example": "conflict"})
    business_id = ma.fields.Integer()
    other_id = ma.fields.Integer(allow_none=True)
    field = ma.fields.String(allow_none=True)
    proposals = ma.fields.Raw()
    state = ma.fields.String(metadata={"example": "open"})
    choice = ma.fields.String(allow_none=True)
    decided_by = ma.fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    created_at = Moment()


class ReviewPage(ma.Schema):
    """Questions, oldest first."""

    items = ma.fields.List(ma.fields.Nested(ReviewShown))
    next = ma.fields.String(allow_none=True)


class ReviewSearch(Paged):
    """Which questions."""

    kind = ma.fields.String(validate=ma.validate.OneOf(_KINDS))
    state = ma.fields.String(load_default="open", validate=ma.validate.OneOf(("open", "decided")))


class ReviewDecision(ma.Schema):
    """1 keeps what is registered, 2 takes the proposal or merges."""

    choice = ma.fields.String(required=True, validate=ma.validate.OneOf(("1", "2")))


@routes.get("/reviews", needs=KEEPERS, gives=Gives(ReviewPage), query=ReviewSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List the questions."""
    page = reviews.list_reviews(
        ask.session,
        kind=ask.query.get("kind"),
        state=ask.query["state"],
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.post(
    "/reviews/<row:review_id>/decide",
    needs=KEEPERS,
    takes=Takes(ReviewDecision, example={"choice": "2"}),
    gives=Gives(ReviewShown),
)
def decide(ask: Ask, review_id: int) -> Review:
    """Decide one, for good: the business and its provenance follow."""
    choice = ask.body["choice"]
    found = Keeping(ask.session, ask.actor, ask.now).decide(review_id, choice)
    ask.keep_on_file("review_decided", "review", review_id, {"choice": choice})
    return found
