"""The platforms that are read: lag, runs, records, reconciliation; pause, resume, read now."""

from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Day, Moment
from api.http.shapes.operations import OperationShown, accepted, shape
from api.resources.sync.shapes import ADMINISTRATORS
from api.syncing import acting
from api.syncing.platforms import platforms
from engine.background.operations import NewOperation
from engine.delivery.partners import RECEIVER
from storage.delivery import outbox
from storage.sync import dead, records, reviews, runs, sources
from storage.sync.records import RELATIONS
from storage.sync.sources import SyncSource

routes = Resource("sync", "Other platforms whose records arrive here by themselves.")


class SyncSourceShown(ma.Schema):
    """One platform and how reading stands."""

    id = ma.fields.String(metadata={"example": "smart_supervision"})
    adapter = ma.fields.String(metadata={"example": "rest_json"})
    cursor = ma.fields.String(
        allow_none=True, metadata={"description": "Theirs: where reading goes on"}
    )
    newest_at = Moment(allow_none=True, metadata={"description": "Their newest change read"})
    lag_seconds = ma.fields.Integer(
        allow_none=True, metadata={"description": "Now minus the newest change"}
    )
    last_ok = Moment(allow_none=True)
    last_error = ma.fields.String(allow_none=True)
    failures = ma.fields.Integer(metadata={"description": "Runs in a row that failed"})
    paused = ma.fields.Boolean()
    paused_reason = ma.fields.String(allow_none=True)
    next_at = Moment()
    reconciled_at = Moment(allow_none=True)
    dead = ma.fields.Integer(metadata={"description": "Refused records that wait for a person"})
    reviews = ma.fields.Integer(metadata={"description": "Records that fit several cases"})
    undelivered = ma.fields.Integer(
        metadata={
            "description": "Deliveries given up after twelve tries; a person sends them again"
        }
    )
    records = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        metadata={"description": "Records by what they became here"},
    )


class SyncSourcesShown(ma.Schema):
    """Every platform."""

    items = ma.fields.List(ma.fields.Nested(SyncSourceShown))
    next = ma.fields.String(allow_none=True)


class SyncRecordShown(ma.Schema):
    """One record of theirs as it is known here."""

    id = ma.fields.Integer()
    external_id = ma.fields.String()
    version = ma.fields.Integer()
    kind = ma.fields.String()
    origin = ma.fields.String(metadata={"description": "`theirs`, or `ours` when we sent it"})
    relation = ma.fields.String(validate=ma.validate.OneOf(RELATIONS))
    subject_kind = ma.fields.String(allow_none=True)
    subject_id = ma.fields.Integer(allow_none=True)
    retired = ma.fields.Boolean(metadata={"description": "They deleted it"})
    day = Day()
    body = ma.fields.Raw(metadata={"description": "What they hold, in our words"})
    reason = ma.fields.Raw(allow_none=True, metadata={"description": "Why it was linked"})
    changed_at = Moment()
    seen_at = Moment()


class SyncRecordPage(ma.Schema):
    """Records, newest first."""

    items = ma.fields.List(ma.fields.Nested(SyncRecordShown))
    next = ma.fields.String(allow_none=True)


class RecordSearch(Paged):
    """Which records."""

    relation = ma.fields.String(validate=ma.validate.OneOf(RELATIONS))


class SyncRunShown(ma.Schema):
    """One run of reading."""

    id = ma.fields.Integer()
    from_cursor = ma.fields.String(allow_none=True)
    to_cursor = ma.fields.String(allow_none=True)
    started_at = Moment()
    ended_at = Moment(allow_none=True)
    read = ma.fields.Integer()
    created = ma.fields.Integer()
    updated = ma.fields.Integer()
    linked = ma.fields.Integer()
    same = ma.fields.Integer()
    older = ma.fields.Integer()
    retired = ma.fields.Integer()
    review = ma.fields.Integer()
    dead = ma.fields.Integer()
    error = ma.fields.String(allow_none=True)


class SyncRunPage(ma.Schema):
    """Runs, newest first."""

    items = ma.fields.List(ma.fields.Nested(SyncRunShown))
    next = ma.fields.String(allow_none=True)


class ReconciliationShown(ma.Schema):
    """What both sides hold of one day; the lists are their ids."""

    day = Day()
    theirs = ma.fields.Integer()
    ours = ma.fields.Integer()
    missing = ma.fields.List(ma.fields.String())
    extra = ma.fields.List(ma.fields.String())
    differing = ma.fields.List(ma.fields.String())
    compared_at = Moment()


class ReconciliationsShown(ma.Schema):
    """The days that were compared, the latest first."""

    items = ma.fields.List(ma.fields.Nested(ReconciliationShown))
    next = ma.fields.String(allow_none=True)


class PauseWanted(ma.Schema):
    """Why nothing is to be read for now."""

    reason = ma.fields.String(required=True, validate=ma.validate.Length(1, 500))


@routes.get("/sync/sources", needs=ADMINISTRATORS, gives=Gives(SyncSourcesShown))
def list_all(ask: Ask) -> dict[str, Any]:
    """List the platforms and how reading each of them stands."""
    known = sources.list_sources(ask.session)
    return {"items": [_shown(ask, source) for source in known], "next": None}


@routes.get(
    "/sync/<code:source_id>/records",
    needs=ADMINISTRATORS,
    gives=Gives(SyncRecordPage),
    query=RecordSearch,
)
def list_records(ask: Ask, source_id: str) -> dict[str, Any]:
    """List the records of a platform."""
    sources.get_source(ask.session, source_id)
    page = records.list_records(
        ask.session,
        source_id,
        relation=ask.query.get("relation"),
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get(
    "/sync/<code:source_id>/runs", needs=ADMINISTRATORS, gives=Gives(SyncRunPage), query=Paged
)
def list_runs(ask: Ask, source_id: str) -> dict[str, Any]:
    """List the runs of reading a platform."""
    sources.get_source(ask.session, source_id)
    page = runs.list_runs(
        ask.session, source_id, cursor=cursors.of_query(ask), limit=ask.query["limit"]
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get(
    "/sync/<code:source_id>/reconciliation", needs=ADMINISTRATORS, gives=Gives(ReconciliationsShown)
)
def reconciliation(ask: Ask, source_id: str) -> dict[str, Any]:
    """Compare both sides by day, as of the last night."""
    sources.get_source(ask.session, source_id)
    return {"items": runs.list_reconciliations(ask.session, source_id), "next": None}


@routes.post(
    "/sync/<code:source_id>/run",
    needs=ADMINISTRATORS,
    gives=Gives(OperationShown, status=202, shape=shape),
)
def run(ask: Ask, source_id: str) -> Reply:
    """Read a platform now; it runs beside the requests."""
    source = sources.get_source(ask.session, source_id)
    arguments = {"source": source.id}
    title = dict(acting.TITLE)
    new = NewOperation(acting.READ, title, arguments, ["admin_system"], ask.actor.id)
    reply = accepted(ask, new)
    ask.keep_on_file("sync_run", "sync", source_id)
    return reply


@routes.post(
    "/sync/<code:source_id>/pause",
    needs=ADMINISTRATORS,
    takes=Takes(PauseWanted, example={"reason": "对方今晚升级"}),
    gives=Gives(SyncSourceShown),
)
def pause(ask: Ask, source_id: str) -> dict[str, Any]:
    """Read nothing more until it is resumed."""
    acting.pause(ask.session, source_id, reason=ask.body["reason"])
    ask.keep_on_file("sync_paused", "sync", source_id, {"reason": ask.body["reason"]})
    return _shown(ask, sources.get_source(ask.session, source_id))


@routes.post("/sync/<code:source_id>/resume", needs=ADMINISTRATORS, gives=Gives(SyncSourceShown))
def resume(ask: Ask, source_id: str) -> dict[str, Any]:
    """Go on from where reading stopped."""
    acting.resume(platforms(ask.composition), ask.session, source_id, actor=ask.actor)
    ask.keep_on_file("sync_resumed", "sync", source_id)
    return _shown(ask, sources.get_source(ask.session, source_id))


@routes.post("/sync/<code:source_id>/resend", needs=ADMINISTRATORS, gives=Gives(SyncSourceShown))
def resend(ask: Ask, source_id: str) -> dict[str, Any]:
    """Send again what was given up after twelve tries; what is sent is what is true by then."""
    source = sources.get_source(ask.session, source_id)
    count = acting.resend(ask.session, source_id, actor=ask.actor, at=ask.now)
    ask.keep_on_file("sync_resent", "sync", source_id, {"deliveries": count})
    return _shown(ask, source)


def _shown(ask: Ask, source: SyncSource) -> dict[str, Any]:
    values = {name: getattr(source, name) for name in SyncSource.__slots__}
    lag = None if source.newest_at is None else int((ask.now - source.newest_at).total_seconds())
    return {
        **values,
        "lag_seconds": lag,
        "dead": dead.count_open_dead(ask.session, source.id),
        "reviews": reviews.count_open_reviews(ask.session, source.id),
        "undelivered": outbox.count_dead(ask.session, f"{RECEIVER}{source.id}"),
        "records": records.count_records(ask.session, source.id),
    }
