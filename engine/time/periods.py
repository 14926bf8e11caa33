"""Periods of the calendar, in the city's zone: which one a day lies in, and the one after it.

Week: Monday to Sunday; quarter and half year: of the calendar year (requirements A10). Terms begin
on the days the city pack names.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from storage.city.entries import TermStart

__all__ = ["PERIODS", "CalendarPeriod", "period_of"]

PERIODS: Final = ("day", "week", "month", "quarter", "half", "year", "term")
_MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_YEAR_MONTHS: Final = 12


class CalendarPeriod(NamedTuple):
    """One period: how it is called, its first day, and the first day after it."""

    key: str
    first: date
    after: date


def period_of(kind: str, day: date, terms: Sequence[TermStart] = ()) -> CalendarPeriod:
    """Find the period of a kind a day lies in.

    Raises:
        ValueError: there is no such kind, or no term is known.
    """
    if kind == "day":
        return CalendarPeriod(day.isoformat(), day, day + timedelta(days=1))
    if kind == "week":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return CalendarPeriod(f"{year}-W{week:02}", monday, monday + timedelta(days=7))
    if kind == "term":
        return _term(day, terms)
    if kind not in _MONTHS:
        raise ValueError(kind)
    return _of_the_year(day, _MONTHS[kind])


def _of_the_year(day: date, months: int) -> CalendarPeriod:
    number = (day.month - 1) // months
    first = date(day.year, number * months + 1, 1)
    after = date(
        first.year + (first.month - 1 + months) // 12, (first.month - 1 + months) % 12 + 1, 1
    )
    keys = {
        1: f"{day.year}-{day.month:02}",
        3: f"{day.year}-Q{number + 1}",
        6: f"{day.year}-H{number + 1}",
        _YEAR_MONTHS: str(day.year),
    }
    return CalendarPeriod(keys[months], first, after)


def _term(day: date, terms: Sequence[TermStart]) -> CalendarPeriod:
    if not terms:
        message = "the city pack names no school terms"
        raise ValueError(message)
    begins = sorted(
        (date(year, term.month, term.day), term.word)
        for year in (day.year - 1, day.year, day.year + 1)
        for term in terms
    )
    at = max(place for place, (first, _) in enumerate(begins) if first <= day)
    first, word = begins[at]
    return CalendarPeriod(f"{first.year}-{word}", first, begins[at + 1][0])
