"""Timers that wait as rows: claiming what is due, probing the next; arming is in `steps`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, or_, select, tuple_, update

from storage.database.session import Session
from storage.moments import NEVER, from_text, to_text
from storage.tables import case_, running_process, task, timer


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer of a running process; `kind` is `drawn` or `chase`."""

    running_id: int
    element: str
    case_id: int
    due_at: datetime
    kind: str
    attempts: int


_FIELDS = (
    timer.c.running_id,
    timer.c.element,
    timer.c.case_id,
    timer.c.due_at,
    timer.c.kind,
    timer.c.attempts,
)
_FREE = or_(timer.c.lease_until.is_(None), timer.c.lease_until <= bindparam("now"))

# `(running_id, element) in (select ...)` would make the planner read the whole table
# (notes/performance.md section 6); row addresses collected first do not.
_CLAIM_POSTGRES = """
update timer set lease_until = %(until)s
where ctid = any(array(
  select ctid from timer
  where due_at <= %(now)s and (lease_until is null or lease_until <= %(now)s)
  order by due_at limit %(most)s for update skip locked))
returning running_id, element, case_id, due_at, kind, attempts"""

_CLAIM_SQLITE = """
update timer set lease_until = :until
where rowid in (
  select rowid from timer
  where due_at <= :now and (lease_until is null or lease_until <= :now)
  order by due_at limit :most)
returning running_id, element, case_id, due_at, kind, attempts"""

# A timer whose case has an earlier one is left to the claim of the oldest: their order counts.
_NEWEST_POSTGRES = """
update timer set lease_until = %(until)s
where ctid = any(array(
  select ctid from timer t
  where due_at <= %(now)s and due_at > %(since)s
    and (lease_until is null or lease_until <= %(now)s)
    and not exists (select 1 from running_process r join timer e on e.running_id = r.id
      where r.case_id = t.case_id and e.due_at < t.due_at)
  order by due_at desc limit %(most)s for update skip locked))
returning running_id, element, case_id, due_at, kind, attempts"""

_NEWEST_SQLITE = """
update timer set lease_until = :until
where rowid in (
  select rowid from timer t
  where due_at <= :now and due_at > :since
    and (lease_until is null or lease_until <= :now)
    and not exists (select 1 from running_process r join timer e on e.running_id = r.id
      where r.case_id = t.case_id and e.due_at < t.due_at)
  order by due_at desc limit :most)
returning running_id, element, case_id, due_at, kind, attempts"""

_OF_PROCESS: Select[Any] = (
    select(*_FIELDS)
    .where(timer.c.running_id == bindparam("running_id"), timer.c.due_at <= bindparam("before"))
    .order_by(timer.c.due_at, timer.c.element)
)
_OF_CASE: Select[Any] = (
    select(*_FIELDS)
    .join(running_process, running_process.c.id == timer.c.running_id)
    .where(running_process.c.case_id == bindparam("case_id"))
    .order_by(timer.c.due_at, timer.c.running_id, timer.c.element)
)
_NEXT: Select[Any] = select(timer.c.due_at).where(_FREE).order_by(timer.c.due_at).limit(1)


def claim_due(
    session: Session, *, now: datetime, lease: timedelta, limit: int = 500
) -> list[Timer]:
    """Claim what is due, the longest overdue first; others leave it alone until the lease ends.

    A claim promises nothing: the step checks the row again under the lock of its case.
    """
    times = {"now": now, "until": now + lease}
    return _claimed(session, _CLAIM_SQLITE, _CLAIM_POSTGRES, times, limit)


def claim_newest(
    session: Session, *, now: datetime, since: datetime, lease: timedelta, limit: int
) -> list[Timer]:
    """Claim what has become due after a moment, the newest first, where its case waits for it."""
    times = {"now": now, "since": since, "until": now + lease}
    return _claimed(session, _NEWEST_SQLITE, _NEWEST_POSTGRES, times, limit)


def _claimed(
    session: Session, sqlite: str, postgres: str, times: Mapping[str, datetime], limit: int
) -> list[Timer]:
    is_sqlite = session.dialect.name == "sqlite"
    moment = to_text if is_sqlite else _itself
    rows = session.exec_driver_sql(
        sqlite if is_sqlite else postgres,
        {**{name: moment(at) for name, at in times.items()}, "most": limit},
    )
    due = [
        Timer(
            row.running_id,
            row.element,
            row.case_id,
            from_text(row.due_at) if is_sqlite else row.due_at,
            row.kind,
            row.attempts,
        )
        for row in rows
    ]
    return sorted(due, key=lambda timer_: (timer_.due_at, timer_.running_id, timer_.element))


def let_go(session: Session, *, until: datetime) -> None:
    """Release the unfinished rows of a claim, identified by the end of its lease."""
    session.execute(
        update(timer)
        .where(timer.c.lease_until == until, timer.c.lease_until.is_not(None))
        .values(lease_until=None)
    )


def count_claimed(session: Session, *, now: datetime, lease: timedelta) -> int:
    """Count what is claimed now and not done; failed ones that rest for longer are left out."""
    question = select(func.count()).where(
        timer.c.lease_until > now,
        timer.c.lease_until <= now + lease,
        timer.c.lease_until.is_not(None),
    )
    return int(session.execute(question).scalar_one())


def list_by_keys(session: Session, keys: Sequence[tuple[int, str]]) -> list[Timer]:
    """List those of these timers that still wait, in due order."""
    question = (
        select(*_FIELDS)
        .where(tuple_(timer.c.running_id, timer.c.element).in_(keys))
        .order_by(timer.c.due_at, timer.c.running_id, timer.c.element)
    )
    return [Timer(*row) for row in session.execute(question)]


def find_next_due(session: Session, *, now: datetime) -> datetime | None:
    """Find when the next timer is due that nobody holds; one probe of the index."""
    due_at: datetime | None = session.execute(_NEXT, {"now": now}).scalar()
    return due_at


def list_due_of(session: Session, running_id: int, *, before: datetime) -> list[Timer]:
    """List the drawn timers of a process due by a moment, in due order, claimed or not."""
    rows = session.execute(_OF_PROCESS, {"running_id": running_id, "before": before})
    return [timer_ for timer_ in (Timer(*row) for row in rows) if timer_.kind == "drawn"]


def list_timers(session: Session, case_id: int) -> list[Timer]:
    """List what a case waits for, in due order."""
    return [Timer(*row) for row in session.execute(_OF_CASE, {"case_id": case_id})]


def arm(
    session: Session,
    *,
    running_id: int,
    element: str,
    case_id: int,
    due_at: datetime,
    kind: str = "drawn",
) -> None:
    """Arm or move one timer outside a step: a chase that goes on, a calendar that changed."""
    moved = session.execute(
        update(timer)
        .where(timer.c.running_id == running_id, timer.c.element == element)
        .values(due_at=due_at, kind=kind, lease_until=None, attempts=0)
    )
    if moved.rowcount == 0:
        session.execute(
            timer.insert().values(
                running_id=running_id,
                element=element,
                case_id=case_id,
                due_at=due_at,
                kind=kind,
                lease_until=None,
                attempts=0,
            )
        )


def forget(session: Session, running_id: int, element: str) -> None:
    """Remove a timer nothing waits for any more."""
    session.execute(
        delete(timer).where(timer.c.running_id == running_id, timer.c.element == element)
    )


def postpone(session: Session, running_id: int, element: str, *, until: datetime) -> int:
    """Postpone a failed timer, until NEVER for an incident; return its attempts."""
    attempts = session.execute(
        update(timer)
        .where(timer.c.running_id == running_id, timer.c.element == element)
        .values(lease_until=until, attempts=timer.c.attempts + 1)
        .returning(timer.c.attempts)
    ).scalar()
    return int(attempts or 0)


def release(session: Session, running_id: int, element: str) -> None:
    """Return a timer to the next claim, its attempts forgotten: a retried incident."""
    session.execute(
        update(timer)
        .where(timer.c.running_id == running_id, timer.c.element == element)
        .values(lease_until=None, attempts=0)
    )


def count_overdue(session: Session, *, now: datetime) -> tuple[int, datetime | None]:
    """Count the timers due but not fired, and return the oldest; postponed ones are left out."""
    row = session.execute(
        select(func.count(), func.min(timer.c.due_at)).where(
            timer.c.due_at <= now,
            or_(timer.c.lease_until.is_(None), timer.c.lease_until < NEVER),
        )
    ).one()
    return int(row[0]), row[1]


def list_unchased(session: Session) -> list[tuple[str, str]]:
    """List open tasks never chased whose clock runs and that no chase timer waits for.

    Each as the number of its case and the digest of its process; the tables of that
    bundle determine whether it chases at all.
    """
    chase = select(timer.c.element).where(
        timer.c.running_id == task.c.running_id, timer.c.element == "chase:" + task.c.token
    )
    rows = session.execute(
        select(case_.c.number, running_process.c.digest)
        .join(task, task.c.case_id == case_.c.id)
        .join(running_process, running_process.c.id == task.c.running_id)
        .where(
            task.c.state == "open",
            task.c.paused_at.is_(None),
            task.c.chased.is_(None),
            task.c.due_at < NEVER,
            ~chase.exists(),
        )
        .order_by(case_.c.id)
    )
    return [(row.number, row.digest) for row in rows]


def _itself(at: datetime) -> datetime:
    return at
