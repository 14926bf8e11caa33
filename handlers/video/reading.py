"""What people see of quotas: how far a unit is, what is proposed, what was watched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from handlers.video.counting import days_today
from handlers.video.entering import no_such_period
from storage.database.session import Session
from storage.moments import in_china
from storage.people.actors import Actor
from storage.video.kitchens import names_of
from storage.video.patrols import (
    VideoPatrol,
    VideoPatrolFilter,
    count_distinct,
    list_patrols,
    list_watched,
)
from storage.video.periods import days_of
from storage.video.quota_periods import QuotaPeriod, find_period, list_periods
from storage.video.quotas import Quota, list_quotas
from storage.video.rules import QUOTAS, QuotaRule
from storage.video.scope import sees_quotas

State = Literal["open", "met", "met_late", "missed", "excused"]

_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class QuotaProgress:
    """How far a unit is in a period."""

    rule: QuotaRule
    period_key: str
    first_on: date
    after_on: date
    n: int
    population: int | None
    owed: int
    count: int
    late: int
    state: State
    case_id: int | None

    @property
    def left(self) -> int:
        """How many different businesses are still to be watched."""
        return max(0, self.owed - self.count)


@dataclass(frozen=True, slots=True)
class QuotaOfYear:
    """A period of a year; `progress` is None where nothing is on file, or not yet."""

    period_key: str
    first_on: date
    progress: QuotaProgress | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A kitchen on the list of a period."""

    business: int
    name: str
    state: Literal["proposed", "swapped", "watched"]
    reason: str | None


@dataclass(frozen=True, slots=True)
class QuotaCard:
    """A period with its list and its entries."""

    progress: QuotaProgress
    proposed: tuple[Proposed, ...]
    offline: tuple[str, ...]
    entries: tuple[VideoPatrol, ...]


def list_progress(session: Session, *, actor: Actor, now: datetime) -> list[QuotaProgress]:
    """Show how far every unit is in the period that runs; nothing to who sees no quotas."""
    if not sees_quotas(actor):
        return []
    today = in_china(now).date()
    return [
        _progress(session, quota, now)
        for quota in list_quotas(session, on=today)
        if quota.unit in QUOTAS
    ]


def get_card(session: Session, unit: str, key: str, *, actor: Actor, now: datetime) -> QuotaCard:
    """Show a period of a unit.

    Raises:
        NotFound: there is none, or it is not the actor's to see.
    """
    if not sees_quotas(actor) or unit not in QUOTAS:
        raise no_such_period()
    period = find_period(session, unit, key)
    wanted = VideoPatrolFilter(unit=unit, period_key=key)
    entries = list_patrols(session, wanted, actor=actor, limit=_MOST).items
    if period is None:
        current = _current(session, unit, now)
        if current is None or current.period_key != key:
            raise no_such_period()
        return QuotaCard(current, (), (), tuple(entries))
    listed = [int(entry["business"]) for entry in period.proposed]
    names = names_of(session, {*listed, *period.offline})
    watched = list_watched(session, unit, key)
    return QuotaCard(
        _of_period(session, period),
        tuple(_proposed(entry, names, watched) for entry in period.proposed),
        tuple(names.get(known, "") for known in period.offline),
        tuple(entries),
    )


def year_of(session: Session, unit: str, year: int) -> list[QuotaOfYear]:
    """Show a unit's periods that begin in a year, in order."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    rows = list_periods(session, unit=unit, first=first, after=after)
    known = {period.period_key: period for period in rows}
    quotas = [each for each in list_quotas(session, on=after) if each.unit == unit]
    kind = rows[-1].period if rows else quotas[0].period if quotas else "month"
    day, found = days_of(kind, first), []
    if day.first < first:
        day = days_of(kind, day.after)
    while day.first < after:
        period = known.get(day.key)
        progress = None if period is None else _of_period(session, period)
        found.append(QuotaOfYear(day.key, day.first, progress))
        day = days_of(kind, day.after)
    return found


def _current(session: Session, unit: str, now: datetime) -> QuotaProgress | None:
    quotas = list_quotas(session, on=in_china(now).date())
    return next((_progress(session, each, now) for each in quotas if each.unit == unit), None)


def _progress(session: Session, quota: Quota, now: datetime) -> QuotaProgress:
    days = days_today(quota, now)
    period = find_period(session, quota.unit, days.key)
    if period is not None:
        return _of_period(session, period)
    return QuotaProgress(
        rule=QUOTAS[quota.unit],
        period_key=days.key,
        first_on=days.first,
        after_on=days.after,
        n=quota.n,
        population=None,
        owed=quota.n,
        count=0,
        late=0,
        state="open",
        case_id=None,
    )


def _of_period(session: Session, period: QuotaPeriod) -> QuotaProgress:
    count = count_distinct(session, period.unit, period.period_key)
    on_time = count if period.distinct_count is None else period.distinct_count
    return QuotaProgress(
        rule=QUOTAS[period.unit],
        period_key=period.period_key,
        first_on=period.first_on,
        after_on=period.after_on,
        n=period.n,
        population=period.population,
        owed=period.owed,
        count=count,
        late=count - on_time,
        state=_state(period, count),
        case_id=period.case_id,
    )


def _state(period: QuotaPeriod, count: int) -> State:
    is_met = period.owed > 0 and count >= period.owed
    if period.met or (period.closed_at is None and is_met):
        return "met"
    if period.closed_at is None:
        return "open" if period.owed else "excused"
    if is_met:
        return "met_late"
    return "missed" if period.missed else "excused"


def _proposed(entry: Mapping[str, Any], names: Mapping[int, str], watched: set[int]) -> Proposed:
    business = int(entry["business"])
    is_swapped = entry["state"] == "swapped"
    state: Literal["proposed", "swapped", "watched"] = (
        "swapped" if is_swapped else "watched" if business in watched else "proposed"
    )
    return Proposed(business, names.get(business, ""), state, entry.get("reason"))


def last_day_of(progress: QuotaProgress) -> date:
    """Return the last day of a period."""
    return progress.after_on - timedelta(days=1)
