"""Runs of reading a platform, and what both sides hold of each day."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import Select, delete, insert, select, update

from storage.database.paging import by_name, page_by_id
from storage.database.session import Session
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import sync_reconciliation, sync_run

Outcome = Literal["created", "updated", "linked", "same", "older", "retired", "review", "dead"]
OUTCOMES: Final[tuple[Outcome, ...]] = (
    "created",
    "updated",
    "linked",
    "same",
    "older",
    "retired",
    "review",
    "dead",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """One run: what became of the records it read."""

    id: int
    source: str
    from_cursor: str | None
    to_cursor: str | None
    started_at: datetime
    ended_at: datetime | None
    pages: int
    read: int
    created: int
    updated: int
    linked: int
    same: int
    older: int
    retired: int
    review: int
    dead: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One day on both sides; the lists hold external ids."""

    source: str
    day: date
    theirs: int
    ours: int
    missing: Sequence[str]
    extra: Sequence[str]
    differing: Sequence[str]
    compared_at: datetime

    @property
    def differences(self) -> int:
        """How many records differ."""
        return len(self.missing) + len(self.extra) + len(self.differing)


_RUNS: Final[Select[Any]] = select(*(sync_run.c[name] for name in SyncRun.__slots__))
_COMPARED: Final[Select[Any]] = select(*sync_reconciliation.c)


def begin_run(session: Session, source: str, cursor: str | None, *, at: datetime) -> int:
    """Note that a run begins; return its number."""
    counts = dict.fromkeys(("pages", "read", *OUTCOMES), 0)
    made = session.execute(
        insert(sync_run)
        .values(source=source, from_cursor=cursor, to_cursor=cursor, started_at=at, **counts)
        .returning(sync_run.c.id)
    )
    return int(made.scalar_one())


def update_run(session: Session, run_id: int, **values: Any) -> None:
    """Note how far a run has come, or how it ended."""
    session.execute(update(sync_run).where(sync_run.c.id == run_id).values(**values))


def list_runs(
    session: Session, source: str, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[SyncRun]:
    """List the runs of a platform, the newest first."""
    return page_by_id(
        session,
        _RUNS.where(sync_run.c.source == source),
        sync_run.c.id,
        by_name(SyncRun),
        cursor=cursor,
        limit=limit,
    )


def put_reconciliation(session: Session, new: Reconciliation) -> None:
    """Keep what both sides hold of a day in place of what was found before."""
    session.execute(
        delete(sync_reconciliation).where(
            sync_reconciliation.c.source == new.source, sync_reconciliation.c.day == new.day
        )
    )
    session.execute(insert(sync_reconciliation).values(**asdict(new)))


def list_reconciliations(session: Session, source: str) -> list[Reconciliation]:
    """List the days that were compared, the latest first."""
    question = _COMPARED.where(sync_reconciliation.c.source == source)
    ordered = question.order_by(sync_reconciliation.c.day.desc())
    return [Reconciliation(**row) for row in session.execute(ordered).mappings()]
