"""Periods of quotas: opened with a proposal, closed for good, counted again to prove it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

import orjson

from handlers.video.proposing import is_online, new_seed, propose
from storage.database.session import Session
from storage.moments import in_china, start_of
from storage.video.kitchens import list_kitchens
from storage.video.patrols import count_distinct, list_watched
from storage.video.periods import QuotaDays, days_of
from storage.video.quota_periods import (
    NewQuotaPeriod,
    QuotaPeriod,
    QuotaResult,
    add_period,
    close_period,
    find_last,
    find_period,
    keep_case,
    list_over,
    list_periods,
)
from storage.video.quotas import Quota, find_quota

NO_CAMERA: Final = "no_camera"
"""Why an unmet quota is no miss: not one camera could be watched."""

_MOST_SKIPPED: Final = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """A closed period that counts otherwise today."""

    period: QuotaPeriod
    stored: bytes
    counted: bytes


def days_today(quota: Quota, now: datetime) -> QuotaDays:
    """Return the period of a quota that runs now."""
    return days_of(quota.period, in_china(now).date())


def open_period(
    session: Session, unit: str, day: date, *, now: datetime, case_id: int | None = None
) -> QuotaPeriod | None:
    """Open the period a day lies in, once, with its proposal; None where the unit owes nothing."""
    quota = _quota_of_period(session, unit, day)
    if quota is None:
        return None
    days = days_of(quota.period, day)
    known = find_period(session, unit, days.key)
    if known is None:
        _fill_skipped(session, quota, days, now=now)
        _add(session, quota, days, now=now, case_id=case_id)
    elif known.case_id is None and case_id is not None:
        keep_case(session, known.id, case_id)
    return find_period(session, unit, days.key)


def close_over(session: Session, *, now: datetime) -> list[QuotaPeriod]:
    """Close every period that is over, once however often it is done; return those closed now."""
    over = list_over(session, on=in_china(now).date())
    return [close(session, period, now=now) for period in over]


def close(session: Session, period: QuotaPeriod, *, now: datetime) -> QuotaPeriod:
    """Close one period with what was on file when it ended; what comes later is marked as late."""
    known = find_period(session, period.unit, period.period_key, lock=True)
    if known is None or known.closed_at is not None:
        return known or period
    count = _counted(session, known)
    excuse = None
    if count < max(1, known.owed) and not _can_watch(session, known, now):
        excuse = NO_CAMERA
    close_period(session, known.id, _result(known, count, excuse), at=now)
    return find_period(session, period.unit, period.period_key) or known


def differences(session: Session) -> list[Difference]:
    """Count every closed period again from what was recorded; return those that differ."""
    found = []
    for period in list_periods(session):
        if period.closed_at is None:
            continue
        again = _result(period, _counted(session, period), period.excuse)
        stored, counted = on_paper(stored_result(period)), on_paper(again)
        if stored != counted:
            found.append(Difference(period, stored, counted))
    return found


def stored_result(period: QuotaPeriod) -> QuotaResult:
    """Return what a closed period says came of it."""
    return QuotaResult(
        int(period.distinct_count or 0), bool(period.met), bool(period.missed), period.excuse
    )


def on_paper(result: QuotaResult) -> bytes:
    """Write a result as it is compared, byte by byte."""
    return orjson.dumps(asdict(result), option=orjson.OPT_SORT_KEYS)


def moment_at(period: QuotaPeriod, share: float) -> datetime:
    """Return the moment at which a share of a period has passed."""
    first, after = start_of(period.first_on), start_of(period.after_on)
    return first + (after - first) * share


def _quota_of_period(session: Session, unit: str, day: date) -> Quota | None:
    """What a unit owes for the period of a day: as it was on the period's first day."""
    quota = find_quota(session, unit, on=day, lock=True)
    if quota is None:
        return None
    return find_quota(session, unit, on=days_of(quota.period, day).first) or quota


def _fill_skipped(session: Session, quota: Quota, days: QuotaDays, *, now: datetime) -> None:
    """Write down the periods nothing was started for, after an outage, each once."""
    last = find_last(session, quota.unit)
    day = None if last is None else last.after_on
    for _ in range(_MOST_SKIPPED):
        if day is None or day >= days.first:
            return
        skipped = _quota_of_period(session, quota.unit, day) or quota
        _add(session, skipped, days_of(skipped.period, day), now=now, case_id=None)
        day = days_of(skipped.period, day).after
    close_over(session, now=now)


def _add(
    session: Session, quota: Quota, days: QuotaDays, *, now: datetime, case_id: int | None
) -> None:
    seed = new_seed()
    without = list_watched(session, quota.unit, days.key)
    drawn = propose(list_kitchens(session), quota.n, seed=seed, now=now, without=without)
    add_period(
        session,
        NewQuotaPeriod(
            unit=quota.unit,
            period=quota.period,
            period_key=days.key,
            first_on=days.first,
            after_on=days.after,
            n=quota.n,
            population=drawn.population,
            owed=min(quota.n, drawn.population),
            seed=seed,
            proposed=[candidate.entry() for candidate in drawn.chosen],
            offline=drawn.offline,
            case_id=case_id,
            opened_at=now,
        ),
    )


def _counted(session: Session, period: QuotaPeriod) -> int:
    before = start_of(period.after_on)
    return count_distinct(session, period.unit, period.period_key, before=before)


def _can_watch(session: Session, period: QuotaPeriod, now: datetime) -> bool:
    """Whether a kitchen could be watched when the period ended; none was asked for otherwise."""
    if period.owed == 0:
        return False
    ended = min(now, start_of(period.after_on))
    return any(is_online(kitchen, ended) for kitchen in list_kitchens(session))


def _result(period: QuotaPeriod, count: int, excuse: str | None) -> QuotaResult:
    met = period.owed > 0 and count >= period.owed
    return QuotaResult(count, met, missed=not met and excuse is None, excuse=excuse)
