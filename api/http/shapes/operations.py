"""How long work looks to a caller, and the answer of every route that starts some."""

from dataclasses import replace
from typing import Any

import marshmallow as ma

from api.http.request import Ask, Reply
from api.http.shapes.fields import Moment
from engine.background.operations import NewOperation
from engine.reads.operations import WithLog
from engine.tracing import current
from storage.operations import operations
from storage.operations.operations import LongOperation


class OperationTitle(ma.Schema):
    """The same in both languages."""

    zh = ma.fields.String()
    en = ma.fields.String()


class OperationBrief(ma.Schema):
    """One operation in a list."""

    id = ma.fields.Integer()
    kind = ma.fields.String(metadata={"example": "verify_case_files"})
    title = ma.fields.Nested(OperationTitle)
    state = ma.fields.String(
        metadata={"description": "waiting, running, done, failed or cancelled"}
    )
    is_over = ma.fields.Boolean()
    done = ma.fields.Integer()
    total = ma.fields.Integer(allow_none=True, metadata={"description": "null: not known yet"})
    created_at = Moment()
    started_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)


class Line(ma.Schema):
    """One line of the log."""

    at = Moment()
    text = ma.fields.String()


class OperationShown(OperationBrief):
    """One operation with its result."""

    result = ma.fields.Raw(
        allow_none=True, metadata={"description": "By kind; `summary` is a sentence"}
    )
    error_code = ma.fields.String(allow_none=True)
    message = ma.fields.String(allow_none=True)
    cancel_asked_at = Moment(allow_none=True)
    attempts = ma.fields.Integer(metadata={"description": "Runners since it last got further"})
    log = ma.fields.List(ma.fields.Nested(Line))


def shape(operation: LongOperation | WithLog) -> dict[str, Any]:
    """Write an operation as `OperationShown` describes it; a new one has an empty log."""
    read = operation if isinstance(operation, WithLog) else WithLog(operation, [])
    names = (*LongOperation.__slots__, "is_over")
    values = {name: getattr(read.operation, name) for name in names}
    shown: dict[str, Any] = OperationShown().dump({**values, "log": read.log})
    return shown


def accepted(ask: Ask, new: NewOperation) -> Reply:
    """Record an operation and return 202 with its address."""
    traced = replace(new, trace_id=current())
    made = operations.add_operation(ask.session, traced, at=ask.now)
    found = operations.get_operation(ask.session, made, actor=ask.actor)
    return Reply(found, {"Location": f"/api/v1/operations/{made}"}, status=202)
