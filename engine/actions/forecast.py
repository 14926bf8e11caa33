"""A dry run of limits and chase rules: the automatic effects if nobody acts."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from engine.definitions import Definition
from engine.time.calendar import WorkCalendar
from engine.time.limits import span_of
from engine.time.reminders import AT_ITS_END, Chasable, next_chase, rules_for

__all__ = ["Coming", "foresee"]

_AT_ONCE = 20
"""No rule of a table comes more often in a day; a drawing that says otherwise ends here."""

_GOES_ON = "pass_up"
"""What a limit says when somebody else gets the task after it."""


class Foreseen(Chasable, Protocol):
    """An open task, as far as it is looked ahead at."""

    @property
    def paused_at(self) -> datetime | None:
        """When its clock was paused."""
        ...

    @property
    def chased(self) -> Any:
        """What it was chased for."""
        ...

    @property
    def digest(self) -> str:
        """The definition its process is pinned to."""
        ...


class Coming(NamedTuple):
    """One thing that would happen: to which task, when, and by which rule.

    `act` is `due` or what follows it (`pass_up`, `supervise`, `inform_superior`), else what a
    chase rule does (`remind`, `inform`, `supervise`); `tells` is the receiver.
    """

    at: datetime
    task: Any
    act: str
    rule: str
    tells: str


def foresee(
    tasks: Iterable[Foreseen],
    definition: Callable[[str], Definition],
    calendar: WorkCalendar,
    *,
    now: datetime,
    until: datetime,
) -> list[Coming]:
    """Return what would happen to these tasks until a moment, in order."""
    coming: list[Coming] = []
    for task in tasks:
        if task.paused_at is None and span_of(task) is not None:
            ends = list(_ends(task, now=now, until=until))
            # What goes to somebody else at its end is not chased where it was.
            last = next((end.at for end in ends if end.act == _GOES_ON), until)
            chases = _chases(task, definition(task.digest), calendar, now=now, until=last)
            coming += [*ends, *chases]
    return sorted(coming, key=lambda one: one.at)


def _ends(task: Foreseen, *, now: datetime, until: datetime) -> Iterator[Coming]:
    due = task.due_at
    if due is not None and now < due <= until:
        act = (task.deadline or {}).get("on_overdue") or "due"
        yield Coming(due, task, str(act), "limit", "")


def _chases(
    task: Foreseen,
    definition: Definition,
    calendar: WorkCalendar,
    *,
    now: datetime,
    until: datetime,
) -> Iterator[Coming]:
    span = span_of(task)
    if span is None:
        return
    # The end of the limit is told of every task, whoever follows it.
    rules = [rule for rule in rules_for(definition, task) if rule != AT_ITS_END]
    chased = dict(task.chased or {})
    for _ in range(_AT_ONCE):
        trigger = next_chase(rules, calendar, span, chased)
        if trigger is None or trigger.at > until:
            return
        chased[trigger.rule.id] = trigger.count
        rule = trigger.rule
        yield Coming(max(trigger.at, now), task, rule.action, rule.id, rule.tells)
