"""Liveness, readiness and metrics: for operations, outside the versioned API."""

from typing import Any

import marshmallow as ma
from flask import Response

from api.http.auth import OPERATIONS
from api.http.metrics import answer
from api.http.request import composition
from api.http.routes import Ask, Gives, Reply, Resource
from storage.database.schema import fit_of
from storage.people import sessions
from storage.processes import definitions

routes = Resource("health", "For operations.", prefix="")


class Alive(ma.Schema):
    """The process answers."""

    status = ma.fields.String(metadata={"example": "alive"})


class Ready(ma.Schema):
    """Whether requests can be answered."""

    status = ma.fields.String(metadata={"example": "ready"})
    database = ma.fields.String(metadata={"example": "answers"})
    tables = ma.fields.String(
        metadata={"description": "current, newer (this release may go on), behind, or too_new"}
    )
    diagrams = ma.fields.String(metadata={"description": "published, or none: `hangji deploy`"})


class Deadlines(ma.Schema):
    """Whether deadlines are looked after."""

    status = ma.fields.String(metadata={"example": "on_time"})
    scheduler = ma.fields.String(metadata={"description": "ticking, late or never"})
    heartbeat_age_seconds = ma.fields.Float(allow_none=True)


def live() -> dict[str, str]:
    """Report that the process is alive."""
    return {"status": "alive"}


routes.plain("/health/live", live, needs=OPERATIONS)


@routes.get("/health/ready", needs=OPERATIONS, gives=Gives(Ready))
def ready(ask: Ask) -> Reply:
    """Report whether requests can be answered: database, its tables, diagrams; 503 when not.

    A late scheduler takes no web server out of service.
    """
    fit = fit_of(ask.session)
    may_run = fit in {"current", "newer"}
    has_diagrams = may_run and bool(definitions.list_published(ask.session, at=ask.now))
    shown = {
        "status": "ready" if has_diagrams else "not_ready",
        "database": "answers",
        "tables": fit,
        "diagrams": "published" if has_diagrams else "none" if may_run else "unknown",
    }
    return Reply(shown, status=200 if has_diagrams else 503)


@routes.get("/health/deadlines", needs=OPERATIONS, gives=Gives(Deadlines))
def deadlines(ask: Ask) -> Reply:
    """Report whether a scheduler ticks; 503 when none does."""
    age = _heartbeat_age(ask)
    is_late = age is None or age > ask.composition.settings.heartbeat_seconds
    shown: dict[str, Any] = {
        "status": "late" if is_late else "on_time",
        "scheduler": "never" if age is None else "late" if is_late else "ticking",
        "heartbeat_age_seconds": age,
    }
    return Reply(shown, status=503 if is_late else 200)


def metrics() -> Response:
    """Numbers for a collector; without a database those of the processes alone."""
    return answer(composition())


routes.plain("/metrics", metrics, needs=OPERATIONS)


def _heartbeat_age(ask: Ask) -> float | None:
    beats = sessions.list_beats(ask.session).values()
    return max(0.0, (ask.now - max(beats)).total_seconds()) if beats else None
