"""Periods of quotas: opened with a proposal, closed once and for good."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, insert, select, update

from storage.database.session import Session
from storage.moments import Json
from storage.tables import quota_period


@dataclass(frozen=True, slots=True, kw_only=True)
class NewQuotaPeriod:
    """A period that begins; `owed` is what can be asked for of `n`."""

    unit: str
    period: str
    period_key: str
    first_on: date
    after_on: date
    n: int
    population: int
    owed: int
    seed: str
    proposed: Sequence[dict[str, Json]]
    offline: Sequence[int]
    case_id: int | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class QuotaPeriod:
    """One period of a unit; the last five are there once it was closed."""

    id: int
    unit: str
    period: str
    period_key: str
    first_on: date
    after_on: date
    n: int
    population: int
    owed: int
    seed: str
    proposed: list[dict[str, Any]]
    offline: list[int]
    case_id: int | None
    opened_at: datetime
    closed_at: datetime | None
    distinct_count: int | None
    met: bool | None
    missed: bool | None
    excuse: str | None


@dataclass(frozen=True, slots=True)
class QuotaResult:
    """What came of a period."""

    distinct_count: int
    met: bool
    missed: bool
    excuse: str | None


_PERIODS: Final[Select[Any]] = select(
    *(quota_period.c[field.name] for field in fields(QuotaPeriod))
)


def add_period(session: Session, new: NewQuotaPeriod) -> int:
    """Open a period; return its id."""
    lists = {"proposed": list(new.proposed), "offline": list(new.offline)}
    made = session.execute(
        insert(quota_period).values({**asdict(new), **lists}).returning(quota_period.c.id)
    )
    return int(made.scalar_one())


def find_period(session: Session, unit: str, key: str, *, lock: bool = False) -> QuotaPeriod | None:
    """Find a period of a unit by its key."""
    question = _PERIODS.where(quota_period.c.unit == unit, quota_period.c.period_key == key)
    row = session.execute(question.with_for_update() if lock else question).first()
    return None if row is None else QuotaPeriod(*row)


def find_last(session: Session, unit: str) -> QuotaPeriod | None:
    """Find the newest period of a unit."""
    question = _PERIODS.where(quota_period.c.unit == unit)
    row = session.execute(question.order_by(quota_period.c.first_on.desc()).limit(1)).first()
    return None if row is None else QuotaPeriod(*row)


def list_periods(
    session: Session,
    *,
    unit: str | None = None,
    first: date | None = None,
    after: date | None = None,
) -> list[QuotaPeriod]:
    """List periods by unit and by their first day, the oldest first."""
    question = _PERIODS.order_by(quota_period.c.unit, quota_period.c.first_on)
    if unit is not None:
        question = question.where(quota_period.c.unit == unit)
    if first is not None:
        question = question.where(quota_period.c.first_on >= first)
    if after is not None:
        question = question.where(quota_period.c.first_on < after)
    return [QuotaPeriod(*row) for row in session.execute(question)]


def list_over(session: Session, *, on: date) -> list[QuotaPeriod]:
    """List the periods that are over and not closed yet."""
    question = _PERIODS.where(quota_period.c.closed_at.is_(None), quota_period.c.after_on <= on)
    rows = session.execute(question.order_by(quota_period.c.first_on, quota_period.c.unit))
    return [QuotaPeriod(*row) for row in rows]


def keep_case(session: Session, period_id: int, case_id: int) -> None:
    """Keep in which case a period is worked on."""
    _change(session, period_id, {"case_id": case_id})


def keep_proposed(session: Session, period_id: int, proposed: Sequence[dict[str, Json]]) -> None:
    """Keep the list after a swap."""
    _change(session, period_id, {"proposed": list(proposed)})


def close_period(session: Session, period_id: int, result: QuotaResult, *, at: datetime) -> None:
    """Close a period; no later change is accepted."""
    _change(session, period_id, {**asdict(result), "closed_at": at})


def _change(session: Session, period_id: int, values: dict[str, Any]) -> None:
    session.execute(update(quota_period).where(quota_period.c.id == period_id).values(values))
