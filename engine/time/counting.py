"""How a limit was counted, day by day, so that a person can count it again."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from engine.time.calendar import Span, WorkCalendar
from storage.moments import CHINA, in_china

MOST_DAYS = 92
"""Days that are listed one by one; a longer limit is told by its ends."""

_ONE_DAY = timedelta(days=1)


class CountedDay(NamedTuple):
    """One day of a limit.

    `number` is the how-many-th working day it is: 0 for the day of receipt and for days off.
    `hours` is the office time that is counted on it, nothing where the limit counts whole days.
    """

    day: date
    is_working: bool
    number: int
    hours: timedelta


def counted_days(calendar: WorkCalendar, span: Span) -> list[CountedDay]:
    """The days of a limit in working days or office hours; none of one that runs by the clock."""
    first, last = in_china(span.since).date(), span.due_on
    if span.unit not in {"working_day", "working_hour"} or (last - first).days > MOST_DAYS:
        return []
    days: list[CountedDay] = []
    number = 0
    for offset in range((last - first).days + 1):
        day = first + offset * _ONE_DAY
        is_working = calendar.is_working(day)
        is_counted = is_working and (span.unit == "working_hour" or offset > 0)
        number += is_counted
        hours = timedelta(0)
        if span.unit == "working_hour":
            hours = calendar.working_time(
                max(in_china(span.since), _midnight(day)),
                min(in_china(span.due), _midnight(day + _ONE_DAY)),
            )
        days.append(CountedDay(day, is_working, number if is_counted else 0, hours))
    return days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=CHINA)
