"""Snapshots of kitchen cameras: who may see them, and what a person makes of them (R12)."""

from typing import Any, Final

import marshmallow as ma
from flask import Response

from api.http import auth, cursors
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment
from api.uploads import blobs
from storage.cases.attachments import get_attachment
from storage.cases.tasks import read_task_key
from storage.errors import NotFound, Refused
from storage.kitchens import refused, snapshots
from storage.kitchens.snapshots import KINDS, STATES, Snapshot, SnapshotFilter

routes = Resource("snapshots", "Snapshots of kitchen cameras: leads until a person confirms them.")

LOOKERS: Final = auth.roles("station", "catering_section", "emergency_center", "enforcement")
REVIEWERS: Final = auth.roles("station", "catering_section", "county")
ENFORCEMENT: Final = auth.roles("enforcement")
ADMIN: Final = auth.roles("admin_system")

_ROW: Final = ma.validate.Range(1, 2**53)
_KIND: Final = ma.validate.OneOf(KINDS)
_STATE: Final = ma.validate.OneOf(STATES)
_EVIDENCE: Final = ma.validate.OneOf(("wanted", "admitted", "refused"))


class SnapshotShown(ma.Schema):
    """One snapshot; `lead` is the case that was filed when it was confirmed."""

    id = ma.fields.Integer()
    camera = ma.fields.Integer(attribute="camera_id")
    business = ma.fields.Integer(attribute="business_id")
    business_name = ma.fields.String()
    area = ma.fields.String(attribute="area_code")
    position_in_kitchen = ma.fields.String()
    kind = ma.fields.String(validate=_KIND)
    confidence = ma.fields.Float(allow_none=True)
    taken_at = Moment()
    received_at = Moment()
    clock_is_wrong = ma.fields.Boolean()
    has_picture = ma.fields.Function(lambda found: found.image is not None)
    appended_to = ma.fields.Integer(allow_none=True)
    review = ma.fields.String(validate=_STATE)
    reviewed_at = Moment(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    evidence = ma.fields.String(allow_none=True, validate=_EVIDENCE)


class SnapshotReviewed(ma.Schema):
    """A snapshot after a person looked at it; `lead` is the number of the case that was filed."""

    snapshot = ma.fields.Nested(SnapshotShown)
    lead = ma.fields.String(allow_none=True)


class Snapshots(ma.Schema):
    """Snapshots, the newest first."""

    items = ma.fields.List(ma.fields.Nested(SnapshotShown))
    next = ma.fields.String(allow_none=True)


class SnapshotSearch(Paged):
    """Which snapshots."""

    review = ma.fields.String(validate=_STATE)
    business = ma.fields.Integer(validate=_ROW)
    camera = ma.fields.Integer(validate=_ROW)


class SnapshotDecision(ma.Schema):
    """What the picture shows; the form `review_snapshot` says what goes with it."""

    decision = ma.fields.Raw(required=True, metadata={"example": "confirmed"})
    reason = ma.fields.Raw(metadata={"example": "misread"})
    wants_evidence = ma.fields.Raw(metadata={"example": False})
    account = ma.fields.Raw(metadata={"example": "两名厨师未戴口罩"})


class SnapshotEvidence(ma.Schema):
    """Whether the picture may be evidence; the form `legal_and_technical_review`."""

    passes = ma.fields.Raw(required=True, metadata={"example": "admitted"})
    opinion = ma.fields.Raw(metadata={"example": "设备经检定，记录完整"})


class RefusedSnapshotShown(ma.Schema):
    """A signed snapshot that was refused, and why."""

    vendor = ma.fields.String()
    external_id = ma.fields.String()
    stream_ref = ma.fields.String()
    kind = ma.fields.String()
    code = ma.fields.String()
    received_at = Moment()


class RefusedSnapshots(ma.Schema):
    """Refused snapshots, the newest first."""

    items = ma.fields.List(ma.fields.Nested(RefusedSnapshotShown))
    next = ma.fields.String(allow_none=True)


@routes.get("/snapshots", needs=LOOKERS, gives=Gives(Snapshots), query=SnapshotSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List the snapshots of one's areas, the newest first."""
    query = dict(ask.query)
    query.pop("cursor", None)
    limit = query.pop("limit")
    page = snapshots.list_snapshots(
        ask.session,
        SnapshotFilter(**query),
        actor=ask.actor,
        cursor=cursors.of_query(ask),
        limit=limit,
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get("/snapshots/<row:snapshot_id>", needs=LOOKERS, gives=Gives(SnapshotReviewed))
def read(ask: Ask, snapshot_id: int) -> dict[str, Any]:
    """Show one snapshot, and the case that came of it."""
    return _shown(ask, snapshot_id)


@routes.get(
    "/snapshots/<row:snapshot_id>/picture",
    needs=LOOKERS,
    gives=Gives(content_type="application/octet-stream"),
    audits="snapshot_seen",
)
def picture(ask: Ask, snapshot_id: int) -> Response:
    """Read the picture; that one looked is on the audit log."""
    found = snapshots.get_snapshot(ask.session, snapshot_id, actor=ask.actor)
    if found.image is None:
        message = "这张抓拍的图片已按保存期限删除。"
        raise NotFound(message, code="picture_gone")
    attachment = get_attachment(ask.session, found.image)
    response = Response(blobs.get(ask.composition.blobs, attachment.sha256).read_bytes())
    response.content_type = attachment.content_type
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@routes.post(
    "/snapshots/<row:snapshot_id>/review",
    needs=REVIEWERS,
    takes=Takes(SnapshotDecision, example={"decision": "confirmed"}),
    gives=Gives(SnapshotReviewed),
)
def review(ask: Ask, snapshot_id: int) -> dict[str, Any]:
    """Confirm it, dismiss it, or let the catering section look; a confirmed one becomes a case."""
    return _answer(ask, snapshot_id, "review_snapshot")


@routes.post(
    "/snapshots/<row:snapshot_id>/evidence",
    needs=ENFORCEMENT,
    takes=Takes(SnapshotEvidence, example={"passes": "admitted", "opinion": "记录完整"}),
    gives=Gives(SnapshotReviewed),
)
def weigh(ask: Ask, snapshot_id: int) -> dict[str, Any]:
    """Say whether the picture may be evidence (Penalty Law, art. 41); it becomes a case."""
    return _answer(ask, snapshot_id, "legal_and_technical_review")


@routes.get("/refused-snapshots", needs=ADMIN, gives=Gives(RefusedSnapshots), query=Paged)
def list_refused(ask: Ask) -> dict[str, Any]:
    """List signed snapshots that were refused, such as those of unknown cameras."""
    page = refused.list_refused(ask.session, cursor=cursors.of_query(ask), limit=ask.query["limit"])
    return {"items": page.items, "next": cursors.next_of(ask, page)}


def _answer(ask: Ask, snapshot_id: int, task_id: str) -> dict[str, Any]:
    """Complete the task in which the snapshot waits for a post of the caller."""
    snapshots.get_snapshot(ask.session, snapshot_id, actor=ask.actor)
    waiting = snapshots.list_waiting(ask.session, actor=ask.actor, snapshot_id=snapshot_id)
    found = next((each for each in waiting if each.task_id == task_id), None)
    if found is None:
        message = "这张抓拍已经核实过，或者不由您核实。"
        raise Refused(message, code="snapshot_not_waiting", clause="R12")
    running_id, token = read_task_key(found.task)
    ask.runner.complete(ask.session, running_id, int(token), ask.body, actor=ask.actor)
    return _shown(ask, snapshot_id)


def _shown(ask: Ask, snapshot_id: int) -> dict[str, Any]:
    found: Snapshot = snapshots.get_snapshot(ask.session, snapshot_id, actor=ask.actor)
    return {"snapshot": found, "lead": snapshots.find_lead(ask.session, found)}
