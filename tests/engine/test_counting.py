"""How a limit was counted, day by day."""

from datetime import date, datetime, timedelta

from engine.time.calendar import Span, WorkCalendar
from engine.time.counting import counted_days
from storage.moments import CHINA

NEW_YEAR = WorkCalendar({date(2026, 1, 1): "holiday", date(2026, 1, 4): "makeup_workday"})


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of January."""
    return datetime(2026, 1, day, hour, minute, tzinfo=CHINA)


def test_working_days_are_numbered_and_days_off_are_not() -> None:
    begun = datetime(2025, 12, 31, 16, tzinfo=CHINA)
    span = Span(begun, NEW_YEAR.due(begun, 3, "working_day"), "working_day")

    days = counted_days(NEW_YEAR, span)

    assert [(each.day.day, each.is_working, each.number) for each in days] == [
        (31, True, 0),
        (1, False, 0),
        (2, True, 1),
        (3, False, 0),
        (4, True, 2),
        (5, True, 3),
    ]


def test_office_hours_are_told_by_the_day_and_add_up_to_the_limit() -> None:
    begun = at(7, 16)
    span = Span(begun, NEW_YEAR.due(begun, 9, "working_hour"), "working_hour")

    hours = [each.hours for each in counted_days(NEW_YEAR, span)]

    assert hours[0] == timedelta(hours=1, minutes=30)
    assert sum(hours, timedelta(0)) == timedelta(hours=9)


def test_a_limit_by_the_clock_or_of_a_year_has_no_days_to_list() -> None:
    assert counted_days(NEW_YEAR, Span(at(7, 8), at(9, 8), "hour")) == []
    of_a_year = Span(at(7, 8), at(7, 8) + timedelta(days=300), "working_day")
    assert counted_days(NEW_YEAR, of_a_year) == []
