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


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of that week."""
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


def urgency(span: Span, now: datetime, *, is_paused: bool = False) -> Urgency:
    """Where a clock that ends stands."""
    stands = urgency_of(WorkCalendar(), span, SHARES, now=now, is_paused=is_paused)
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


def test_time_left_is_office_time_on_the_calendar() -> None:
    stands = urgency(WEEK, at(5, 16, 30))

    assert (stands.left, stands.day) == (8 * HOUR, 7 * HOUR)


def test_time_left_runs_through_the_night_where_the_limit_does() -> None:
    assert urgency(TWO_HOURS, at(2, 9)) == ("near", HOUR, 24 * HOUR, 0.5)


def test_a_passed_limit_tells_by_how_much() -> None:
    stands = urgency(WEEK, at(9, 10))

    assert (stands.step, stands.left) == ("overdue", 2 * HOUR)


def test_a_paused_clock_is_paused_even_after_its_end() -> None:
    assert urgency(WEEK, at(9, 10), is_paused=True).step == "paused"


def test_what_is_never_due_has_no_urgency() -> None:
    assert urgency_of(WorkCalendar(), None, SHARES, now=at(2, 8), is_paused=False) is None
