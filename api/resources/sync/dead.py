"""Records that were refused: their reasons, and taking them in or leaving them out."""

from dataclasses import asdict
from typing import Any, Final

import marshmallow as ma

from api.http import cursors
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment
from api.resources.sync.shapes import ADMINISTRATORS
from api.syncing import acting
from api.syncing.platforms import platforms
from engine.delivery.partners import RECEIVER
from storage.delivery import outbox
from storage.sync import dead, sources
from storage.sync.dead import DeadLetter

_STATES: Final = ("open", "resolved", "discarded")

routes = Resource("sync_dead", "Records of other platforms that were refused.")


class DeadLetterShown(ma.Schema):
    """A refused record; its content is sealed and stands nowhere."""

    id = ma.fields.Integer()
    source = ma.fields.String()
    direction = ma.fields.String(validate=ma.validate.OneOf(["pull", "push"]))
    external_id = ma.fields.String()
    version = ma.fields.Integer(allow_none=True)
    error = ma.fields.String(metadata={"example": "unknown_area"})
    message = ma.fields.String()
    attempts = ma.fields.Integer()
    state = ma.fields.String(validate=ma.validate.OneOf(_STATES))
    created_at = Moment()
    updated_at = Moment()


class DeadLetterPage(ma.Schema):
    """Refused records, newest first."""

    items = ma.fields.List(ma.fields.Nested(DeadLetterShown))
    next = ma.fields.String(allow_none=True)


class DeadSearch(Paged):
    """Which of them; the open ones unless another state is named."""

    state = ma.fields.String(validate=ma.validate.OneOf(_STATES), load_default="open")


@routes.get(
    "/sync/<code:source_id>/dead",
    needs=ADMINISTRATORS,
    gives=Gives(DeadLetterPage),
    query=DeadSearch,
)
def list_refused(ask: Ask, source_id: str) -> dict[str, Any]:
    """List what was refused, with the reasons."""
    part = _part(ask, source_id)
    page = dead.list_dead(ask.session, source_id, state=ask.query["state"], **part)
    return {"items": page.items, "next": cursors.next_of(ask, page)}


class UndeliveredShown(ma.Schema):
    """A delivery nobody took over there in twelve tries."""

    id = ma.fields.Integer()
    number = ma.fields.String(metadata={"description": "Of the case it tells of"})
    event = ma.fields.String(attribute="template", metadata={"example": "case_closed"})
    attempts = ma.fields.Integer()
    last_error = ma.fields.String(allow_none=True)
    created_at = Moment()


class UndeliveredPage(ma.Schema):
    """Deliveries that were given up, newest first."""

    items = ma.fields.List(ma.fields.Nested(UndeliveredShown))
    next = ma.fields.String(allow_none=True)


@routes.get(
    "/sync/<code:source_id>/undelivered",
    needs=ADMINISTRATORS,
    gives=Gives(UndeliveredPage),
    query=Paged,
)
def list_undelivered(ask: Ask, source_id: str) -> dict[str, Any]:
    """List what was given up on its way to a platform; `POST /sync/{id}/resend` sends it again."""
    part = _part(ask, source_id)
    page = outbox.list_dead(ask.session, receiver=f"{RECEIVER}{source_id}", **part)
    items = [{**asdict(one), "number": one.payload["case"]} for one in page.items]
    return {"items": items, "next": cursors.next_of(ask, page)}


@routes.post("/sync/dead/<row:dead_id>/retry", needs=ADMINISTRATORS, gives=Gives(DeadLetterShown))
def retry(ask: Ask, dead_id: int) -> DeadLetter:
    """Take it in once more, after what was wrong has been mended."""
    done = acting.retry(platforms(ask.composition), ask.session, dead_id, actor=ask.actor)
    ask.keep_on_file("sync_dead_retried", "sync", dead_id, {"external_id": done.external_id})
    return done


@routes.post("/sync/dead/<row:dead_id>/discard", needs=ADMINISTRATORS, gives=Gives(DeadLetterShown))
def discard(ask: Ask, dead_id: int) -> DeadLetter:
    """Leave it out; the row stays with who decided."""
    done = acting.discard(platforms(ask.composition), ask.session, dead_id, actor=ask.actor)
    ask.keep_on_file("sync_dead_discarded", "sync", dead_id, {"external_id": done.external_id})
    return done


def _part(ask: Ask, source_id: str) -> dict[str, Any]:
    """Which part of a list is asked for, of a platform that is there."""
    sources.get_source(ask.session, source_id)
    return {"cursor": cursors.of_query(ask), "limit": ask.query["limit"]}
