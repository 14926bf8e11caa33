"""One record of another platform beside what stands here, and why they belong together."""

from typing import Any

import marshmallow as ma

from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import Moment
from api.resources.sync.shapes import ADMINISTRATORS
from storage.cases.cases import Case, get_case, get_visible_case
from storage.errors import NotFound
from storage.sync.records import RELATIONS, KeptRecord, get_record

routes = Resource("sync_compared", "A record of another platform beside ours.")


class SyncOurs(ma.Schema):
    """The case a record is: the number alone for who may not see the case."""

    number = ma.fields.String(metadata={"example": "2026000000019"})
    status = ma.fields.String(metadata={"example": "open"})
    title = ma.fields.String()
    matter = ma.fields.String(allow_none=True)
    area = ma.fields.String(attribute="area_code")
    source = ma.fields.String(metadata={"example": "department_patrol"})
    opened_at = Moment()
    closed_at = Moment(allow_none=True)


class SyncCompared(ma.Schema):
    """Theirs, ours, and why; `ours` is null before a decision and where no case came of it."""

    id = ma.fields.Integer()
    source = ma.fields.String(metadata={"example": "smart_supervision"})
    external_id = ma.fields.String(metadata={"example": "I-1"})
    version = ma.fields.Integer()
    kind = ma.fields.String(metadata={"example": "inspection"})
    origin = ma.fields.String(
        validate=ma.validate.OneOf(("theirs", "ours")),
        metadata={"description": "`ours`: created there by us", "example": "theirs"},
    )
    relation = ma.fields.String(
        validate=ma.validate.OneOf(RELATIONS), metadata={"example": "linked"}
    )
    retired = ma.fields.Boolean(metadata={"description": "Deleted over there"})
    day = ma.fields.Date()
    changed_at = Moment()
    seen_at = Moment()
    reason = ma.fields.Raw(allow_none=True, metadata={"description": "Why it was linked"})
    theirs = ma.fields.Raw(metadata={"description": "The record in their words"})
    ours = ma.fields.Nested(SyncOurs, allow_none=True)


@routes.get(
    "/sync/records/<row:record_id>",
    needs=ADMINISTRATORS,
    gives=Gives(SyncCompared),
    audits="sync_record_read",
)
def read(ask: Ask, record_id: int) -> dict[str, Any]:
    """Show one record of theirs beside the case it is; reading it is on the audit log."""
    record = get_record(ask.session, record_id)
    return {**_fields(record), "theirs": record.body, "ours": _case_of(ask, record)}


def _case_of(ask: Ask, record: KeptRecord) -> Case | dict[str, str] | None:
    if record.subject_kind != "case" or record.subject_id is None:
        return None
    number = get_case(ask.session, record.subject_id).number
    try:
        return get_visible_case(ask.session, number, actor=ask.actor)
    except NotFound:
        return {"number": number}


def _fields(record: KeptRecord) -> dict[str, Any]:
    named = (
        "id", "source", "external_id", "version", "kind", "origin", "relation", "retired",
        "day", "changed_at", "seen_at", "reason",
    )  # fmt: skip
    return {name: getattr(record, name) for name in named}
