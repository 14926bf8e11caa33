"""The urgency of a task: the step of its clock, and the time left in words.

The steps are those at which a task is chased, so that a yellow task has been chased once.
Time left counts as the limit does: office time on the calendar, else hours of the clock.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from engine.time.calendar import Span, WorkCalendar
from storage.city.entries import Shares
from storage.moments import in_china

Step = Literal["normal", "half", "near", "overdue", "paused"]

_ON_THE_CALENDAR = frozenset({"working_day", "working_hour"})
_WHOLE_DAY = timedelta(hours=24)


class Urgency(NamedTuple):
    """The state of the clock of a task.

    `left` is how much is left, or by how much the limit was passed when `step` is `overdue`; `day`
    is what one day of it is: the office hours of a day, or 24 hours. `used` is the part that has
    run, from 0.0 to 1.0.
    """

    step: Step
    left: timedelta
    day: timedelta
    used: float


def urgency_of(
    calendar: WorkCalendar, span: Span | None, shares: Shares, *, now: datetime, is_paused: bool
) -> Urgency | None:
    """Return the urgency of a clock; None when it is never due."""
    if span is None:
        return None
    counts_office_time = span.unit in _ON_THE_CALENDAR
    earlier, later = sorted((now, span.due))
    left = calendar.working_time(earlier, later) if counts_office_time else later - earlier
    day = calendar.hours.length_on(in_china(now).date()) if counts_office_time else _WHOLE_DAY
    used = calendar.share_used(span, now)
    step: Step = "paused" if is_paused else _step(span, shares, used, now=now)
    return Urgency(step, left, day, used)


def _step(span: Span, shares: Shares, used: float, *, now: datetime) -> Step:
    if now >= span.due:
        return "overdue"
    if used >= shares.near or span.due_on == in_china(now).date():
        return "near"
    return "half" if used >= shares.half else "normal"
