"""The days as they were announced, and what a new announcement changes."""

from datetime import date, timedelta

import pytest

from engine.time.calendar import WorkCalendar
from storage.database.session import Database
from storage.places import calendar
from storage.places.calendar import CalendarDay


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 2, 17), "holiday"),
        (date(2026, 10, 10), "makeup_workday"),
        (date(2026, 10, 9), "workday"),
        (date(2026, 3, 1), "weekend"),
        (date(2024, 2, 4), "makeup_workday"),
    ],
)
def test_the_seed_knows_festivals_and_makeup_days(database: Database, day: date, kind: str) -> None:
    """Domain defaults section 14: golden days of 2024 to 2026."""
    with database.transaction() as session:
        calendar.seed(session)

        assert calendar.day_kinds(session)[day] == kind


def test_the_seed_ends_with_the_last_announced_year(database: Database) -> None:
    """Fact 12: the holidays of 2027 are not announced."""
    with database.transaction() as session:
        assert calendar.last_announced_year(session) is None

        assert calendar.seed(session) == (date(2027, 1, 1) - date(2004, 1, 1)).days
        assert calendar.seed(session) == 0

        assert calendar.last_announced_year(session) == 2026
        assert calendar.announced_years(session) == frozenset(range(2004, 2027))


def test_what_differs_from_the_week_says_as_much_as_every_day(database: Database) -> None:
    """Each process reads the calendar again every minute: a tenth of the rows will do."""
    with database.transaction() as session:
        calendar.seed(session)
        whole = calendar.day_kinds(session)
        few = calendar.day_kinds(session, is_whole=False)

    assert len(few) * 5 < len(whole)
    known = [WorkCalendar(kinds) for kinds in (whole, few)]
    days = [date(2004, 1, 1) + timedelta(days=number) for number in range(26 * 366)]
    assert [day for day in days if known[0].is_working(day) != known[1].is_working(day)] == []


def test_holidays_fixed_by_law_are_known_before_their_year_is_announced(
    database: Database,
) -> None:
    """A limit over New Year was a day too short until somebody imported the calendar."""
    fixed = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]
    with database.transaction() as session:
        calendar.seed(session)
        kinds = calendar.day_kinds(session)
        known = WorkCalendar(kinds, calendar.announced_years(session))

    assert {day for day in kinds if day.year == 2027} == {date(2027, *day) for day in fixed}
    assert not known.is_working(date(2027, 1, 1))
    assert known.is_provisional(date(2027, 1, 4))
    assert known.is_working(date(2027, 1, 4))


def test_putting_days_in_tells_which_changed_and_leaves_the_others(database: Database) -> None:
    """F1: one row about a year on file must not cost its festivals."""
    correction = [CalendarDay(date(2026, 12, 25), "holiday", "补充")]
    with database.transaction() as session:
        calendar.seed(session)
        before = calendar.day_kinds(session)

        changed = calendar.put_days(session, correction, source="notice")

        assert changed == {date(2026, 12, 25): ("workday", "holiday")}
        assert calendar.day_kinds(session) == before | {date(2026, 12, 25): "holiday"}
        assert calendar.put_days(session, correction, source="notice") == {}


def test_a_year_is_announced_once_its_holidays_are_whole(database: Database) -> None:
    edge = [CalendarDay(date(2027, 1, day), "holiday", "元旦") for day in (1, 2, 3)]
    days = [(2, 8), (2, 9), (2, 10), (4, 5), (5, 1), (9, 15), (10, 1), (10, 2), (10, 3)]
    rest = [CalendarDay(date(2027, month, day), "holiday") for month, day in days]
    with database.transaction() as session:
        calendar.put_days(session, edge, source="edge")
        assert calendar.last_announced_year(session) is None

        calendar.put_days(session, rest, source="notice")

        assert calendar.last_announced_year(session) == 2027
        assert len(calendar.list_days(session, since=date(2027, 1, 1))) == 365
        assert calendar.day_kinds(session)[date(2027, 1, 2)] == "holiday"
