"""The days of the working calendar as the State Council announced them; arithmetic is elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import chinese_calendar
from sqlalchemy import delete, extract, insert, select, update
from sqlalchemy import func as sql

from storage.database.session import Session
from storage.tables import calendar_day

DayKind = Literal["workday", "makeup_workday", "holiday", "weekend"]

SEED_SOURCE = "chinesecalendar"
FIRST_YEAR, LAST_YEAR = 2004, 2026
_SATURDAY = 5
_FIXED_FESTIVALS = frozenset({(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)})
# The State Council's regulation on public holidays gives a second day in May since 2025.
_FIXED_SINCE_2025 = _FIXED_FESTIVALS | {(5, 2)}
_YEARS_AHEAD = 3
# The law has given eleven days and more since 2008; a notice adds weekends to them.
_HOLIDAYS_AT_LEAST = 11


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day: a plain workday or weekend, or what an announcement made of it."""

    on_date: date
    kind: DayKind
    name: str | None = None


def list_days(
    session: Session, *, since: date | None = None, until: date | None = None
) -> list[CalendarDay]:
    """List the days kept, in order, from `since` up to but not including `until`."""
    question = select(calendar_day.c.on_date, calendar_day.c.kind, calendar_day.c.name)
    if since is not None:
        question = question.where(calendar_day.c.on_date >= since)
    if until is not None:
        question = question.where(calendar_day.c.on_date < until)
    rows = session.execute(question.order_by(calendar_day.c.on_date))
    return [CalendarDay(*row) for row in rows]


def day_kinds(session: Session, *, is_whole: bool = True) -> dict[date, DayKind]:
    """Return the kind of every day kept, and of the holidays fixed by law in the years to come.

    The other holidays of those years follow the moon, or a notice that is still to come. Without
    `is_whole` plain workdays and weekends are left out: nine in ten, and what a day of the week
    says anyway.
    """
    question = select(calendar_day.c.on_date, calendar_day.c.kind)
    if not is_whole:
        question = question.where(calendar_day.c.kind.in_(("holiday", "makeup_workday")))
    kinds: dict[date, DayKind] = {row.on_date: row.kind for row in session.execute(question)}
    last = last_announced_year(session)
    if last is not None:
        for year in range(last + 1, last + 1 + _YEARS_AHEAD):
            for month, day in _FIXED_SINCE_2025:
                kinds.setdefault(date(year, month, day), "holiday")
    return kinds


def announced_years(session: Session) -> frozenset[int]:
    """Return the years whose holidays are announced; deadlines beyond them are provisional."""
    year = sql.distinct(extract("year", calendar_day.c.on_date))
    rows = session.execute(select(year).where(calendar_day.c.announced)).scalars()
    return frozenset(int(one) for one in rows)


def last_announced_year(session: Session) -> int | None:
    """Return the last year whose holidays are announced."""
    last: date | None = session.execute(
        select(sql.max(calendar_day.c.on_date)).where(calendar_day.c.announced)
    ).scalar()
    return None if last is None else last.year


def put_days(
    session: Session, days: Iterable[CalendarDay], *, source: str
) -> dict[date, tuple[DayKind, DayKind]]:
    """Change only the days listed; return the changes, with kind before and after.

    A year that was not announced is from now on, once its holidays make a whole year: until then
    what is counted in it stays provisional.
    """
    named = {day.on_date: day for day in days}
    kept = {day.on_date: day for day in list_days(session)}
    fresh = [day for on, day in sorted(named.items()) if kept.get(on) != day]
    announced = announced_years(session)
    session.execute(
        delete(calendar_day).where(calendar_day.c.on_date.in_([day.on_date for day in fresh]))
    )
    for year in sorted({day.on_date.year for day in fresh}):
        of_year = [day for day in fresh if day.on_date.year == year]
        _add(session, of_year, source=source, announced=year in announced)
        if year not in announced and _is_whole_year(list_days_of(session, year)):
            _settle(session, year, source=source)
    return {
        day.on_date: (before, day.kind)
        for day in fresh
        if (before := kind_of(kept, day.on_date)) != day.kind
    }


def withdraw_year(session: Session, year: int) -> None:
    """Make a year provisional again when its holidays make a whole year no longer."""
    if not _is_whole_year(list_days_of(session, year)):
        session.execute(
            update(calendar_day)
            .where(
                calendar_day.c.on_date >= date(year, 1, 1),
                calendar_day.c.on_date < date(year + 1, 1, 1),
            )
            .values(announced=False)
        )


def list_days_of(session: Session, year: int) -> list[CalendarDay]:
    """List the days kept of a year, in order."""
    return list_days(session, since=date(year, 1, 1), until=date(year + 1, 1, 1))


def kind_of(kept: Mapping[date, CalendarDay], day: date) -> DayKind:
    """Return the kind of a day: the stored one, else that of its weekday."""
    return kept[day].kind if day in kept else kind_by_weekday(day)


def is_fixed_festival(day: date) -> bool:
    """Return whether a day is a legal holiday by date: New Year, Labour Day, National Day."""
    return (day.month, day.day) in _FIXED_FESTIVALS


def _is_whole_year(days: Iterable[CalendarDay]) -> bool:
    free = {(day.on_date.month, day.on_date.day) for day in days if day.kind == "holiday"}
    return free >= _FIXED_FESTIVALS and len(free) >= _HOLIDAYS_AT_LEAST


def _settle(session: Session, year: int, *, source: str) -> None:
    known = {day.on_date for day in list_days_of(session, year)}
    blank = [CalendarDay(day, kind_by_weekday(day)) for day in _days_of(year) if day not in known]
    _add(session, blank, source=source)
    session.execute(
        update(calendar_day)
        .where(
            calendar_day.c.on_date >= date(year, 1, 1),
            calendar_day.c.on_date < date(year + 1, 1, 1),
        )
        .values(announced=True)
    )


def seed(session: Session, *, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> int:
    """Add the announced years of a package that are not stored yet; return their days."""
    known = announced_years(session)
    rows = [
        CalendarDay(day, *_announced(day))
        for year in range(first, last + 1)
        if year not in known
        for day in _days_of(year)
    ]
    _add(session, rows, source=SEED_SOURCE)
    return len(rows)


def kind_by_weekday(day: date) -> DayKind:
    """Return the kind of a day for which nothing is announced."""
    return "weekend" if day.weekday() >= _SATURDAY else "workday"


def _announced(day: date) -> tuple[DayKind, str | None]:
    is_off, name = chinese_calendar.get_holiday_detail(day)
    usual = kind_by_weekday(day)
    if not is_off:
        return ("makeup_workday", name) if usual == "weekend" else ("workday", None)
    return ("holiday", name) if name else (usual, None)


def _days_of(year: int) -> Iterable[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=place) for place in range((date(year + 1, 1, 1) - first).days))


def _add(
    session: Session, rows: Iterable[CalendarDay], *, source: str, announced: bool = True
) -> None:
    values: list[Mapping[str, object]] = [
        {
            "on_date": row.on_date,
            "kind": row.kind,
            "name": row.name,
            "source": source,
            "announced": announced,
        }
        for row in rows
    ]
    if values:
        session.execute(insert(calendar_day), values)
