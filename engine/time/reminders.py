"""Reminders: when an open task is chased next, by the table `chase.dmn`; pure, no delivery."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from engine.decisions.tables import DecisionTable, Rule
from engine.definitions import Definition
from engine.errors import DecisionError
from engine.time.calendar import Span, WorkCalendar
from engine.time.limits import Clocked, span_of
from storage.cases.tasks import Task

TABLE = "chase"
PREFIX = "chase:"
SHARE = "fraction_of_limit_used"
DAYS = "working_days_overdue"
MINUTES = "minutes_overdue"
"""Of the clock, night and holiday included; for limits that run by the clock."""
DAILY = "every_working_day"
SUPERVISE = "supervise"
_BY_THE_CLOCK = frozenset({"minute", "hour"})


class ChaseRule(NamedTuple):
    """One row of the table: when to notify whom, and how."""

    id: str
    trigger: str
    value: float
    is_daily: bool
    tells: str
    action: str


AT_ITS_END = ChaseRule("limit", SHARE, 1.0, is_daily=False, tells="supervisor", action=SUPERVISE)
"""What a row of `deadlines.dmn` says with `supervise`, where no timer is drawn that does it."""

Chased = Mapping[str, int]
"""What a task was chased for: id of the rule -> times, or the day of a repeated rule."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A rule at the moment it is due; `count` is 1, or the day of a repeated rule."""

    rule: ChaseRule
    at: datetime
    count: int = 1


def element_of(token: str | int) -> str:
    """The element of the chase timer of a task."""
    return f"{PREFIX}{token}"


class Chasable(Clocked, Protocol):
    """A task with a clock, drawn somewhere."""

    @property
    def task_id(self) -> str:
        """Its id in the diagram."""
        ...


def rules_for(definition: Definition, task: Chasable) -> tuple[ChaseRule, ...]:
    """What a task is chased by: the table, and the end of its limit where nothing drawn follows it.

    `deadlines.dmn` says of every step what happens at its end; steps that pass to somebody else
    then have a timer on their shape, and the others are put under supervision here.
    """
    table = definition.decisions.get(TABLE)
    if table is None:
        return ()
    rules = read_rules(table)
    is_supervised = (task.deadline or {}).get("on_overdue") == SUPERVISE
    return (*rules, AT_ITS_END) if is_supervised and not _has_timers(definition, task) else rules


def _has_timers(definition: Definition, task: Chasable) -> bool:
    drawn = (diagram.nodes.get(task.task_id) for diagram in definition.diagrams.values())
    return any(node is not None and node.boundaries for node in drawn)


def first_chase(definition: Definition, task: Chasable, calendar: WorkCalendar) -> datetime | None:
    """When a task is chased next; None when it is never due or the bundle has no table."""
    span = span_of(task)
    if span is None:
        return None
    chased: Chased = getattr(task, "chased", None) or {}
    following = next_chase(rules_for(definition, task), calendar, span, chased)
    return None if following is None else following.at


def passed_by(
    definition: Definition, task: Chasable, calendar: WorkCalendar, *, now: datetime
) -> dict[str, int]:
    """What a task counts as chased for after its limit was extended.

    The new limit is chased again, apart from the points of it that have passed already.
    """
    span = span_of(task)
    if span is None:
        return {}
    triggers = (trigger_of(rule, calendar, span, {}) for rule in rules_for(definition, task))
    return {
        trigger.rule.id: trigger.count
        for trigger in triggers
        if trigger is not None and trigger.at <= now
    }


def next_chase(
    rules: Iterable[ChaseRule], calendar: WorkCalendar, span: Span, chased: Chased
) -> Trigger | None:
    """The earliest trigger a task was not chased for yet; rows of one moment in table order."""
    waiting = [rule for rule in rules if rule.is_daily or not chased.get(rule.id)]
    shares = [rule for rule in waiting if rule.trigger == SHARE]
    # A share is reached before any day after the limit, and the smallest share first.
    nearest = [min(shares, key=attrgetter("value"))] if shares else waiting
    triggers = [trigger_of(rule, calendar, span, chased) for rule in nearest]
    return min(filter(None, triggers), key=attrgetter("at"), default=None)


@lru_cache(maxsize=64)
def read_rules(table: DecisionTable) -> tuple[ChaseRule, ...]:
    """The rows of the table as rules.

    Raises:
        DecisionError: a row names no trigger that is known, or no value.
    """
    heads = [next(iter(column.expression.names), "") for column in table.inputs]
    names = [output.name for output in table.outputs]
    return tuple(_rule(rule, heads, names) for rule in table.rules)


def _rule(rule: Rule, heads: list[str], names: list[str]) -> ChaseRule:
    cells: dict[str, Any] = {
        head: value
        for head, cell in zip(heads, rule.cells, strict=True)
        if cell is not None
        for _, value in cell.keys
    }
    row = {name: one.evaluate({}) for name, one in zip(names, rule.outputs, strict=True)}
    trigger, value = cells.get("trigger"), cells.get("value")
    if trigger not in {SHARE, DAYS, MINUTES} or not isinstance(value, int | float):
        message = f"催办表的第 {rule.id} 行不能使用：{trigger!r} {value!r}。"
        raise DecisionError(message, code="chase_unusable", table=TABLE, rules=(rule.id,))
    return ChaseRule(
        id=rule.id,
        trigger=str(trigger),
        value=value,
        is_daily=row.get("repeat") == DAILY,
        tells=str(row.get("tells")),
        action=str(row.get("action")),
    )


def trigger_of(
    rule: ChaseRule, calendar: WorkCalendar, span: Span, chased: Chased
) -> Trigger | None:
    """When a rule is due next; None when it was followed already, or is not of such a limit."""
    before = chased.get(rule.id, 0)
    if before and not rule.is_daily:
        return None
    if rule.trigger == SHARE:
        return Trigger(rule, calendar.moment_of_share(span, rule.value))
    if rule.trigger == MINUTES:
        late = timedelta(minutes=rule.value)
        return Trigger(rule, span.due + late) if runs_by_the_clock(span) else None
    # Sent in the morning of the day on which the count is reached, not at midnight.
    count = max(int(rule.value), before + 1)
    return Trigger(rule, calendar.next_opening(span.due_on, count), count)


def runs_by_the_clock(span: Span) -> bool:
    """Whether a limit runs at night and on holidays too, as those of emergencies do."""
    return span.unit in _BY_THE_CLOCK


def is_running(task: Task) -> bool:
    """Whether the clock of a task runs: open and not paused."""
    return task.state == "open" and task.paused_at is None
