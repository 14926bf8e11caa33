"""Platforms that are read: where reading goes on, the lease of who reads, and why it is paused."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, insert, or_, select, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.tables import sync_source

LEASE: Final = timedelta(minutes=5)
_MESSAGE_LENGTH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSource:
    """One platform and how far it was read; `cursor` is theirs."""

    id: str
    adapter: str
    cursor: str | None
    newest_at: datetime | None
    last_ok: datetime | None
    last_error: str | None
    failures: int
    dead_in_a_row: int
    paused: bool
    paused_reason: str | None
    next_at: datetime
    reconciled_at: datetime | None
    lease_until: datetime | None


_FIELDS: Final = tuple(sync_source.c[name] for name in SyncSource.__slots__)
_SOURCES: Final[Select[Any]] = select(*_FIELDS)


def ensure_source(session: Session, source_id: str, adapter: str, *, at: datetime) -> None:
    """Register a platform of the city's pack, once."""
    known = select(sync_source.c.adapter).where(sync_source.c.id == source_id)
    if session.execute(known).first() is None:
        session.execute(
            insert(sync_source).values(
                id=source_id,
                adapter=adapter,
                failures=0,
                dead_in_a_row=0,
                paused=False,
                next_at=at,
                created_at=at,
            )
        )


def list_sources(session: Session) -> list[SyncSource]:
    """List every platform."""
    rows = session.execute(_SOURCES.order_by(sync_source.c.id)).mappings()
    return [SyncSource(**row) for row in rows]


def get_source(session: Session, source_id: str) -> SyncSource:
    """Get a platform; NotFound otherwise."""
    row = session.execute(_SOURCES.where(sync_source.c.id == source_id)).mappings().first()
    if row is None:
        message = "没有这个对接平台。"
        raise NotFound(message, code="sync_source_not_found")
    return SyncSource(**row)


def list_due(session: Session, *, now: datetime) -> list[str]:
    """List the platforms that are to be read now and that nobody reads."""
    question = select(sync_source.c.id).where(
        sync_source.c.paused.is_(False), sync_source.c.next_at <= now, _is_free(now)
    )
    return list(session.execute(question.order_by(sync_source.c.next_at)).scalars())


def take_lease(session: Session, source_id: str, claim: str, *, now: datetime) -> bool:
    """Claim a platform; False while somebody else reads it."""
    taken = session.execute(
        update(sync_source)
        .where(sync_source.c.id == source_id, _is_free(now))
        .values(lease=claim, lease_until=now + LEASE)
    )
    return bool(taken.rowcount)


def keep_lease(session: Session, source_id: str, claim: str, *, now: datetime) -> bool:
    """Renew a claim; False when the lease ran out and somebody else took over."""
    kept = session.execute(
        update(sync_source)
        .where(sync_source.c.id == source_id, sync_source.c.lease == claim)
        .values(lease_until=now + LEASE)
    )
    return bool(kept.rowcount)


def release_lease(session: Session, source_id: str, claim: str) -> None:
    """Return a claim."""
    session.execute(
        update(sync_source)
        .where(sync_source.c.id == source_id, sync_source.c.lease == claim)
        .values(lease=None, lease_until=None)
    )


def update_source(session: Session, source_id: str, **values: Any) -> None:
    """Change what is known of a platform."""
    if values.get("last_error"):
        values["last_error"] = values["last_error"][:_MESSAGE_LENGTH]
    session.execute(update(sync_source).where(sync_source.c.id == source_id).values(**values))


def resume_source(session: Session, source_id: str, *, at: datetime) -> None:
    """Read again from where it stopped, at the next look."""
    update_source(
        session,
        source_id,
        paused=False,
        paused_reason=None,
        dead_in_a_row=0,
        failures=0,
        next_at=at,
    )


def _is_free(now: datetime) -> Any:
    return or_(sync_source.c.lease_until.is_(None), sync_source.c.lease_until <= now)
