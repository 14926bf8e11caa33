"""What a board draws, with numbers and addresses put in their places; a template only writes it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.reads.clocks import ReadClocks
from engine.reads.forecast import Coming
from engine.reads.reading import Reading
from handlers.dashboards.boards import AreaRow, Board, HolderRow
from handlers.dashboards.open_cases import OpenFilter
from storage.moments import in_china
from web.frame.language import day_of, t
from web.frame.naming import Names
from web.frame.words import step_words
from web.frame.work import in_words
from web.pages.boards.asked import closed_list, open_list

_SEEN_FROM: Final = 4.5
"""A segment narrower than this part of the width, in percent, carries no figure."""
_SEEN_ON_A_PHONE: Final = 20.0
_WHOLE_DAY: Final = timedelta(days=1)
_WIDE, _HIGH = 84.0, 28.0


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at a board, with what everything in it is called."""

    reading: Reading
    board: Board
    clocks: ReadClocks
    names: Names
    period: str
    area: str | None
    coming: list[Coming]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: where it begins and how long it is, in percent."""

    x: float
    width: float
    step: str
    count: int
    href: str
    is_written: bool
    is_slim: bool
    """A phone has no room for its figure."""
    label: str


@dataclass(frozen=True, slots=True)
class CountLink:
    """A number with the list it is the length of."""

    count: int
    href: str


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area: its bar, its figures, and the same board one level down."""

    name: str
    href: str
    segments: list[Segment]
    open: CountLink
    today: CountLink
    overdue: CountLink
    supervised: CountLink
    steps: list[tuple[str, CountLink]]
    closed: CountLink
    median: str
    p90: str
    rate: str
    resolved: CountLink
    eligible: CountLink


@dataclass(frozen=True, slots=True)
class HolderLine:
    """One person, or a post with work nobody has claimed."""

    value: str
    name: str
    post: str
    open: CountLink
    today: CountLink
    overdue: CountLink
    oldest: str


def area_lines(
    board: Board, names: Names, clocks: ReadClocks, *, period: str, down: str
) -> list[AreaLine]:
    """The areas of a board on one scale."""
    most = max((row.counts.open for row in board.areas), default=0)
    return [
        _area_line(row, names, clocks, most=most, period=period, down=down) for row in board.areas
    ]


def holder_lines(
    rows: Iterable[HolderRow], names: Names, clocks: ReadClocks, *, area: str | None
) -> list[HolderLine]:
    """What everybody has in hand."""
    return [_holder_line(row, names, clocks, area) for row in rows]


def spark(values: Sequence[int]) -> str:
    """Points of a small line, its highest value on top."""
    top, last = max(values, default=0) or 1, max(1, len(values) - 1)
    points = (
        f"{_WIDE * place / last:.1f},{_HIGH - (_HIGH - 4) * value / top - 2:.1f}"
        for place, value in enumerate(values)
    )
    return " ".join(points)


def minutes_in_words(minutes: int | None, clocks: ReadClocks) -> str:
    """A handling time in office days and hours."""
    if minutes is None:
        return "-"
    if not minutes:
        return t("几乎不占工作时间", "hardly any office time")
    day = clocks.office_day
    return in_words(timedelta(minutes=minutes), day=day)


def chased_before(at: datetime | None, now: datetime) -> str:
    """When a case was chased last, in words."""
    when = at and day_of(at, now=now)
    return t(f"{when} 已催过", f"chased {when}") if when else ""


def share_in_words(share: float | None) -> str:
    """A rate in percent with one place; nothing is no rate."""
    return "-" if share is None else f"{100 * share:.1f}"


def _area_line(
    row: AreaRow, names: Names, clocks: ReadClocks, *, most: int, period: str, down: str
) -> AreaLine:
    where = {"area": row.code, "is_here": row.is_here}
    closed = {**where, "period": period}
    name = names.areas.get(row.code, row.code)
    return AreaLine(
        name=t(f"{name}本级", f"{name} itself") if row.is_here else name,
        href="" if row.is_here else f"{down}?area={row.code}&period={period}",
        segments=list(_segments(row, most, where)),
        open=CountLink(row.counts.open, open_list(**where)),
        today=CountLink(row.counts.today, open_list(figure="today", **where)),
        overdue=CountLink(row.counts.overdue, open_list(figure="overdue", **where)),
        supervised=CountLink(row.counts.supervised, open_list(figure="supervised", **where)),
        steps=[
            (step, CountLink(count, open_list(step=step, **where)))
            for step, count in row.steps.items()
        ],
        closed=CountLink(row.times.count, closed_list(**closed)),
        median=minutes_in_words(row.times.median, clocks),
        p90=minutes_in_words(row.times.p90, clocks),
        rate=share_in_words(row.rate.share),
        resolved=CountLink(row.rate.resolved, closed_list(figure="self_resolved", **closed)),
        eligible=CountLink(row.rate.eligible, closed_list(figure="eligible", **closed)),
    )


def _segments(row: AreaRow, most: int, where: dict[str, object]) -> Iterable[Segment]:
    x, words = 0.0, step_words()
    for step, count in row.steps.items():
        width = 100 * count / most
        yield Segment(
            x=round(x, 2),
            width=round(width, 2),
            step=step or "paused",
            count=count,
            href=open_list(step=step, **where),
            is_written=width >= _SEEN_FROM,
            is_slim=width < _SEEN_ON_A_PHONE,
            label=f"{words[step]} {count}",
        )
        x += width


def _holder_line(row: HolderRow, names: Names, clocks: ReadClocks, area: str | None) -> HolderLine:
    officer = row.officer or 0
    having = {"area": area, "post": row.post, "officer": officer}
    post, unclaimed = names.post(row.post), t("待认领", "To be claimed")
    # What tells a row from the next stands first: where nobody has claimed it, the post.
    who = (names.officers.get(officer, ""), post) if officer else (post, unclaimed)
    return HolderLine(
        value=f"{officer}|{row.post or ''}",
        name=who[0],
        post=who[1],
        open=CountLink(row.counts.open, open_list(**having)),
        today=CountLink(row.counts.today, open_list(figure="today", **having)),
        overdue=CountLink(row.counts.overdue, open_list(figure="overdue", **having)),
        oldest=over_in_words(row.oldest_due, clocks),
    )


def over_in_words(due: datetime | None, clocks: ReadClocks) -> str:
    """By how much something is over, as its row in a list says it; nothing while it is not."""
    if due is None or due >= clocks.now:
        return ""
    return in_words(clocks.now - due, day=_WHOLE_DAY)


def age_in_words(first: int, before: int | None) -> str:
    """A band of ages of cases."""
    if before is None:
        return t(f"超过 {first - 1} 个工作日", f"over {first - 1} working days")
    return t(f"{first} 至 {before - 1} 个工作日", f"{first} to {before - 1} working days")


def narrowed(having: OpenFilter, names: Names, now: datetime) -> Iterator[str]:
    """What else than figure and area narrows a list of open cases, in words."""
    if having.is_here:
        yield t("本级", "The area itself")
    if having.step is not None:
        yield step_words()[having.step]
    if having.officer is not None:
        yield names.officers.get(having.officer) or t("待认领", "To be claimed")
    if having.post is not None:
        yield names.post(having.post)
    if having.due_before is not None:
        since = day_of(having.due_from or now, now=now)
        until = in_china(having.due_before).strftime("%H:%M")
        yield t(f"{since} 至 {until} 到期", f"Due {since} to {until}")
    if having.age_from is not None:
        yield age_in_words(having.age_from, having.age_before)
