"""The feed of what happened to cases, for partners that read it (R31)."""

from typing import Any, Final

import marshmallow as ma

from api.http import auth
from api.http.routes import Ask, Gives, Resource
from engine.delivery.feed import event_document
from handlers.feed import feed_reading

routes = Resource("events", "The feed of what happened to cases.")

READERS: Final = auth.roles_that("sees_area")

_MOST: Final = 200
_NUMBER: Final = ma.validate.Range(0, 2**53)


class FeedSearch(ma.Schema):
    """From where on, and which kinds."""

    after = ma.fields.Integer(
        load_default=0,
        validate=_NUMBER,
        metadata={"description": "The number to go on from: `next` of the answer before"},
    )
    kinds = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(max=400),
        metadata={"description": "Kinds, separated by commas; all when left out"},
    )
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, _MOST))


class FeedEventShown(ma.Schema):
    """An event as it is read here and sent to webhooks: CloudEvents 1.0."""

    specversion = ma.fields.String(metadata={"example": "1.0"})
    id = ma.fields.String(metadata={"description": "The number of the event"})
    source = ma.fields.String(metadata={"example": "urn:hangji"})
    type = ma.fields.String(metadata={"example": "hangji.case.closed.v1"})
    subject = ma.fields.String(metadata={"description": "The number of the case"})
    time = ma.fields.String(metadata={"format": "date-time", "description": "When it happened"})
    datacontenttype = ma.fields.String(metadata={"example": "application/json"})
    data = ma.fields.Dict(metadata={"description": "What partners may know of the case"})


class Feed(ma.Schema):
    """Events in order; `next` is where to go on, also when there are none now."""

    items = ma.fields.List(ma.fields.Nested(FeedEventShown))
    next = ma.fields.Integer()
    more = ma.fields.Boolean(metadata={"description": "Whether more follow already"})


@routes.get("/events", needs=READERS, gives=Gives(Feed), query=FeedSearch)
def read(ask: Ask) -> dict[str, Any]:
    """Read events of the cases one may see, after a number; ask again with `next`."""
    part = feed_reading.read_on(
        ask.session,
        ask.actor,
        after=ask.query["after"],
        kinds=[kind for kind in ask.query["kinds"].split(",") if kind],
        limit=ask.query["limit"],
    )
    return {
        "items": [event_document(event) for event in part.items],
        "next": part.next,
        "more": part.more,
    }
