"""Long work: started with 202, then its state, progress, result and log."""

from typing import Any

import marshmallow as ma

from api import operating
from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.request import composition
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.operations import (
    OperationBrief,
    OperationShown,
    OperationTitle,
    accepted,
    shape,
)
from engine.background.operations import NewOperation, OperationKind
from engine.reads import operations as reads
from storage.errors import NotAllowed, Refused
from storage.operations import operations
from storage.operations.operations import LongOperation

routes = Resource("operations", "Long work, with progress; it goes on after a restart.")


class OperationPage(ma.Schema):
    """Operations, newest first."""

    items = ma.fields.List(ma.fields.Nested(OperationBrief))
    next = ma.fields.String(allow_none=True)


class KindShown(ma.Schema):
    """Long work the caller may start by its name."""

    kind = ma.fields.String(attribute="name")
    title = ma.fields.Nested(OperationTitle)


class KindsShown(ma.Schema):
    """All of it."""

    items = ma.fields.List(ma.fields.Nested(KindShown))
    next = ma.fields.String(allow_none=True)


class Wanted(ma.Schema):
    """What to start; work that needs more than a name has a resource of its own."""

    kind = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))


@routes.get("/operations", needs=SIGNED_IN, gives=Gives(OperationPage), query=Paged)
def search(ask: Ask) -> dict[str, Any]:
    """List the operations the caller started or may look after."""
    page = reads.list_operations(
        ask.reading, cursor=cursors.of_query(ask), limit=ask.query["limit"]
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get("/operations/kinds", needs=SIGNED_IN, gives=Gives(KindsShown))
def list_kinds(ask: Ask) -> dict[str, Any]:
    """List what the caller may start by its name."""
    known = operating.kinds(composition()).values()
    return {"items": [kind for kind in known if kind.roles & ask.actor.roles], "next": None}


@routes.get(
    "/operations/<row:operation_id>", needs=SIGNED_IN, gives=Gives(OperationShown, shape=shape)
)
def read(ask: Ask, operation_id: int) -> reads.WithLog:
    """Show progress and result of one."""
    return reads.read_operation(ask.reading, operation_id)


@routes.post(
    "/operations",
    needs=SIGNED_IN,
    takes=Takes(Wanted, example={"kind": "verify_case_files"}),
    gives=Gives(OperationShown, status=202, shape=shape),
)
def start(ask: Ask) -> Reply:
    """Start long work; it runs beside the requests."""
    kind = _startable(ask, ask.body["kind"])
    new = NewOperation(kind.name, dict(kind.title), {}, kind.roles, ask.actor.id)
    reply = accepted(ask, new)
    ask.keep_on_file("operation_started", "operation", reply.body.id, {"kind": kind.name})
    return reply


@routes.post(
    "/operations/<row:operation_id>/cancel",
    needs=SIGNED_IN,
    gives=Gives(OperationShown, shape=shape),
)
def cancel(ask: Ask, operation_id: int) -> LongOperation:
    """Request its cancellation: finished parts stay, the rest is not started."""
    operations.get_operation(ask.session, operation_id, actor=ask.actor)
    if not operations.cancel(ask.session, operation_id, at=ask.now):
        message = "这项任务已经结束。"
        raise Refused(message, code="operation_over")
    ask.keep_on_file("operation_cancelled", "operation", operation_id)
    return operations.get_operation(ask.session, operation_id, actor=ask.actor)


def _startable(ask: Ask, name: str) -> OperationKind:
    kind = operating.kinds(composition()).get(name)
    if kind is None or not kind.roles & ask.actor.roles:
        message = "您的岗位不能发起这项任务。"
        raise NotAllowed(message)
    return kind
