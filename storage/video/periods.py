"""The week or month a day lies in: Monday to Sunday, and the month of the calendar (R33)."""

from datetime import date, timedelta
from typing import NamedTuple


class QuotaDays(NamedTuple):
    """One period: its key, its first day, and the first day after it."""

    key: str
    first: date
    after: date


def days_of(kind: str, day: date) -> QuotaDays:
    """Return the week or month a day lies in; a week over the end of a year is one."""
    if kind == "week":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return QuotaDays(f"{year}-W{week:02}", monday, monday + timedelta(days=7))
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return QuotaDays(f"{day:%Y-%m}", first, after)
