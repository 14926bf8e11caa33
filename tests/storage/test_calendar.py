"""The days as they were announced, and what a new announcement changes."""

from datetime import date

import pytest

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


def test_importing_a_year_tells_which_days_changed(database: Database) -> None:
    announced = [
        CalendarDay(date(2027, 1, 1), "holiday", "元旦"),
        CalendarDay(date(2027, 1, 3), "makeup_workday", "元旦"),
    ]
    with database.transaction() as session:
        changed = calendar.import_year(session, 2027, announced, source="notice")

        assert changed == {
            date(2027, 1, 1): ("workday", "holiday"),
            date(2027, 1, 3): ("weekend", "makeup_workday"),
        }
        assert calendar.import_year(session, 2027, announced, source="notice") == {}
        assert calendar.last_announced_year(session) == 2027
        assert len(calendar.list_days(session, since=date(2027, 1, 1))) == 365


def test_a_day_of_another_year_is_refused(database: Database) -> None:
    foreign = [CalendarDay(date(2028, 1, 1), "holiday")]

    with database.transaction() as session, pytest.raises(ValueError, match="2028-01-01"):
        calendar.import_year(session, 2027, foreign, source="notice")
