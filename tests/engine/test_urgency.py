"""Where the clock of a task stands, in steps and in what is left."""

from datetime import datetime, timedelta

import pytest

from engine.time.calendar import Span, WorkCalendar
from engine.time.urgency import Urgency, urgency_of
from storage.city.entries import Shares
from storage.moments import CHINA

SHARES = Shares(half=0.5, near=0.8)
MONDAY_MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=CHINA)
FRIDAY_NIGHT = datetime(2026, 3, 6, 23, 59, 59, tzinfo=CHINA)
WEEK = Span(MONDAY_MORNING, FRIDAY_NIGHT, "working_day")
TWO_HOURS = Span(MONDAY_MORNING, MONDAY_MORNING + timedelta(hours=2), "hour")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of that week."""
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


def urgency(span: Span, now: datetime, *, paused_at: datetime | None = None) -> Urgency:
    """Where a clock that ends stands."""
    stands = urgency_of(WorkCalendar(), span, SHARES, now=now, paused_at=paused_at)
    assert stands is not None
    return stands


@pytest.mark.parametrize(
    ("now", "step"),
    [
        (at(2, 8), "normal"),
        (at(4, 9), "normal"),
        (at(4, 11, 30), "half"),
        (at(5, 17), "half"),
        (at(6, 8), "near"),
        (at(6, 22), "near"),
        (at(7, 0), "overdue"),
    ],
)
def test_a_limit_goes_through_its_steps_in_office_time(now: datetime, step: str) -> None:
    assert urgency(WEEK, now).step == step


def test_what_is_due_today_is_near_whatever_share_is_used() -> None:
    today = Span(at(6, 8), at(6, 23, 59), "working_day")

    assert urgency(today, at(6, 8)).step == "near"


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (at(2, 6, 39), 4 * DAY),
        (at(4, 23), 2 * DAY),
        (at(5, 16, 30), DAY),
        (at(6, 8), timedelta(hours=15, minutes=59, seconds=59)),
        (at(6, 22), timedelta(hours=1, minutes=59, seconds=59)),
    ],
)
def test_the_days_left_are_the_working_days_after_today(now: datetime, left: timedelta) -> None:
    """On the last of them hours and minutes, until the time that stands beside it."""
    assert (urgency(WEEK, now).left, urgency(WEEK, now).day) == (left, DAY)


@pytest.mark.parametrize("limit", [1, 2, 5])
@pytest.mark.parametrize("day", range(2, 9))
def test_never_more_is_left_than_the_limit_has(limit: int, day: int) -> None:
    begun = at(day, 6, 39)
    span = Span(begun, WorkCalendar().due(begun, limit, "working_day"), "working_day")

    assert urgency(span, begun).left == limit * DAY


def test_two_limits_that_end_with_the_same_day_leave_the_same() -> None:
    """One of the table of limits, one set by hand."""
    by_hand = Span(MONDAY_MORNING, FRIDAY_NIGHT, "hour")

    assert urgency(by_hand, at(3, 9)).left == urgency(WEEK, at(3, 9)).left


def test_a_limit_in_office_hours_leaves_office_hours() -> None:
    over_night = Span(at(2, 16), at(3, 10), "working_hour")

    stands = urgency(over_night, at(2, 16, 30))

    assert (stands.left, stands.day, stands.is_of_office) == (3 * HOUR, 7 * HOUR, True)


def test_only_days_that_are_counted_in_working_days_are_called_so() -> None:
    """Over a weekend the calendar has two days more than are left."""
    over_a_weekend = Span(at(5, 8), at(10, 23, 59).replace(second=59), "working_day")
    by_clock = Span(at(5, 8), at(10, 12), "hour")

    counted = [urgency(span, at(5, 9)) for span in (over_a_weekend, by_clock)]

    assert [(one.left // DAY, one.is_of_office) for one in counted] == [(3, True), (5, False)]
    assert not urgency(over_a_weekend, at(13, 9)).is_of_office


def test_time_left_runs_through_the_night_where_the_limit_does() -> None:
    assert urgency(TWO_HOURS, at(2, 9)) == ("near", HOUR, 24 * HOUR, 0.5, False)


def test_what_is_longer_over_tells_more_whatever_its_limit_counted() -> None:
    """A list stands in this order; over a weekend nobody works."""
    by_hand = Span(MONDAY_MORNING, at(6, 17), "working_day")
    by_clock = Span(at(6, 19, 30), at(6, 23, 30), "hour")

    first, second = urgency(by_hand, at(9, 6, 30)), urgency(by_clock, at(9, 6, 30))

    assert (first.step, first.left) == ("overdue", timedelta(days=2, hours=13, minutes=30))
    assert (second.step, second.left) == ("overdue", timedelta(days=2, hours=7))


def test_a_paused_clock_stands_where_it_stood_even_after_its_end() -> None:
    paused = urgency(WEEK, at(9, 10), paused_at=at(4, 9))

    assert (paused.step, paused.left) == ("paused", urgency(WEEK, at(4, 9)).left)


def test_what_was_late_when_it_was_paused_stays_late() -> None:
    late = urgency(WEEK, at(20, 10), paused_at=at(9, 10))

    assert (late.step, late.left) == ("overdue", urgency(WEEK, at(9, 10)).left)


def test_what_is_never_due_has_no_urgency() -> None:
    assert urgency_of(WorkCalendar(), None, SHARES, now=at(2, 8)) is None
