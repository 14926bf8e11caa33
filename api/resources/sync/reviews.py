"""Records of another platform that fit several cases here: a person decides, never a guess."""

from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment
from api.resources.sync.shapes import ADMINISTRATORS
from api.syncing.deciding import decide as decide_record
from api.syncing.platforms import platforms
from storage.sync import records, reviews
from storage.sync.reviews import SyncReview

routes = Resource("sync_reviews", "Records of another platform that fit several cases.")

_STATES = ("open", "linked", "created", "withdrawn")


class SyncCandidate(ma.Schema):
    """A case the record may be, and what speaks for it."""

    number = ma.fields.String(metadata={"example": "2026000000019"})
    score = ma.fields.Integer(metadata={"example": 70})
    same_day = ma.fields.Boolean()
    same_matter = ma.fields.Boolean()
    same_inspector = ma.fields.Boolean()


class SyncReviewShown(ma.Schema):
    """One record that waits, or waited, for a person."""

    id = ma.fields.Integer()
    source = ma.fields.String(metadata={"example": "smart_supervision"})
    record = ma.fields.Integer(metadata={"description": "Of `/sync/records/{id}`"})
    external_id = ma.fields.String(metadata={"example": "I-1"})
    day = ma.fields.Date()
    candidates = ma.fields.List(ma.fields.Nested(SyncCandidate))
    state = ma.fields.String(validate=ma.validate.OneOf(_STATES), metadata={"example": "open"})
    created_at = Moment()
    decided_at = Moment(allow_none=True)


class SyncReviewPage(ma.Schema):
    """Records that wait, the oldest first."""

    items = ma.fields.List(ma.fields.Nested(SyncReviewShown))
    next = ma.fields.String(allow_none=True)


class SyncReviewSearch(Paged):
    """Which of them."""

    state = ma.fields.String(load_default="open", validate=ma.validate.OneOf(_STATES))


class SyncReviewDecision(ma.Schema):
    """The number of the case it is, one of the candidates; without one it is a visit of its own."""

    case = ma.fields.String(metadata={"example": "2026000000019"})


@routes.get(
    "/sync/reviews", needs=ADMINISTRATORS, gives=Gives(SyncReviewPage), query=SyncReviewSearch
)
def search(ask: Ask) -> dict[str, Any]:
    """List the records that wait for a decision."""
    page = reviews.list_reviews(
        ask.session,
        state=ask.query["state"],
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    items = [_shown(ask, review) for review in page.items]
    return {"items": items, "next": cursors.next_of(ask, page)}


@routes.post(
    "/sync/reviews/<row:review_id>/decide",
    needs=ADMINISTRATORS,
    takes=Takes(SyncReviewDecision, example={"case": "2026000000019"}),
    gives=Gives(SyncReviewShown),
)
def decide(ask: Ask, review_id: int) -> dict[str, Any]:
    """Say which case the record is, or that it is none of them; decided once, on file."""
    number = ask.body.get("case")
    decide_record(platforms(ask.composition), ask.session, review_id, number, actor=ask.actor)
    ask.keep_on_file("sync_review_decided", "sync_review", review_id, {"case": number})
    return _shown(ask, reviews.get_review(ask.session, review_id))


def _shown(ask: Ask, review: SyncReview) -> dict[str, Any]:
    record = records.get_record(ask.session, review.record_id)
    return {
        "id": review.id,
        "source": record.source,
        "record": record.id,
        "external_id": record.external_id,
        "day": record.day,
        "candidates": review.candidates,
        "state": review.state,
        "created_at": review.created_at,
        "decided_at": review.decided_at,
    }
