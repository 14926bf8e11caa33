"""The audit log: who did what outside a case, and a whole day of it as a signed file."""

from datetime import date, timedelta
from typing import Any, Final

import marshmallow as ma
from flask import Response

from api.http import auth, cursors
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Day, Moment
from engine.casefile import audit as audit_days
from storage.audit import log
from storage.audit.log import AuditFilter
from storage.moments import start_of

routes = Resource("audit", "Acts that are no step of a case.")

_AUDITORS: Final = auth.roles("admin_audit")


class AuditEventShown(ma.Schema):
    """One act; it has no number until it is sealed, within a minute."""

    id = ma.fields.Integer()
    seq = ma.fields.Integer(allow_none=True)
    at = Moment()
    actor = ma.fields.String(metadata={"example": "officer:12"})
    action = ma.fields.String(metadata={"example": "case_exported"})
    subject_kind = ma.fields.String()
    subject = ma.fields.String()
    data = ma.fields.Dict(keys=ma.fields.String())
    hash = ma.fields.String(allow_none=True)


class AuditPage(ma.Schema):
    """Acts, newest first."""

    items = ma.fields.List(ma.fields.Nested(AuditEventShown))
    next = ma.fields.String(allow_none=True)


class AuditSearch(Paged):
    """Which acts."""

    since = Day(metadata={"description": "From this day on"})
    until = Day(metadata={"description": "To the end of this day"})
    actor = ma.fields.String(validate=ma.validate.Length(1, 100))
    action = ma.fields.String(validate=ma.validate.Length(1, 100))
    subject_kind = ma.fields.String(validate=ma.validate.Length(1, 100))
    subject = ma.fields.String(validate=ma.validate.Length(1, 200))


@routes.get("/audit", needs=_AUDITORS, gives=Gives(AuditPage), query=AuditSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List acts, newest first."""
    page = log.list_audit(
        ask.session,
        _wanted(ask.query),
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get(
    "/audit/days/<day:day>",
    needs=_AUDITORS,
    gives=Gives(content_type="application/json"),
    audits="audit_exported",
)
def export_day(ask: Ask, day: date) -> Response:
    """Export a day as one file; `hangji verify` checks it without this server."""
    since = start_of(day)
    content = audit_days.write(
        log.list_sealed(ask.session, since=since, until=since + timedelta(days=1)),
        day=day,
        unsealed=log.count_unsealed(ask.session),
        at=ask.now,
        by=ask.actor.reference,
        key=ask.composition.signing_key(),
    )
    response = Response(content, content_type="application/json")
    response.headers["Content-Disposition"] = f"attachment; filename=audit-{day}.json"
    response.headers["Cache-Control"] = "no-store"
    return response


def _wanted(query: dict[str, Any]) -> AuditFilter:
    since, until = query.get("since"), query.get("until")
    return AuditFilter(
        since=None if since is None else start_of(since),
        until=None if until is None else start_of(until) + timedelta(days=1),
        **{name: query.get(name) for name in ("actor", "action", "subject_kind", "subject")},
    )
