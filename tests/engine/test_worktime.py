"""Working days, office hours and pauses, with the days announced for 2026."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.time.calendar import OfficeHours, Span, WorkCalendar
from storage.moments import CHINA

# State Council notice for 2026: days that differ from the weekday rule.
HOLIDAYS_2026 = (
    ("2026-01-01", 3),
    ("2026-02-15", 9),
    ("2026-04-04", 3),
    ("2026-05-01", 5),
    ("2026-06-19", 3),
    ("2026-09-25", 3),
    ("2026-10-01", 7),
)
MAKEUP_2026 = ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")
DAYS = {
    **{
        date.fromisoformat(first) + timedelta(days=offset): "holiday"
        for first, length in HOLIDAYS_2026
        for offset in range(length)
    },
    **{date.fromisoformat(day): "makeup_workday" for day in MAKEUP_2026},
}
CALENDAR = WorkCalendar(DAYS, frozenset({2026}))

in_2026 = st.integers(0, 365 * 24 * 60 - 1).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=minutes)
)
some_days = st.integers(0, 40)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def test_the_day_of_receipt_is_day_nought_and_the_last_day_counts_whole() -> None:
    assert CALENDAR.due(at("2026-03-02 00:00"), 2, "working_day") == at("2026-03-04 23:59:59")
    assert CALENDAR.due(at("2026-03-02 23:59"), 2, "working_day") == at("2026-03-04 23:59:59")


def test_a_limit_that_begins_on_a_weekend_counts_from_monday() -> None:
    assert CALENDAR.due(at("2026-03-07 10:00"), 1, "working_day") == at("2026-03-09 23:59:59")


def test_spring_festival_of_2026_is_stepped_over() -> None:
    # Saturday 14 February is worked, 15 to 23 February are free.
    assert CALENDAR.due(at("2026-02-13 09:00"), 1, "working_day") == at("2026-02-14 23:59:59")
    assert CALENDAR.due(at("2026-02-13 09:00"), 2, "working_day") == at("2026-02-24 23:59:59")
    assert CALENDAR.due(at("2026-02-16 09:00"), 1, "working_day") == at("2026-02-24 23:59:59")


def test_a_makeup_saturday_is_a_working_day() -> None:
    assert CALENDAR.is_working(date(2026, 10, 10))
    assert not CALENDAR.is_working(date(2026, 10, 11))
    assert CALENDAR.due(at("2026-10-09 09:00"), 1, "working_day") == at("2026-10-10 23:59:59")
    assert CALENDAR.due(at("2026-09-30 09:00"), 3, "working_day") == at("2026-10-10 23:59:59")


def test_beyond_the_announced_year_the_weekday_rule_gives_a_provisional_date() -> None:
    due = CALENDAR.due(at("2026-12-28 09:00"), 7, "working_day")

    assert due == at("2027-01-06 23:59:59")
    assert CALENDAR.is_provisional(due)
    assert not CALENDAR.is_provisional(CALENDAR.due(at("2026-12-28 09:00"), 3, "working_day"))


def test_a_limit_on_the_clock_is_never_provisional() -> None:
    assert not CALENDAR.is_provisional(at("2027-01-06 10:00"), "hour")


def test_an_import_of_the_next_year_moves_the_date_and_settles_it() -> None:
    new_year = {date(2027, 1, day): "holiday" for day in (1, 2, 3)}
    known = WorkCalendar({**DAYS, **new_year}, frozenset({2026, 2027}))

    due = known.due(at("2026-12-28 09:00"), 7, "working_day")

    assert due == at("2027-01-07 23:59:59")
    assert not known.is_provisional(due)


def test_working_hours_stop_at_noon_at_night_and_at_the_weekend() -> None:
    # Summer 8-12 and 15-18, winter 8-12 and 14:30-17:30.
    assert CALENDAR.due(at("2026-07-01 11:00"), 2, "working_hour") == at("2026-07-01 16:00")
    assert CALENDAR.due(at("2026-03-02 11:00"), 2, "working_hour") == at("2026-03-02 15:30")
    assert CALENDAR.due(at("2026-03-06 16:30"), 4, "working_hour") == at("2026-03-09 11:00")
    assert CALENDAR.due(at("2026-03-07 03:00"), 4, "working_hour") == at("2026-03-09 12:00")


def test_office_hours_are_configurable_and_must_be_in_order() -> None:
    late = OfficeHours(summer=((time(9), time(17)),), winter=((time(9), time(17)),))
    calendar = WorkCalendar(DAYS, frozenset({2026}), late)

    assert calendar.due(at("2026-03-02 16:00"), 2, "working_hour") == at("2026-03-03 10:00")
    with pytest.raises(ValueError, match="overlap"):
        OfficeHours(summer=((time(8), time(12)), (time(11), time(18))))


def test_hours_and_minutes_run_through_nights_and_holidays() -> None:
    assert CALENDAR.due(at("2026-02-17 23:30"), 2, "hour") == at("2026-02-18 01:30")
    assert CALENDAR.due(at("2026-02-17 23:45"), 30, "minute") == at("2026-02-18 00:15")


def test_same_day_ends_at_midnight_but_leaves_four_hours() -> None:
    assert CALENDAR.due(at("2026-03-02 09:00"), 1, "same_day") == at("2026-03-02 23:59:59")
    assert CALENDAR.due(at("2026-03-02 22:00"), 1, "same_day") == at("2026-03-03 02:00")


def test_the_day_is_that_of_shanghai_whatever_the_offset() -> None:
    # 17:00 UTC on Sunday is one in the morning on Monday.
    start = datetime(2026, 3, 1, 17, tzinfo=UTC)

    assert CALENDAR.due(start, 1, "working_day") == at("2026-03-03 23:59:59")


@pytest.mark.parametrize(
    ("limit", "unit"), [(1, "fortnight"), (-1, "hour"), (1.5, "working_day"), (-1, "working_day")]
)
def test_a_limit_nobody_can_read_is_refused(limit: float, unit: str) -> None:
    with pytest.raises(ValueError, match=r"limit|unit|days"):
        CALENDAR.due(at("2026-03-02 09:00"), limit, unit)


def test_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        CALENDAR.due(datetime(2026, 3, 2, 9), 1, "hour")  # noqa: DTZ001 - what the test is about


def test_working_days_between_counts_the_last_and_not_the_first() -> None:
    assert CALENDAR.working_days_between(date(2026, 2, 13), date(2026, 2, 24)) == 2
    assert CALENDAR.working_days_between(date(2026, 2, 24), date(2026, 2, 13)) == 0


def test_days_overdue_count_from_the_day_after_the_due_day() -> None:
    due = at("2026-03-06 23:59:59")  # a Friday

    assert CALENDAR.days_overdue(due, at("2026-03-08 12:00")) == 0
    assert CALENDAR.days_overdue(due, at("2026-03-09 00:00")) == 1
    assert CALENDAR.days_overdue(due, at("2026-03-10 08:00")) == 2


def test_half_time_of_a_working_day_falls_into_office_hours() -> None:
    span = Span(at("2026-03-02 10:00"), at("2026-03-03 23:59:59"), "working_day")

    # 5 office hours are left on Monday and 7 on Tuesday: half of 12 is one hour into Tuesday.
    assert CALENDAR.moment_of_share(span, 0.5) == at("2026-03-03 09:00")
    assert CALENDAR.share_used(span, at("2026-03-03 09:00")) == 0.5
    assert CALENDAR.moment_of_share(span, 1.0) == span.due


def test_half_time_of_two_hours_is_one_hour() -> None:
    span = Span(at("2026-02-17 23:00"), at("2026-02-18 01:00"), "hour")

    assert CALENDAR.moment_of_share(span, 0.5) == at("2026-02-18 00:00")


def test_a_pause_gives_back_the_working_days_that_were_left() -> None:
    span = Span(at("2026-09-28 09:00"), at("2026-10-10 23:59:59"), "working_day")

    resumed = CALENDAR.resumed(span, paused_at=at("2026-09-30 10:00"), now=at("2026-10-12 10:00"))

    # Left on 30 September: 8, 9 and 10 October. After the pause: 13, 14 and 15 October.
    assert resumed.due == at("2026-10-15 23:59:59")
    assert CALENDAR.share_used(resumed, at("2026-10-12 10:00")) == pytest.approx(
        CALENDAR.share_used(span, at("2026-09-30 10:00"))
    )


def test_a_pause_within_one_day_moves_no_working_day_limit() -> None:
    span = Span(at("2026-03-02 09:00"), at("2026-03-04 23:59:59"), "working_day")

    resumed = CALENDAR.resumed(span, paused_at=at("2026-03-03 09:00"), now=at("2026-03-03 16:00"))

    assert resumed.due == span.due


def test_a_pause_over_a_holiday_costs_nothing() -> None:
    span = Span(at("2026-09-29 09:00"), at("2026-10-09 23:59:59"), "working_day")

    resumed = CALENDAR.resumed(span, paused_at=at("2026-09-30 18:00"), now=at("2026-10-08 08:00"))

    # 8 and 9 October were left; the pause ended on the 8th, which is its day nought.
    assert resumed.due == at("2026-10-10 23:59:59")


def test_a_pause_of_a_clock_limit_moves_it_by_its_own_length() -> None:
    span = Span(at("2026-03-02 09:00"), at("2026-03-02 11:00"), "hour")

    resumed = CALENDAR.resumed(span, paused_at=at("2026-03-02 10:00"), now=at("2026-03-05 10:00"))

    assert resumed.due == at("2026-03-05 11:00")
    assert resumed.used == 0.5


def test_a_pause_of_working_hours_gives_back_the_hours() -> None:
    span = Span(at("2026-03-02 10:00"), at("2026-03-02 16:30"), "working_hour")

    resumed = CALENDAR.resumed(span, paused_at=at("2026-03-02 12:30"), now=at("2026-03-07 09:00"))

    assert resumed.due == at("2026-03-09 10:00")


def test_a_pause_of_a_same_day_limit_ends_with_the_day_of_resuming() -> None:
    span = Span(at("2026-03-02 09:00"), at("2026-03-02 23:59:59"), "same_day")

    early = CALENDAR.resumed(span, paused_at=at("2026-03-02 10:00"), now=at("2026-03-04 09:00"))
    late = CALENDAR.resumed(span, paused_at=at("2026-03-02 10:00"), now=at("2026-03-04 23:00"))

    assert early.due == at("2026-03-04 23:59:59")
    assert late.due == at("2026-03-05 03:00")


def test_a_pause_cannot_undo_being_overdue() -> None:
    span = Span(at("2026-03-02 09:00"), at("2026-03-02 11:00"), "hour")

    assert (
        CALENDAR.resumed(span, paused_at=at("2026-03-02 12:00"), now=at("2026-03-05 10:00")) == span
    )


@given(start=in_2026, days=some_days)
def test_a_limit_in_working_days_never_ends_on_a_free_day(start: datetime, days: int) -> None:
    due = CALENDAR.due(start, days, "working_day")

    assert days == 0 or CALENDAR.is_working(due.date())
    assert CALENDAR.working_days_between(start.date(), due.date()) == days


@given(one=in_2026, other=in_2026, days=some_days)
def test_who_starts_later_is_never_due_earlier(one: datetime, other: datetime, days: int) -> None:
    first, second = sorted((one, other))

    for unit in ("working_day", "working_hour", "hour", "minute", "same_day"):
        assert CALENDAR.due(first, days, unit) <= CALENDAR.due(second, days, unit)


@given(start=in_2026, days=some_days, more=some_days)
def test_a_longer_limit_never_ends_earlier(start: datetime, days: int, more: int) -> None:
    for unit in ("working_day", "working_hour"):
        shorter = CALENDAR.due(start, days, unit)

        assert shorter <= CALENDAR.due(start, days + more, unit)


@given(start=in_2026, hours=st.integers(1, 200))
def test_working_time_is_the_inverse_of_adding_it(start: datetime, hours: int) -> None:
    end = CALENDAR.add_working_time(start, timedelta(hours=hours))

    assert CALENDAR.working_time(start, end) == timedelta(hours=hours)


@given(start=in_2026, days=st.integers(1, 20), share=st.floats(0.01, 0.99))
def test_the_moment_of_a_share_is_when_that_share_has_run(
    start: datetime, days: int, share: float
) -> None:
    span = Span(start, CALENDAR.due(start, days, "working_day"), "working_day")

    moment = CALENDAR.moment_of_share(span, share)

    assert span.since <= moment <= span.due
    assert CALENDAR.share_used(span, moment) == pytest.approx(share)


@given(start=in_2026, days=st.integers(1, 20), wait=st.integers(0, 400), pause=st.integers(0, 900))
def test_a_pause_never_shortens_a_limit(start: datetime, days: int, wait: int, pause: int) -> None:
    span = Span(start, CALENDAR.due(start, days, "working_day"), "working_day")
    paused_at = start + timedelta(hours=wait)

    resumed = CALENDAR.resumed(span, paused_at=paused_at, now=paused_at + timedelta(hours=pause))

    assert resumed.due >= span.due
