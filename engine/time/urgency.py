"""How pressing a task is: the step its clock stands at, and what is left as people say it.

The steps are those at which a task is chased, so that what looks yellow has been chased once.
Time left counts as the limit does: office time on the calendar, hours of the clock otherwise.
"""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from engine.time.calendar import Span, WorkCalendar
from storage.moments import in_china

Step = Literal["normal", "half", "near", "overdue", "paused"]

_ON_THE_CALENDAR = frozenset({"working_day", "working_hour"})
_WHOLE_DAY = timedelta(hours=24)


class Shares(NamedTuple):
    """From which part of a limit on a task is half used, and from which it is nearly over."""

    half: float
    near: float


class Urgency(NamedTuple):
    """Where the clock of a task stands.

    `left` is how much is left, or by how much the limit was passed when `step` is `overdue`; `day`
    is what one day of it is: the office hours of a day, or 24 hours.
    """

    step: Step
    left: timedelta
    day: timedelta


def urgency_of(
    calendar: WorkCalendar, span: Span | None, shares: Shares, *, now: datetime, is_paused: bool
) -> Urgency | None:
    """Return where a clock stands; None when it is never due."""
    if span is None:
        return None
    counts_office_time = span.unit in _ON_THE_CALENDAR
    earlier, later = sorted((now, span.due))
    left = calendar.working_time(earlier, later) if counts_office_time else later - earlier
    day = _office_day(calendar, now) if counts_office_time else _WHOLE_DAY
    return Urgency(_step(calendar, span, shares, now=now, is_paused=is_paused), left, day)


def _step(
    calendar: WorkCalendar, span: Span, shares: Shares, *, now: datetime, is_paused: bool
) -> Step:
    if is_paused:
        return "paused"
    if now >= span.due:
        return "overdue"
    share = calendar.share_used(span, now)
    if share >= shares.near or span.due_on == in_china(now).date():
        return "near"
    return "half" if share >= shares.half else "normal"


def _office_day(calendar: WorkCalendar, now: datetime) -> timedelta:
    hours = calendar.hours.on(in_china(now).date())
    return sum((closes - opens for opens, closes in hours), timedelta(0))
