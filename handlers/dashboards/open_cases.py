"""Open cases as a board counts them, and the one rule by which a number and its list agree.

A figure of a board is how many cases a filter selects; the list behind it is what the same filter
selects. A case is as pressing as the most pressing of its open tasks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Final, Literal, Protocol

from storage.dashboards.open_work import WaitingTask, list_open_work
from storage.database.session import Session
from storage.moments import in_china, start_of
from storage.people.actors import Actor

Figure = Literal["open", "today", "overdue", "supervised", "emergency"]

STEPS: Final = ("overdue", "near", "half", "normal", "paused", "")
"""From the most pressing on; the last one has no limit."""

AGES: Final = ((0, 3), (3, 8), (8, 16), (16, 31), (31, None))
"""Bands of working days since a case was opened: from, and before."""

FREE: Final = 0
"""In the place of an officer: nobody of the post has taken it."""


class Clocks(Protocol):
    """The calendar functions a board uses."""

    @property
    def now(self) -> datetime:
        """The moment everything is counted at."""
        ...

    def step(self, task: WaitingTask) -> str:
        """The urgency step of a task; empty when it is never due."""
        ...

    def working_days(self, since: datetime) -> int:
        """How many working days have begun since a moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFilter:
    """Which open cases; `area` stands for its whole subtree, `officer` may be FREE.

    Post and officer narrow the tasks a case is judged by; the hours are those of tasks that end.
    """

    figure: Figure = "open"
    area: str | None = None
    is_here: bool = False
    """Only what lies in the area itself and in none below it."""
    step: str | None = None
    post: str | None = None
    officer: int | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    age_from: int | None = None
    age_before: int | None = None


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One open case with those of its open tasks that count."""

    tasks: tuple[WaitingTask, ...]
    """The most pressing first."""
    step: str
    age: int

    @property
    def first(self) -> WaitingTask:
        """The most pressing task."""
        return self.tasks[0]


def list_open_cases(
    session: Session, clocks: Clocks, having: OpenFilter, *, actor: Actor
) -> list[OpenCase]:
    """List the open cases a filter selects, the most pressing first."""
    tasks = list_open_work(session, actor=actor, area=having.area)
    return selected(cases_of(tasks, clocks, having), having, clocks.now)


def cases_of(
    tasks: Iterable[WaitingTask], clocks: Clocks, having: OpenFilter | None = None
) -> list[OpenCase]:
    """Put tasks together to cases, of those that somebody holds and that end within some hours."""
    having = having or OpenFilter()
    counted = [one for one in tasks if _counts(one, having)]
    counted.sort(key=attrgetter("case_id"))
    cases = [_case(list(its), clocks) for _, its in groupby(counted, attrgetter("case_id"))]
    return sorted(cases, key=_pressing)


def selected(cases: Iterable[OpenCase], having: OpenFilter, now: datetime) -> list[OpenCase]:
    """Return those of the cases a filter selects."""
    return [case for case in cases if _is_selected(case, having, now)]


def is_of(case: OpenCase, figure: Figure, now: datetime) -> bool:
    """Whether a case is counted in a figure."""
    if figure == "today":
        tomorrow = start_of(in_china(now).date() + timedelta(days=1))
        return any(one.is_running and now <= one.due_at < tomorrow for one in case.tasks)
    if figure == "overdue":
        return case.step == "overdue"
    if figure == "supervised":
        return case.first.supervised
    return figure == "open" or case.first.priority == "urgent"


def count(cases: Sequence[OpenCase], figure: Figure, now: datetime) -> int:
    """Count the cases of a figure."""
    return sum(is_of(case, figure, now) for case in cases)


def of_holder(having: OpenFilter, post: str | None, officer: int | None) -> OpenFilter:
    """Return the same filter for what one person, or nobody of a post, has in hand."""
    return replace(having, post=post, officer=FREE if officer is None else officer)


def _counts(task: WaitingTask, having: OpenFilter) -> bool:
    if having.is_here and task.area_code != having.area:
        return False
    if having.post is not None and task.post_id != having.post:
        return False
    if having.officer is not None and (task.officer_id or FREE) != having.officer:
        return False
    if having.due_from is None and having.due_before is None:
        return True
    after = having.due_from is None or having.due_from <= task.due_at
    return (
        task.is_running and after and (having.due_before is None or task.due_at < having.due_before)
    )


def _case(tasks: list[WaitingTask], clocks: Clocks) -> OpenCase:
    first = sorted(tasks, key=lambda one: (STEPS.index(clocks.step(one)), one.due_at, one.key))
    pressing = first[0]
    return OpenCase(
        tuple(first), clocks.step(pressing), clocks.working_days(pressing.case_opened_at)
    )


def _pressing(case: OpenCase) -> tuple[bool, int, datetime, int]:
    first = case.first
    is_calm = first.priority != "urgent"
    return is_calm, STEPS.index(case.step), first.due_at, first.case_id


def _is_selected(case: OpenCase, having: OpenFilter, now: datetime) -> bool:
    if not is_of(case, having.figure, now):
        return False
    if having.step is not None and case.step != having.step:
        return False
    if having.age_from is not None and case.age < having.age_from:
        return False
    return having.age_before is None or case.age < having.age_before
