"""How many businesses a unit owes, from which day on; a row in force never changes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, insert, select, update

from storage.database.session import Session
from storage.tables import quota
from storage.video.periods import days_of
from storage.video.rules import QuotaRule


@dataclass(frozen=True, slots=True)
class Quota:
    """What a unit owes from a day on."""

    unit: str
    period: str
    n: int
    effective_from: date


_QUOTAS: Final[Select[Any]] = select(
    quota.c.unit, quota.c.period, quota.c.n, quota.c.effective_from
)


def list_quotas(session: Session, *, on: date) -> list[Quota]:
    """List what every unit owes on a day, in order of unit."""
    rows = session.execute(
        _QUOTAS.where(quota.c.effective_from <= on).order_by(quota.c.unit, quota.c.effective_from)
    )
    return list({row.unit: Quota(*row) for row in rows}.values())


def find_quota(session: Session, unit: str, *, on: date, lock: bool = False) -> Quota | None:
    """Find what a unit owes on a day; locked, entries of the unit wait for one another."""
    question = _QUOTAS.where(quota.c.unit == unit, quota.c.effective_from <= on)
    newest = question.order_by(quota.c.effective_from.desc()).limit(1)
    row = session.execute(newest.with_for_update() if lock else newest).first()
    return None if row is None else Quota(*row)


def put_quota(session: Session, rule: QuotaRule, *, on: date, at: datetime) -> bool:
    """Bring in what a unit owes; a change begins with the next period. Whether it changed."""
    newest = _QUOTAS.where(quota.c.unit == rule.unit).order_by(quota.c.effective_from.desc())
    row = session.execute(newest.limit(1)).first()
    known = None if row is None else Quota(*row)
    if known is not None and (known.period, known.n) == (rule.period, rule.n):
        return False
    begins = _begins(rule, known, on)
    values = {"period": rule.period, "n": rule.n}
    if known is not None and known.effective_from == begins:
        same = (quota.c.unit == rule.unit, quota.c.effective_from == begins)
        session.execute(update(quota).where(*same).values(values))
    else:
        key = {"unit": rule.unit, "effective_from": begins, "created_at": at}
        session.execute(insert(quota).values(**key, **values))
    return True


def _begins(rule: QuotaRule, known: Quota | None, on: date) -> date:
    """The first day of a whole period; never inside one that has begun."""
    if known is None:
        return days_of(rule.period, min(rule.effective_from or on, on)).first
    if known.effective_from > on:
        return known.effective_from
    wanted = max(rule.effective_from or on, days_of(known.period, on).after)
    days = days_of(rule.period, wanted)
    return wanted if days.first == wanted else days.after
