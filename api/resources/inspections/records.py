"""The checklist of an inspection over HTTP, line by line, with versions for two inspectors."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.checklists import LineShown
from api.http.shapes.fields import Moment, Written
from handlers.inspections import recording

routes = Resource("inspection_records", "What an inspection looked at, line by line.")

ANSWERS = ("yes", "no", "na", "not_visible")
MOST_PHOTOS = 9


class ItemShown(ma.Schema):
    """What was found at one line, and in which version."""

    item = ma.fields.String()
    version = ma.fields.Integer()
    answer = ma.fields.String(metadata={"example": "yes"})
    remark = ma.fields.String(allow_none=True)
    photos = ma.fields.List(ma.fields.String(), metadata={"description": "Ids of attachments"})
    changed_by = ma.fields.Integer()
    changed_at = Moment()


class RecordShown(ma.Schema):
    """The record of an inspection."""

    kind = ma.fields.String(attribute="inspection.kind")
    result = ma.fields.String(attribute="inspection.result", allow_none=True)
    publish_on = ma.fields.Date(attribute="inspection.publish_on", allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(LineShown))
    items = ma.fields.List(ma.fields.Nested(ItemShown))
    may_edit = ma.fields.Boolean()


class LineWritten(ma.Schema):
    """A line, and the version it was edited from; 0 when it was empty."""

    item = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    base = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 10**6))
    answer = ma.fields.String(required=True, validate=ma.validate.OneOf(ANSWERS))
    remark = ma.fields.String(validate=Written(1, 500))
    photos = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 60)),
        validate=ma.validate.Length(max=MOST_PHOTOS),
        metadata={"description": "Ids of attachments; left out, the photos stay as they are"},
    )


class LinesWritten(ma.Schema):
    """Lines that were edited."""

    items = ma.fields.List(
        ma.fields.Nested(LineWritten), required=True, validate=ma.validate.Length(1, 60)
    )


class Kept(ma.Schema):
    """Lines that were taken, and lines as somebody else wrote them meanwhile."""

    saved = ma.fields.List(ma.fields.Nested(ItemShown))
    conflicts = ma.fields.List(ma.fields.Nested(ItemShown))


@routes.get("/cases/<number:number>/inspection", needs=SIGNED_IN, gives=Gives(RecordShown))
def read(ask: Ask, number: str) -> recording.Record:
    """Show the checklist of an inspection and what was filled in."""
    return recording.look(ask.session, number, actor=ask.actor)


@routes.put(
    "/cases/<number:number>/inspection",
    needs=SIGNED_IN,
    takes=Takes(
        LinesWritten, example={"items": [{"item": "raw_and_cooked", "base": 0, "answer": "yes"}]}
    ),
    gives=Gives(Kept),
)
def keep(ask: Ask, number: str) -> Any:
    """Write lines; those changed by somebody else since `base` come back as conflicts."""
    lines = ask.body["items"]
    kept = recording.keep(ask.session, number, lines, actor=ask.actor, now=ask.now)
    ask.keep_on_file("inspection_lines_written", "case", number, {"count": len(kept.saved)})
    return kept
