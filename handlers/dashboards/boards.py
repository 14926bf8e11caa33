"""A board: the open work of an area and what closed in a period, put together from three reads.

It costs the open tasks of its area and the cases that closed in its period, whatever else there is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from handlers.dashboards.closed_cases import Rate, Times, opened_before, rate_of, times_of
from handlers.dashboards.open_cases import (
    AGES,
    STEPS,
    Clocks,
    OpenCase,
    OpenFilter,
    cases_of,
    count,
    of_holder,
    selected,
)
from storage.dashboards.facts import Fact, TimeRange, list_facts, list_opened
from storage.dashboards.open_work import WaitingTask, list_open_work
from storage.database.session import Session
from storage.moments import in_china, start_of
from storage.people.actors import Actor
from storage.places.areas import (
    list_areas,
    list_children,
    overlaps,
    significant_code,
    smallest_around,
)
from storage.places.levels import CODE_LENGTHS, AreaLevel

TREND_DAYS: Final = 30
_MOST_AREAS: Final = 1000
"""More towns than any city has."""
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""The oldest moment a request may name."""


class Counts(NamedTuple):
    """Counts of open cases, and of the urgent ones among them."""

    open: int
    today: int
    overdue: int
    supervised: int
    emergency: int


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area of the level below: its open cases by urgency, how long closed ones took."""

    code: str
    is_here: bool
    """Whether the row counts cases of the area itself, in no area below it."""
    counts: Counts
    steps: dict[str, int]
    times: Times
    rate: Rate


@dataclass(frozen=True, slots=True)
class HolderRow:
    """The open tasks of one person, or those of a post without a holder."""

    post: str | None
    officer: int | None
    counts: Counts
    oldest_due: datetime | None


class DayCount(NamedTuple):
    """Cases opened and closed on a day, and those open at its end."""

    on: date
    opened: int
    closed: int
    open: int


@dataclass(frozen=True, slots=True)
class Board:
    """The content of a board."""

    area: str | None
    period: TimeRange
    counts: Counts
    open_a_week_ago: int
    steps: dict[str, int]
    areas: list[AreaRow]
    holders: list[HolderRow]
    loops: list[int]
    """Open cases by age, in the bands of AGES."""
    tasks: list[WaitingTask]
    cases: list[OpenCase]
    facts: list[Fact]
    """The cases closed in the period."""
    rate: Rate
    rate_before: Rate
    """Of the period of the same length before."""
    times: Times
    trend: list[DayCount]


def read_board(
    session: Session, clocks: Clocks, *, actor: Actor, period: TimeRange, area: str | None = None
) -> Board:
    """Read and count one board."""
    tasks = list_open_work(session, actor=actor, area=area)
    before = _before(period)
    days = _last_days(clocks.now)
    since = min(before.since, days.since)
    facts = list_facts(session, actor=actor, area=area, closed=TimeRange(since, clocks.now))
    opened = list_opened(session, actor=actor, area=area, opened=days)
    cases = cases_of(tasks, clocks)
    within = _closed_in(facts, period)
    return Board(
        area=area,
        period=period,
        counts=counts_of(cases, clocks.now),
        open_a_week_ago=_open_at(cases, facts, clocks.now - _WEEK),
        steps=steps_of(cases),
        areas=_areas(
            tasks,
            within,
            clocks,
            length=child_length(actor, area),
            below=_areas_below(
                session,
                actor,
                area,
                length=child_length(actor, area),
                on=in_china(clocks.now).date(),
            ),
        ),
        holders=holders_of(tasks, clocks),
        loops=loops_of(cases, clocks.now),
        tasks=tasks,
        cases=cases,
        facts=within,
        rate=rate_of(within),
        rate_before=rate_of(
            [one for one in facts if one.closed_at < period.since and one.closed_at >= before.since]
        ),
        times=times_of(within),
        trend=_trend(days, cases, facts, opened),
    )


def areas_of(
    session: Session, clocks: Clocks, *, actor: Actor, area: str | None = None
) -> list[AreaRow]:
    """Count what is open by the areas a board is divided into, in order; nothing that closed."""
    length, on = child_length(actor, area), in_china(clocks.now).date()
    rows = _areas(
        list_open_work(session, actor=actor, area=area),
        (),
        clocks,
        length=length,
        below=_areas_below(session, actor, area, length=length, on=on),
    )
    return sorted((row for row in rows if row.counts.open), key=lambda row: row.code)


def rows_at(
    session: Session, clocks: Clocks, board: Board, *, actor: Actor, level: AreaLevel
) -> list[AreaRow]:
    """Count what a board has read once more, by all areas of a deeper level."""
    on = in_china(clocks.now).date()
    known = list_areas(session, on=on, under=board.area, level=level, limit=_MOST_AREAS)
    codes = (significant_code(one.code) for one in known)
    below = [code for code in codes if overlaps(code, actor.prefixes)]
    return _areas(board.tasks, board.facts, clocks, length=CODE_LENGTHS[level], below=below)


def counts_of(cases: Sequence[OpenCase], now: datetime) -> Counts:
    """Count the figures of some open cases."""
    return Counts(
        open=len(cases),
        today=count(cases, "today", now),
        overdue=count(cases, "overdue", now),
        supervised=count(cases, "supervised", now),
        emergency=count(cases, "emergency", now),
    )


def steps_of(cases: Iterable[OpenCase]) -> dict[str, int]:
    """Count cases by urgency, the most pressing first; steps nobody is at are left out."""
    counted = Counter(case.step for case in cases)
    return {step: counted[step] for step in STEPS if counted[step]}


def loops_of(cases: Sequence[OpenCase], now: datetime) -> list[int]:
    """Count open cases by age (R45)."""
    bands = [OpenFilter(age_from=first, age_before=before) for first, before in AGES]
    return [len(selected(cases, band, now)) for band in bands]


def holders_of(tasks: Sequence[WaitingTask], clocks: Clocks) -> list[HolderRow]:
    """Count the open tasks of every officer, the most overdue first."""
    of_holder_: dict[tuple[str | None, int | None], list[WaitingTask]] = defaultdict(list)
    for task in tasks:
        of_holder_[task.post_id, task.officer_id].append(task)
    rows = [_holder(post, officer, its, clocks) for (post, officer), its in of_holder_.items()]
    return sorted(rows, key=_burden)


def child_length(actor: Actor, area: str | None) -> int:
    """Return how long the codes of the areas are a board is divided into."""
    lengths = sorted(CODE_LENGTHS.values())
    if area is None and len(actor.prefixes) == 1:
        area = actor.prefixes[0]
    if area is None:
        # Several areas side by side are the rows themselves; who sees none has the towns.
        shortest = min((len(code) for code in actor.prefixes), default=0)
        return shortest or CODE_LENGTHS[AreaLevel.TOWN]
    return next((length for length in lengths if length > len(area)), lengths[-1])


def _holder(
    post: str | None, officer: int | None, tasks: Sequence[WaitingTask], clocks: Clocks
) -> HolderRow:
    having = of_holder(OpenFilter(), post, officer)
    cases = cases_of(tasks, clocks, replace(having, post=post))
    oldest = min((one.due_at for one in tasks if one.is_running), default=None)
    return HolderRow(post, officer, counts_of(cases, clocks.now), oldest)


def _burden(row: HolderRow) -> tuple[int, int, int, str]:
    counts = row.counts
    return -counts.overdue, -counts.today, -counts.open, row.post or ""


def _before(period: TimeRange) -> TimeRange:
    """The period of the same length before, as far as there is a calendar."""
    # One that ends before it begins is empty, and so is the one before it.
    length = max(min(period.before - period.since, period.since - _FIRST), timedelta())
    return TimeRange(period.since - length, period.since)


def _closed_in(facts: Iterable[Fact], period: TimeRange) -> list[Fact]:
    return [fact for fact in facts if period.since <= fact.closed_at < period.before]


def _areas_below(
    session: Session, actor: Actor, area: str | None, *, length: int, on: date
) -> list[str]:
    """The areas a board is divided into, those without a case too.

    A county office has its towns one by one: they are the areas below what holds them all.
    """
    whole = area or smallest_around(actor.prefixes)
    if whole is None:
        return []
    codes = (significant_code(one.code) for one in list_children(session, whole, on=on))
    return [code for code in codes if len(code) == length and overlaps(code, actor.prefixes)]


def _areas(
    tasks: Iterable[WaitingTask],
    facts: Iterable[Fact],
    clocks: Clocks,
    *,
    length: int,
    below: Iterable[str],
) -> list[AreaRow]:
    """Count each area as its list does: by the tasks that lie in it."""
    open_in: dict[str, list[WaitingTask]] = defaultdict(list)
    closed_in: dict[str, list[Fact]] = defaultdict(list)
    for task in tasks:
        open_in[task.area_code[:length]].append(task)
    for fact in facts:
        closed_in[fact.area_code[:length]].append(fact)
    rows = []
    for code in {*open_in, *closed_in, *below}:
        cases, closed = cases_of(open_in[code], clocks), closed_in[code]
        counts, steps = counts_of(cases, clocks.now), steps_of(cases)
        is_here = len(code) < length
        rows.append(AreaRow(code, is_here, counts, steps, times_of(closed), rate_of(closed)))
    return sorted(rows, key=lambda row: (-row.counts.overdue, -row.counts.open, row.code))


def _last_days(now: datetime) -> TimeRange:
    tomorrow = start_of(in_china(now).date() + _DAY)
    return TimeRange(tomorrow - TREND_DAYS * _DAY, tomorrow)


def _open_at(cases: Iterable[OpenCase], facts: Iterable[Fact], moment: datetime) -> int:
    still = sum(case.first.case_opened_at <= moment for case in cases)
    return still + opened_before(facts, moment)


def _trend(
    days: TimeRange, cases: Sequence[OpenCase], facts: Sequence[Fact], opened: Iterable[datetime]
) -> list[DayCount]:
    still_open = [case.first.case_opened_at for case in cases]
    new = Counter(in_china(at).date() for at in [*opened, *still_open])
    ended = Counter(in_china(fact.closed_at).date() for fact in facts)
    counted = []
    for place in range(TREND_DAYS):
        begins = days.since + place * _DAY
        on = in_china(begins).date()
        counted.append(DayCount(on, new[on], ended[on], _open_at(cases, facts, begins + _DAY)))
    return counted
