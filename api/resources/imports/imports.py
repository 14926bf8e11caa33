"""Imports of lists: upload and check, look at the rows, apply, undo."""

import hashlib
import json
from typing import Any, Final

import marshmallow as ma

from api import importing
from api.http import cursors
from api.http.auth import roles_that
from api.http.request import Sent
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.operations import OperationShown, shape
from api.importing.ordering import Order
from api.resources.imports.shapes import ImportPage, ImportShown, RowPage
from engine.reads import operations as reads
from storage.errors import FormInvalid
from storage.imports import batches
from storage.imports.batches import OUTCOMES, STATES, Batch, BatchRow, NewBatch
from storage.imports.columns import COLUMNS
from storage.imports.kinds import kinds_of, require_keeper, require_visible
from storage.imports.workbooks import PACKED_AT_MOST
from storage.operations import operations
from storage.pages import page_of, read_cursor

routes = Resource("imports", "Lists from files: areas, businesses, the calendar, people.")

KEEPERS: Final = roles_that("imports")
_ENVELOPE: Final = 64 << 10
_NAME_AT_MOST: Final = 200
_MAPPED_AT_MOST: Final = 200
_LINKS_AT_ONCE: Final = 2_000


class ImportUpload(ma.Schema):
    """A file, with `kind` and, as texts beside it, `mapping` (JSON), `source` and `dry_run`.

    `full=true` says that a list of businesses names all of its source in the counties it names;
    who is missing becomes a question. `dry_run=false` applies at once what has no refused row;
    otherwise it is only checked.
    """

    class Meta:
        """What else is in the body is looked at by name."""

        unknown = ma.EXCLUDE

    file = ma.fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class Mapped(ma.Schema):
    """Which head of the file is which column; an empty column is not read."""

    mapping = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(1, 200)),
        values=ma.fields.String(validate=ma.validate.Length(0, 60)),
        required=True,
        validate=ma.validate.Length(0, _MAPPED_AT_MOST),
    )


class Applied(ma.Schema):
    """What to apply."""

    leave_out_refused = ma.fields.Boolean(load_default=False)


class FirstPasswords(ma.Schema):
    """Links by user name, by which new accounts set their password; `is_all`: none is left."""

    links = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    is_all = ma.fields.Boolean()


class ImportSearch(Paged):
    """Which imports."""

    state = ma.fields.String(validate=ma.validate.OneOf(STATES))


class RowSearch(Paged):
    """Which rows."""

    outcome = ma.fields.String(validate=ma.validate.OneOf((*OUTCOMES, "kept")))


def _received(sent: Sent, body: dict[str, Any]) -> NewBatch:
    """Read the upload before the transaction."""
    content = body["file"].read()
    kind, source = sent.form.get("kind", ""), sent.form.get("source") or "licence"
    if kind not in COLUMNS:
        raise FormInvalid.at(
            "kind", f"请选择一种：{'、'.join(COLUMNS)}。", english=f"One of: {', '.join(COLUMNS)}."
        )
    sources = importing.SOURCES_OF.get(kind, importing.SOURCES)
    if sent.form.get("source") and source not in sources:
        raise FormInvalid.at(
            "source",
            f"请选择一种：{'、'.join(sources)}。",
            english=f"One of: {', '.join(sources)}.",
        )
    return NewBatch(
        kind=kind,
        file_name=str(body["file"].filename or kind)[:_NAME_AT_MOST],
        source=importing.source_of(kind, source),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        mapping=_mapping(sent.form.get("mapping") or "{}"),
        started_by=None if sent.actor is None else sent.actor.id,
        is_full=kind == "businesses" and sent.form.get("full", "false") == "true",
    )


def _mapping(text: str) -> dict[str, str]:
    try:
        mapping: dict[str, str] = Mapped().load({"mapping": json.loads(text)})["mapping"]
    except (ValueError, ma.ValidationError):
        message = "应为 JSON 对象：文件的列名到数据列 (an object of heads to columns)。"
        raise FormInvalid.at("mapping", message) from None
    return mapping


@routes.post(
    "/imports",
    needs=KEEPERS,
    takes=Takes(
        ImportUpload, prepare=_received, location="files", limit=PACKED_AT_MOST + _ENVELOPE
    ),
    gives=Gives(OperationShown, status=202, shape=shape),
)
def upload(ask: Ask) -> Reply:
    """Upload a list (XLSX, XLS, ODS, CSV); it is checked row by row beside the requests."""
    new: NewBatch = ask.prepared
    open_to = require_keeper(ask.actor, new.kind)
    then_apply = ask.sent.form.get("dry_run", "true") == "false"
    order = Order(ask.actor.id, ask.now, open_to)
    batch = importing.add(ask.session, new, order, then_apply=then_apply)
    data = {"kind": batch.kind, "sha256": batch.sha256, "file": batch.file_name}
    ask.keep_on_file("import_uploaded", "import", batch.id, data)
    return _accepted(ask, batch)


@routes.get("/imports", needs=KEEPERS, gives=Gives(ImportPage), query=ImportSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List the imports of the kinds one may import, newest first."""
    page = batches.list_batches(
        ask.session,
        kinds_of(ask.actor),
        state=ask.query.get("state"),
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get("/imports/<row:import_id>", needs=KEEPERS, gives=Gives(ImportShown))
def read(ask: Ask, import_id: int) -> Batch:
    """Show an import: its columns, counts and warnings."""
    return _visible(ask, import_id)


@routes.get("/imports/<row:import_id>/rows", needs=KEEPERS, gives=Gives(RowPage), query=RowSearch)
def list_rows(ask: Ask, import_id: int) -> dict[str, Any]:
    """List rows by outcome; `kept` are those undoing left because they were changed since."""
    batch = _visible(ask, import_id)
    cursor, limit = cursors.of_query(ask), ask.query["limit"]
    after = -1 if cursor is None else int(read_cursor(cursor, [int])[0])
    outcome = ask.query.get("outcome")
    if outcome == "kept":
        rows = batches.list_kept(ask.session, batch.id, after=after, limit=limit + 1)
    else:
        wanted = OUTCOMES if outcome is None else (outcome,)
        rows = batches.list_rows(
            ask.session, batch.id, outcomes=wanted, after=after, limit=limit + 1
        )
    page = page_of(rows, limit, lambda row: [row.judged.entry.place])
    return {"items": [_row(row) for row in page.items], "next": cursors.next_of(ask, page)}


@routes.post(
    "/imports/<row:import_id>/check",
    needs=KEEPERS,
    takes=Takes(Mapped, example={"mapping": {"店名": "name"}}),
    gives=Gives(OperationShown, status=202, shape=shape),
)
def check(ask: Ask, import_id: int) -> Reply:
    """Check again with the columns mapped by hand."""
    batch = _visible(ask, import_id)
    batch = importing.order_check(ask.session, batch.id, ask.body["mapping"], _order(ask, batch))
    ask.keep_on_file("import_checked", "import", batch.id)
    return _accepted(ask, batch)


@routes.post(
    "/imports/<row:import_id>/apply",
    needs=KEEPERS,
    takes=Takes(Applied, example={"leave_out_refused": False}),
    gives=Gives(OperationShown, status=202, shape=shape),
)
def apply(ask: Ask, import_id: int) -> Reply:
    """Write a checked import, in chunks; one that was stopped goes on where it was."""
    batch = _visible(ask, import_id)
    order, leaves_out = _order(ask, batch), ask.body["leave_out_refused"]
    batch = importing.order_apply(ask.session, batch.id, order, leaves_out=leaves_out)
    ask.keep_on_file("import_applied", "import", batch.id, {"leave_out_refused": leaves_out})
    return _accepted(ask, batch)


@routes.post(
    "/imports/<row:import_id>/undo",
    needs=KEEPERS,
    gives=Gives(OperationShown, status=202, shape=shape),
)
def undo(ask: Ask, import_id: int) -> Reply:
    """Take back what an import wrote; rows changed since stay and are listed as `kept`."""
    batch = _visible(ask, import_id)
    batch = importing.order_undo(ask.session, batch.id, _order(ask, batch))
    ask.keep_on_file("import_undo_ordered", "import", batch.id)
    return _accepted(ask, batch)


@routes.post(
    "/imports/<row:import_id>/passwords",
    needs=KEEPERS,
    gives=Gives(FirstPasswords, is_secret=True),
)
def hand_out(ask: Ask, import_id: int) -> dict[str, Any]:
    """Show the links by which accounts this import added set their first password."""
    batch = _visible(ask, import_id)
    found = batches.list_unopened(ask.session, batch.id, most=_LINKS_AT_ONCE + 1)
    shown = found[:_LINKS_AT_ONCE]
    ask.keep_on_file("passwords_handed_out", "import", batch.id, {"accounts": len(shown)})
    links = {
        one.username: ask.composition.links.path(one.id, one.token_version, now=ask.now)
        for one in shown
    }
    return {"links": links, "is_all": len(found) == len(shown)}


def _visible(ask: Ask, import_id: int) -> Batch:
    return require_visible(ask.actor, batches.get_batch(ask.session, import_id))


def _order(ask: Ask, batch: Batch) -> Order:
    return Order(ask.actor.id, ask.now, require_keeper(ask.actor, batch.kind))


def _accepted(ask: Ask, batch: Batch) -> Reply:
    made = int(batch.operation_id or 0)
    found = reads.WithLog(operations.get_operation(ask.session, made, actor=ask.actor), [])
    headers = {"Location": f"/api/v1/operations/{made}", "Content-Location": _place(batch)}
    return Reply(found, headers, status=202)


def _place(batch: Batch) -> str:
    return f"/api/v1/imports/{batch.id}"


def _row(row: BatchRow) -> dict[str, Any]:
    judged = row.judged
    return {
        "number": judged.entry.number,
        "outcome": judged.outcome,
        "subject": judged.subject,
        "value": judged.entry.value,
        "before": judged.before,
        "after": judged.after,
        "message": judged.message,
        "warning": judged.warning,
        "undone": row.undone,
    }
