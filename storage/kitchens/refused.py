"""Signed snapshots that were refused, such as those of unknown cameras."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import insert, select

from storage.database.session import Session
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.tables import refused_snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSnapshot:
    """A signed snapshot that was refused, without its picture."""

    vendor: str
    external_id: str
    stream_ref: str
    kind: str
    code: str
    received_at: datetime


def add_refused(session: Session, new: RefusedSnapshot) -> None:
    """Keep a refused snapshot, once however often it is sent."""
    known = select(refused_snapshot.c.id).where(
        refused_snapshot.c.vendor == new.vendor,
        refused_snapshot.c.external_id == new.external_id,
    )
    if session.execute(known).first() is None:
        session.execute(insert(refused_snapshot).values(**asdict(new)))


def list_refused(
    session: Session, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[RefusedSnapshot]:
    """List refused snapshots, the newest first."""
    limit = clamped(limit)
    names = [field.name for field in fields(RefusedSnapshot)]
    question = select(refused_snapshot.c.id, *(refused_snapshot.c[name] for name in names))
    if cursor is not None:
        question = question.where(refused_snapshot.c.id < read_cursor(cursor, [int])[0])
    rows = session.execute(question.order_by(refused_snapshot.c.id.desc()).limit(limit + 1)).all()
    page = page_of(rows, limit, lambda row: [row.id])
    shown = (dict(zip(names, row[1:], strict=True)) for row in page.items)
    return Page(tuple(RefusedSnapshot(**row) for row in shown), page.next)
