"""The urgency of a task: the step of its clock, and the time left in words.

The steps are those at which a task is chased, so that a yellow task has been chased once.
Time left is told by one rule, `_length`, so that the rows of a list can be compared.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from engine.time.calendar import END_OF_DAY, Span, WorkCalendar
from storage.city.entries import Shares
from storage.moments import in_china

Step = Literal["normal", "half", "near", "overdue", "paused"]

_WHOLE_DAY = timedelta(hours=24)


class Urgency(NamedTuple):
    """The state of the clock of a task.

    `left` is how much is left, or by how much the limit was passed when `step` is `overdue`; `day`
    is how long one day of it is: 24 hours, or the office hours where the limit counts those.
    `used` is the part that has run, from 0.0 to 1.0.
    """

    step: Step
    left: timedelta
    day: timedelta
    used: float
    is_of_office: bool = False
    """Whether its days are working days: the calendar has more of them until it is due."""


def urgency_of(
    calendar: WorkCalendar,
    span: Span | None,
    shares: Shares,
    *,
    now: datetime,
    paused_at: datetime | None = None,
) -> Urgency | None:
    """Return the urgency of a clock; None when it is never due.

    A clock that was paused stands where it stood then, so what was late already stays late.
    """
    if span is None:
        return None
    at = paused_at or now
    left, day, is_of_office = _length(calendar, span, at)
    used = calendar.share_used(span, at)
    step = _step(span, shares, used, now=at)
    is_standing = paused_at is not None and step != "overdue"
    return Urgency("paused" if is_standing else step, left, day, used, is_of_office)


def _length(calendar: WorkCalendar, span: Span, now: datetime) -> tuple[timedelta, timedelta, bool]:
    """What is left or over, how long a day of it is, and whether it is a working day.

    A limit in office hours counts them. Every other one is told by the clock, but for the days of
    a limit that ends with a day: those are the working days that follow today, so that never more
    is left than the limit has. What is over is told by the clock, whatever the limit counted: the
    longer it is over, the larger the number, in all rows of a list.
    """
    if now >= span.due:
        return now - span.due, _WHOLE_DAY, False
    if span.unit == "working_hour":
        office_day = calendar.hours.length_on(in_china(now).date())
        return calendar.working_time(now, span.due), office_day, True
    if span.unit == "working_day" or in_china(span.due).time() == END_OF_DAY:
        days = calendar.working_days_between(in_china(now).date(), span.due_on)
        if days:
            return days * _WHOLE_DAY, _WHOLE_DAY, True
    return span.due - now, _WHOLE_DAY, False


def _step(span: Span, shares: Shares, used: float, *, now: datetime) -> Step:
    if now >= span.due:
        return "overdue"
    if used >= shares.near or span.due_on == in_china(now).date():
        return "near"
    return "half" if used >= shares.half else "normal"
