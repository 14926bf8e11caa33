"""Chasing: who is reminded when a task gets late, by the table `chase.dmn`; never who owns it.

Every open task with a due time has ONE timer of kind `chase`, for the next trigger of the table.
When it is due, whatever is due by then is written to the case file and told to people in the same
transaction, the task remembers it, and the timer moves to the next trigger. A repeated trigger
that was missed (the scheduler stood still over a week-end) is told once, for today.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from engine.access import held_now, waits_for
from engine.clock import Clock
from engine.decisions import DecisionTable, Rule
from engine.definitions import Definition
from engine.errors import DecisionError
from engine.limits import Clocked, span_of
from engine.worktime import Span, WorkCalendar
from storage.cases import Case, LockedCase, lock_case_for_step
from storage.events import NewEvent
from storage.moments import to_text
from storage.people import find_filled_post
from storage.roles import ROLES
from storage.session import Session
from storage.steps import ArmedTimer, NewDelivery, StepWrite, unmoved_step, write_step
from storage.tasks import Task

__all__ = [
    "ChaseRule",
    "element_of",
    "first_chase",
    "next_chase",
    "passed_by",
    "read_rules",
    "run_chase",
]

TABLE = "chase"
PREFIX = "chase:"
SHARE = "fraction_of_limit_used"
DAYS = "working_days_overdue"
DAILY = "every_working_day"
SUPERVISE = "supervise"

Chased = Mapping[str, int]
"""What a task was chased for: id of the rule -> times, or the day of a repeated rule."""


class Runs(Protocol):
    """The part of the runner that is needed here."""

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    def definition(self, session: Session, digest: str) -> Definition:
        """The published bundle a case is pinned to."""
        ...

    def calendar(self, session: Session) -> WorkCalendar:
        """The working days of the city."""
        ...


class ChaseRule(NamedTuple):
    """One row of the table: at which point who is told, and how."""

    id: str
    trigger: str
    value: float
    is_daily: bool
    tells: str
    action: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """A rule at the moment it is due; `count` is 1, or the day of a repeated rule."""

    rule: ChaseRule
    at: datetime
    count: int = 1


def element_of(token: str | int) -> str:
    """The element of the chase timer of a task."""
    return f"{PREFIX}{token}"


def first_chase(definition: Definition, task: Clocked, calendar: WorkCalendar) -> datetime | None:
    """When a task is chased next; None when it is never due or the bundle has no table."""
    span, table = span_of(task), definition.decisions.get(TABLE)
    if span is None or table is None:
        return None
    chased: Chased = getattr(task, "chased", None) or {}
    following = next_chase(read_rules(table), calendar, span, chased)
    return None if following is None else following.at


def passed_by(
    definition: Definition, task: Clocked, calendar: WorkCalendar, *, now: datetime
) -> dict[str, int]:
    """What a task counts as chased for after its limit was extended.

    The new limit is chased anew, apart from the points of it that have passed already.
    """
    span, table = span_of(task), definition.decisions.get(TABLE)
    if span is None or table is None:
        return {}
    triggers = (_trigger(rule, calendar, span, {}) for rule in read_rules(table))
    return {one.rule.id: one.count for one in triggers if one is not None and one.at <= now}


def next_chase(
    rules: Iterable[ChaseRule], calendar: WorkCalendar, span: Span, chased: Chased
) -> Trigger | None:
    """The earliest trigger a task was not chased for yet; rows of one moment in table order."""
    waiting = [rule for rule in rules if rule.is_daily or not chased.get(rule.id)]
    shares = [rule for rule in waiting if rule.trigger == SHARE]
    # A share is reached before any day after the limit, and the smallest share first.
    nearest = [min(shares, key=lambda rule: rule.value)] if shares else waiting
    triggers = (_trigger(rule, calendar, span, chased) for rule in nearest)
    return min((one for one in triggers if one is not None), key=lambda one: one.at, default=None)


def run_chase(runner: Runs, session: Session, running_id: int, element: str) -> bool:
    """Chase one task for everything that is due by now; False when nothing had to be told.

    Belongs inside the caller's transaction. A task that is closed or paused is left alone and its
    timer goes.
    """
    token = element.removeprefix(PREFIX)
    locked = lock_case_for_step(session, running_id=running_id, token=token)
    now, calendar = runner.clock.now(), runner.calendar(session)
    definition = runner.definition(session, locked.process.digest)
    due, chased = _due(definition, calendar, locked.task, now)
    step = unmoved_step(locked)
    step.disarmed.append(element)
    for trigger in due:
        _tell(session, step, locked, trigger, _figures(calendar, locked.task, now), now)
    _arm_next(step, definition, calendar, locked.task, chased)
    write_step(session, step)
    return bool(due)


# ── the table ──────────────────────────────────────────────────────────────────────────────────


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
    if trigger not in {SHARE, DAYS} or not isinstance(value, int | float):
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


def _trigger(rule: ChaseRule, calendar: WorkCalendar, span: Span, chased: Chased) -> Trigger | None:
    before = chased.get(rule.id, 0)
    if before and not rule.is_daily:
        return None
    if rule.trigger == SHARE:
        return Trigger(rule, calendar.moment_of_share(span, rule.value))
    # Told in the morning of the day on which the count is reached, not at midnight.
    count = max(int(rule.value), before + 1)
    return Trigger(rule, calendar.next_opening(span.due_on, count), count)


# ── one chase ──────────────────────────────────────────────────────────────────────────────────


def _due(
    definition: Definition, calendar: WorkCalendar, task: Task | None, now: datetime
) -> tuple[list[Trigger], dict[str, int]]:
    """Everything due by now, in order, and what the task counts as chased for afterwards."""
    table = definition.decisions.get(TABLE)
    span = None if task is None else span_of(task)
    if task is None or span is None or table is None or not _is_running(task):
        return [], {}
    chased, due = dict(task.chased or {}), []
    for rule in read_rules(table):
        trigger = _trigger(rule, calendar, span, chased)
        if trigger is None or trigger.at > now:
            continue
        today = max(trigger.count, calendar.days_overdue(span.due, now)) if rule.is_daily else 1
        due.append(Trigger(rule, trigger.at, today))
        chased[rule.id] = today
    return sorted(due, key=lambda one: one.at), chased


def _tell(
    session: Session,
    step: StepWrite,
    locked: LockedCase,
    trigger: Trigger,
    figures: Mapping[str, Any],
    now: datetime,
) -> None:
    task, rule = locked.task, trigger.rule
    if task is None:
        return
    told = _receiver(session, locked.case, task, rule.tells, now)
    facts = {
        "task": task.task_id,
        "label": task.label,
        "token": task.token,
        "running": task.running_id,
        "rule": rule.id,
        "action": rule.action,
        "tells": rule.tells,
        "told": told,
        "due_at": to_text(task.due_at),
        **figures,
    }
    step.events.append(NewEvent("chased", now, "system", facts))
    if told is not None:
        step.outbox.append(_delivery(locked.case, task, trigger, told, facts, now))
    if rule.action == SUPERVISE:
        step.case_changes["supervised"] = True


def _delivery(
    case: Case,
    task: Task,
    trigger: Trigger,
    told: str,
    facts: Mapping[str, Any],
    now: datetime,
) -> NewDelivery:
    due = int(task.due_at.timestamp())
    return NewDelivery(
        # An extended limit is chased anew, so the due time is part of what makes a chase the same.
        key=f"{case.number}:chase:{task.key}:{trigger.rule.id}:{due}:{trigger.count}",
        channel="notice",
        receiver=told,
        template=f"chase_{trigger.rule.action}",
        payload={"case": case.number, "title": case.title, **facts},
        at=now,
    )


def _receiver(session: Session, case: Case, task: Task, tells: str, now: datetime) -> str | None:
    if tells == "holder":
        # Who has left the post is not reminded of what they left behind.
        return waits_for(held_now(session, task, at=now))
    role = "supervisor" if tells == "supervisor" else _superior(task.role)
    found = find_filled_post(
        session, role, case.area_code, at=now, without_business=case.business_id
    )
    return None if found.staffing is None else found.staffing.post.id


def _superior(role: str | None) -> str:
    """The role above; above the city stands nobody but the supervisor."""
    known = ROLES.get(role or "")
    return (known.above if known is not None else None) or "supervisor"


def _figures(calendar: WorkCalendar, task: Task | None, now: datetime) -> dict[str, Any]:
    span = None if task is None else span_of(task)
    if span is None:
        return {}
    if now >= span.due:
        return {"days_overdue": calendar.days_overdue(span.due, now)}
    return {"share_used": round(calendar.share_used(span, now), 2)}


def _arm_next(
    step: StepWrite,
    definition: Definition,
    calendar: WorkCalendar,
    task: Task | None,
    chased: dict[str, int],
) -> None:
    table = definition.decisions.get(TABLE)
    span = None if task is None else span_of(task)
    if task is None or span is None or table is None or not _is_running(task):
        return
    if chased != (task.chased or {}):
        step.task_changes.append((task.token, {"chased": chased}))
    following = next_chase(read_rules(table), calendar, span, chased)
    if following is not None:
        step.armed.append(ArmedTimer(element_of(task.token), following.at, "chase"))


def _is_running(task: Task) -> bool:
    return task.state == "open" and task.paused_at is None
