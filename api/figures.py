"""Metrics of the database: how much work waits, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.cases import incidents, tasks, timers
from storage.database.session import Session
from storage.delivery import outbox
from storage.operations import operations
from storage.people import sessions

__all__ = ["Figures", "read_figures"]


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one moment; an age is 0 when nothing waits, -1 when no scheduler ever ran."""

    open_tasks: Mapping[tuple[str, str], int]
    """By role and level."""
    overdue_tasks: int
    oldest_due_timer: float
    oldest_unclaimed_timer: float
    outbox_pending: int
    outbox_oldest: float
    oldest_unclaimed_delivery: float
    dead_letters: int
    open_incidents: int
    running_operations: int
    heartbeat_age: float


def read_figures(session: Session, now: datetime) -> Figures:
    """Count what waits now."""
    _, oldest_timer = timers.count_overdue(session, now=now)
    pending, dead = outbox.count_pending(session)
    beats = sessions.list_beats(session).values()
    return Figures(
        open_tasks=tasks.count_open(session),
        overdue_tasks=tasks.count_overdue(session, now=now),
        oldest_due_timer=_age(oldest_timer, now),
        oldest_unclaimed_timer=_age(timers.find_next_due(session, now=now), now),
        outbox_pending=pending,
        outbox_oldest=_age(outbox.find_oldest_pending(session), now),
        oldest_unclaimed_delivery=_age(outbox.find_next_at(session), now),
        dead_letters=dead,
        open_incidents=incidents.count_open(session),
        running_operations=operations.count_open(session),
        heartbeat_age=_age(max(beats), now) if beats else -1.0,
    )


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
