"""Recurring starts: add, claim when due, advance to the next period."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, insert, or_, select, update

from storage.database.session import Session
from storage.errors import Conflict, NotFound
from storage.moments import Json
from storage.tables import case_, recurring


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecurring:
    """A recurring start to add: process, subject, period and start form."""

    process_id: str
    subject_kind: str
    subject: str
    period: str
    offset_days: int = 0
    form: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recurring:
    """A recurring start, due `offset_days` after the first day of each period."""

    id: int
    process_id: str
    subject_kind: str
    subject: str
    period: str
    offset_days: int
    form: dict[str, Json]
    next_at: datetime
    last_key: str | None
    attempts: int
    created_at: datetime
    ended_at: datetime | None

    def start_key(self, period_key: str) -> str:
        """Return the key that is unique to the case of one period."""
        return f"{self.process_id}:{self.subject_kind}:{self.subject}:{period_key}"


_FIELDS = (
    recurring.c.id,
    recurring.c.process_id,
    recurring.c.subject_kind,
    recurring.c.subject,
    recurring.c.period,
    recurring.c.offset_days,
    recurring.c.form,
    recurring.c.next_at,
    recurring.c.last_key,
    recurring.c.attempts,
    recurring.c.created_at,
    recurring.c.ended_at,
)
_ALL: Select[Any] = select(*_FIELDS).order_by(recurring.c.id)


def add_recurring(session: Session, new: NewRecurring, *, next_at: datetime, at: datetime) -> int:
    """Add a recurring start; return its id.

    Raises:
        Conflict: the same process is started for the same subject and period already.
    """
    same = (
        recurring.c.process_id == new.process_id,
        recurring.c.subject_kind == new.subject_kind,
        recurring.c.subject == new.subject,
        recurring.c.period == new.period,
        recurring.c.ended_at.is_(None),
    )
    if session.execute(select(recurring.c.id).where(*same)).first() is not None:
        message = "这个流程已经按这个周期为同一对象定期发起，不能重复设置。"
        raise Conflict(message, code="recurring_exists")
    made = session.execute(
        insert(recurring)
        .values(**asdict(new), next_at=next_at, attempts=0, created_at=at)
        .returning(recurring.c.id)
    )
    return int(made.scalar_one())


def was_planned(session: Session, new: NewRecurring) -> bool:
    """Whether such a start was ever there, in force or ended by somebody."""
    same = (
        recurring.c.process_id == new.process_id,
        recurring.c.subject_kind == new.subject_kind,
        recurring.c.subject == new.subject,
        recurring.c.period == new.period,
    )
    return session.execute(select(recurring.c.id).where(*same).limit(1)).first() is not None


def get_recurring(session: Session, recurring_id: int) -> Recurring:
    """Get a recurring start by its id; NotFound when there is none."""
    row = session.execute(_ALL.where(recurring.c.id == recurring_id)).first()
    if row is None:
        message = "没有这个定期发起的设置。"
        raise NotFound(message, code="recurring_not_found")
    return Recurring(*row)


def list_recurring(session: Session) -> list[Recurring]:
    """List the recurring starts that have not ended."""
    return [Recurring(*row) for row in session.execute(_ALL.where(recurring.c.ended_at.is_(None)))]


def list_of_subject(session: Session, process_id: str, kind: str, subject: str) -> list[Recurring]:
    """List the recurring starts of one process for one subject that have not ended."""
    question = _ALL.where(
        recurring.c.process_id == process_id,
        recurring.c.subject_kind == kind,
        recurring.c.subject == subject,
        recurring.c.ended_at.is_(None),
    )
    return [Recurring(*row) for row in session.execute(question)]


def claim_due(
    session: Session, *, now: datetime, lease: timedelta, limit: int = 100
) -> list[Recurring]:
    """Claim due rows, the longest overdue first; nobody else can claim them during the lease."""
    free = or_(recurring.c.lease_until.is_(None), recurring.c.lease_until <= now)
    due = and_(recurring.c.next_at <= now, recurring.c.ended_at.is_(None), free)
    picked = select(recurring.c.id).where(due).order_by(recurring.c.next_at).limit(limit)
    # SQLite has no row locks and needs none: it has one writer at a time.
    ids = list(session.execute(picked.with_for_update(skip_locked=True)).scalars())
    if not ids:
        return []
    session.execute(
        update(recurring).where(recurring.c.id.in_(ids)).values(lease_until=now + lease)
    )
    rows = session.execute(_ALL.where(recurring.c.id.in_(ids)).order_by(None))
    return sorted((Recurring(*row) for row in rows), key=lambda row: (row.next_at, row.id))


def find_next_start(session: Session) -> datetime | None:
    """Find the earliest next start; rows whose last attempt failed are left out."""
    question = select(recurring.c.next_at).where(
        recurring.c.ended_at.is_(None), recurring.c.attempts == 0
    )
    at: datetime | None = session.execute(question.order_by(recurring.c.next_at).limit(1)).scalar()
    return at


def lock_recurring(session: Session, recurring_id: int) -> Recurring:
    """Read a row and lock it until the transaction ends."""
    row = session.execute(_ALL.where(recurring.c.id == recurring_id).with_for_update()).one()
    return Recurring(*row)


def move_on(session: Session, recurring_id: int, *, next_at: datetime, last_key: str) -> None:
    """Mark a period as done and set the start of the next one."""
    session.execute(
        update(recurring)
        .where(recurring.c.id == recurring_id)
        .values(next_at=next_at, last_key=last_key, lease_until=None, attempts=0)
    )


def set_back(session: Session, recurring_id: int, *, until: datetime) -> None:
    """Postpone a failed start and count the attempt."""
    session.execute(
        update(recurring)
        .where(recurring.c.id == recurring_id)
        .values(lease_until=until, attempts=recurring.c.attempts + 1)
    )


def release(session: Session, recurring_id: int) -> None:
    """Make a postponed start available to the next claim."""
    session.execute(
        update(recurring).where(recurring.c.id == recurring_id).values(lease_until=None)
    )


def end_recurring(session: Session, recurring_id: int, *, at: datetime) -> None:
    """End a recurring start; cases already started continue."""
    session.execute(
        update(recurring)
        .where(recurring.c.id == recurring_id, recurring.c.ended_at.is_(None))
        .values(ended_at=at)
    )


def has_started(session: Session, start_key: str) -> bool:
    """Return whether a case has this start key."""
    question = select(case_.c.id).where(case_.c.start_key == start_key)
    return session.execute(question).first() is not None


def keep_start_key(session: Session, case_id: int, start_key: str) -> None:
    """Store the start key of a case; it is unique among all cases."""
    session.execute(update(case_).where(case_.c.id == case_id).values(start_key=start_key))
