"""Arithmetic on working days and working hours; the days are in `storage.places.calendar`.

The rules are those of domain-defaults section 5. Day 0 is the day of receipt, day 1 the next
working day, and a limit in working days ends with its last day: at 23:59:59 Asia/Shanghai, the end
of the calendar day and not of office hours, because that is the usual reading of legal periods and
because grid staff report in the evening. Beyond the last announced year the weekday rule holds and
results are provisional.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from storage.moments import CHINA, in_china

__all__ = [
    "UNITS",
    "DayKind",
    "OfficeHours",
    "Span",
    "WorkCalendar",
]

Periods = tuple[tuple[datetime, datetime], ...]
"""Opening and closing moments of one day, in order."""

DayKind = Literal["workday", "makeup_workday", "holiday", "weekend"]

UNITS = ("working_day", "working_hour", "hour", "minute", "same_day")
"""The units a limit may carry."""

END_OF_DAY = time(23, 59, 59)
SAME_DAY_AT_LEAST = timedelta(hours=4)

_WORKING = frozenset({"workday", "makeup_workday"})
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When offices are open on a working day; a city may set its own.

    Each half of the year has its own list of (opens, closes), in order, not overlapping.
    """

    summer: tuple[tuple[time, time], ...] = (
        (time(8), time(12)),
        (time(15), time(18)),
    )
    winter: tuple[tuple[time, time], ...] = (
        (time(8), time(12)),
        (time(14, 30), time(17, 30)),
    )
    summer_months: frozenset[int] = frozenset({5, 6, 7, 8, 9})

    def __post_init__(self) -> None:
        """Refuse hours that overlap or run backwards."""
        for day in (self.summer, self.winter):
            edges = [edge for period in day for edge in period]
            if not edges or any(later <= earlier for earlier, later in pairwise(edges)):
                message = f"office hours must be in order and not overlap: {day!r}"
                raise ValueError(message)

    def on(self, day: date) -> Periods:
        """Opening and closing moments of one working day."""
        periods = self.summer if day.month in self.summer_months else self.winter
        return tuple((_at(day, opens), _at(day, closes)) for opens, closes in periods)

    @lru_cache(maxsize=8)  # noqa: B019 - a city has one object of these, kept for good
    def length_on(self, day: date) -> timedelta:
        """How long people work on one working day; a list asks it for each of its rows."""
        return sum((closes - opens for opens, closes in self.on(day)), timedelta(0))


class Span(NamedTuple):
    """A running limit: from when, until when, in which unit.

    `used` is the share that had been used up when `since` began; after a pause `since` is the
    moment of resuming and `used` what had run before.
    """

    since: datetime
    due: datetime
    unit: str
    used: float = 0.0

    @property
    def due_on(self) -> date:
        """The day of Shanghai on which the limit ends."""
        return in_china(self.due).date()


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days of one city.

    `days` are what is known to differ from the weekday rule (ordinary days may be in it too);
    `announced_years` are the years whose holidays the State Council has announced.
    """

    days: Mapping[date, str] = field(default_factory=dict)
    announced_years: frozenset[int] = frozenset()
    hours: OfficeHours = field(default_factory=OfficeHours)
    _open: dict[date, Periods] = field(default_factory=dict, init=False, repr=False, compare=False)

    # -- days ------------------------------------------------------------------------------------

    def is_working(self, day: date) -> bool:
        """Whether people work on that day; where nothing is known the weekday decides."""
        kind = self.days.get(day)
        if kind is None:
            return day.weekday() < _SATURDAY
        return kind in _WORKING

    def is_provisional(self, moment: datetime | date, unit: str = "working_day") -> bool:
        """Whether a limit that ends then may move when the next year is announced."""
        if unit not in {"working_day", "working_hour"}:
            return False
        day = in_china(moment).date() if isinstance(moment, datetime) else moment
        return day.year not in self.announced_years

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself is day 0."""
        if count < 0:
            message = f"a limit is never negative, got {count}"
            raise ValueError(message)
        while count:
            day += _ONE_DAY
            count -= self.is_working(day)
        return day

    def working_days_between(self, earlier: date, later: date) -> int:
        """How many working days lie after `earlier`, up to and including `later`."""
        span = range(1, (later - earlier).days + 1)
        return sum(self.is_working(earlier + timedelta(days=offset)) for offset in span)

    def days_overdue(self, due: datetime, now: datetime) -> int:
        """How many working days have begun since the day on which the limit ended."""
        return self.working_days_between(in_china(due).date(), in_china(now).date())

    def next_opening(self, day: date, count: int = 1) -> datetime:
        """The start of office hours on the `count`-th working day after `day`."""
        return self.hours.on(self.add_working_days(day, count))[0][0]

    # -- limits ----------------------------------------------------------------------------------

    def due(self, start: datetime, limit: float, unit: str) -> datetime:
        """The moment at which `limit` `unit` from `start` ends, aware, in Asia/Shanghai.

        Raises:
            ValueError: the unit is unknown, the limit negative, or a part of a working day.
        """
        if limit < 0:
            message = f"a limit is never negative, got {limit}"
            raise ValueError(message)
        begin = in_china(start)
        match unit:
            case "working_day":
                return _at(self.add_working_days(begin.date(), _whole(limit)), END_OF_DAY)
            case "working_hour":
                return self.add_working_time(begin, timedelta(hours=limit))
            case "hour":
                return begin + timedelta(hours=limit)
            case "minute":
                return begin + timedelta(minutes=limit)
            case "same_day":
                return max(_at(begin.date(), END_OF_DAY), begin + SAME_DAY_AT_LEAST)
        message = f"unknown unit of time {unit!r}; one of {', '.join(UNITS)}"
        raise ValueError(message)

    def resumed(self, span: Span, *, paused_at: datetime, now: datetime) -> Span:
        """The limit after a pause: what was left at `paused_at` runs on from `now`.

        A limit that was over when the pause began stays over.
        """
        paused, begin = in_china(paused_at), in_china(now)
        if paused >= span.due or begin <= paused:
            return span
        due = self._run_on(span, paused, begin)
        return Span(begin, due, span.unit, self.share_used(span, paused))

    def moved_to(self, other: "WorkCalendar", span: Span, *, since: datetime) -> datetime:
        """When the limit ends on another calendar, with as much left from `since` as here."""
        begin, due = in_china(since), in_china(span.due)
        if span.unit == "working_day" and due.time() == END_OF_DAY:
            left = self.working_days_between(begin.date(), due.date())
            return _at(other.add_working_days(begin.date(), left), END_OF_DAY)
        if span.unit == "working_hour":
            return other.add_working_time(begin, self.working_time(begin, due))
        return due

    def _run_on(self, span: Span, paused: datetime, begin: datetime) -> datetime:
        due = in_china(span.due)
        if span.unit == "working_day":
            left = self.working_days_between(paused.date(), due.date())
            return _at(self.add_working_days(begin.date(), left), END_OF_DAY)
        if span.unit == "working_hour":
            return self.add_working_time(begin, self.working_time(paused, due))
        left_over = due - paused
        if span.unit == "same_day":
            return max(_at(begin.date(), END_OF_DAY), begin + min(left_over, SAME_DAY_AT_LEAST))
        return begin + left_over

    # -- shares ----------------------------------------------------------------------------------

    def share_used(self, span: Span, now: datetime) -> float:
        """Which part of the limit has run: 0.0 at its beginning, 1.0 when it is due, never more.

        A limit on the calendar is measured in office hours, so that half-time of one working day
        is about noon and not five in the morning; any other on the clock.
        """
        if now >= span.due:
            return 1.0
        office = self._office_time(span)
        whole = office or span.due - span.since
        if whole <= timedelta(0):
            return span.used
        run = self.working_time(span.since, now) if office else now - span.since
        return min(1.0, span.used + (1.0 - span.used) * max(0.0, run / whole))

    def moment_of_share(self, span: Span, share: float) -> datetime:
        """When that part of the limit will have run; the inverse of `share_used`."""
        if share >= 1.0:
            return in_china(span.due)
        since = in_china(span.since)
        part = max(0.0, (share - span.used) / (1.0 - span.used)) if span.used < 1.0 else 0.0
        office = self._office_time(span)
        if not office:
            return since + (span.due - span.since) * part
        return min(self.add_working_time(since, office * part), in_china(span.due))

    def _office_time(self, span: Span) -> timedelta:
        """The office time of a limit on the calendar; none where it is measured on the clock."""
        if span.unit not in {"working_day", "working_hour"}:
            return timedelta(0)
        return self.working_time(span.since, span.due)

    # -- office hours ----------------------------------------------------------------------------

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """How much office time lies between two moments."""
        begin, stop = in_china(start), in_china(end)
        total = timedelta(0)
        for opens, closes in self._office_hours(begin.date(), stop.date()):
            if opens < stop and begin < closes:
                total += min(closes, stop) - max(opens, begin)
        return total

    def add_working_time(self, start: datetime, length: timedelta) -> datetime:
        """The moment at which `length` of office time has passed since `start`.

        Exactly filled hours end at closing, not at the next opening; no time at all ends where it
        began, or at the next opening when the offices are closed.
        """
        begin = in_china(start)
        for opens, closes in self._office_hours(begin.date(), date.max):
            from_here = max(opens, begin)
            if from_here >= closes:
                continue
            if length <= closes - from_here:
                return from_here + length
            length -= closes - from_here
        message = "the calendar ended before the limit did"
        raise ValueError(message)

    def _office_hours(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        day = first
        while day <= last:
            yield from self._open_on(day)
            day += _ONE_DAY

    def _open_on(self, day: date) -> Periods:
        known = self._open.get(day)
        if known is None:
            known = self._open[day] = self.hours.on(day) if self.is_working(day) else ()
        return known


def _whole(limit: float) -> int:
    if limit != int(limit):
        message = f"working days are whole days, got {limit}"
        raise ValueError(message)
    return int(limit)


def _at(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, tzinfo=CHINA)
