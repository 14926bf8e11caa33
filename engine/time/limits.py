"""Time limits of steps: the row of `deadlines.dmn`, and the clock it starts on a task.

The arithmetic of days and hours is in `engine.time.calendar`; the diagram defines what happens when
the time is over. A task carries its clock in its `deadline` document: `limit, unit, on_overdue,
extensions, approver, provisional`, after a pause also `since` and `used`, after an extension
`extended`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from engine.decisions.tables import DecisionTable
from engine.errors import DecisionError
from engine.time.calendar import UNITS, Span, WorkCalendar
from storage.errors import Refused
from storage.moments import NEVER, in_china, start_of, to_text

__all__ = [
    "Limit",
    "deadline_of",
    "extended",
    "latest_end_of_pause",
    "latest_extension",
    "limit_for",
    "recounted",
    "resumed",
    "span_of",
]

_TABLE = "deadlines"
_UNIT_WITHOUT_LIMIT = "hour"


class Clocked(Protocol):
    """The clock of a task, stored or not yet stored."""

    @property
    def opened_at(self) -> datetime:
        """When the task was opened."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """When it is due; None or the far date means never."""
        ...

    @property
    def deadline(self) -> Any:
        """The stored clock, None when the due time was set by hand."""
        ...


class Pausable(Clocked, Protocol):
    """The clock of a stored task."""

    @property
    def paused_at(self) -> datetime | None:
        """When the clock was paused, None while it runs."""
        ...


class Decides(Protocol):
    """The part of a definition that is used here."""

    def decision(self, name: str) -> DecisionTable:
        """The decision table of that id."""
        ...


class Limit(NamedTuple):
    """One row of the table of limits."""

    limit: float
    unit: str
    on_overdue: str
    extensions: int
    extension_approver: str | None
    rule: str


class Moved(NamedTuple):
    """A changed clock: the new due time and the `deadline` document of the task."""

    due_at: datetime
    deadline: dict[str, Any]


def limit_for(
    definition: Decides, *, deadline_profile: str, priority: str, level: str, step: str
) -> Limit:
    """The limit of a step.

    Raises:
        DecisionError: no row fits, several do, or the row holds no usable limit.
    """
    inputs = {
        "deadline_profile": deadline_profile,
        "priority": priority,
        "level": level,
        "step": step,
    }
    fired = definition.decision(_TABLE).decide(inputs)
    if fired is None:
        message = f"时限表没有一行适用于 {inputs}。请补上缺少的行。"
        raise DecisionError(message, code="no_row", table=_TABLE)
    return _read(fired.rule_id, fired.outputs)


def deadline_of(calendar: WorkCalendar, limit: Limit, opened_at: datetime) -> Moved:
    """When a task opened now is due, and the clock it carries."""
    due_at = calendar.due(opened_at, limit.limit, limit.unit)
    return Moved(
        due_at,
        {
            "limit": limit.limit,
            "unit": limit.unit,
            "on_overdue": limit.on_overdue,
            "extensions": limit.extensions,
            "approver": limit.extension_approver,
            "provisional": calendar.is_provisional(due_at, limit.unit),
        },
    )


def span_of(task: Clocked) -> Span | None:
    """The running clock of a task, None when it is never due.

    A clock whose due time was set by hand runs through nights and holidays.
    """
    if task.due_at is None or task.due_at >= NEVER:
        return None
    deadline = task.deadline or {}
    since = deadline.get("since")
    return Span(
        since=task.opened_at if since is None else datetime.fromisoformat(since),
        due=task.due_at,
        unit=deadline.get("unit", _UNIT_WITHOUT_LIMIT),
        used=deadline.get("used", 0.0),
    )


def resumed(calendar: WorkCalendar, task: Pausable, *, now: datetime) -> Moved:
    """The clock of a paused task from now on, with the time that was left at the pause.

    Raises:
        Refused: the task is not paused.
    """
    if task.paused_at is None:
        message = "环节没有暂停，不必恢复。"
        raise Refused(message, code="not_paused")
    before = span_of(task)
    if before is None:
        return Moved(NEVER, dict(task.deadline or {}))
    span = calendar.resumed(before, paused_at=task.paused_at, now=now)
    began = {"since": to_text(span.since), "used": span.used}
    return _moved(calendar, task, span.due, began)


def latest_end_of_pause(now: datetime, *, days: int) -> datetime:
    """Until when a clock may be stopped now: the end of the last of so many days."""
    return start_of(in_china(now).date() + timedelta(days=days + 1))


def recounted(
    before: WorkCalendar, after: WorkCalendar, task: Clocked, *, now: datetime
) -> Moved | None:
    """The clock of an open task after a change of the calendar; working days left stay the same.

    None when it does not run on the calendar, was set by hand, is over, or does not change.
    """
    span = span_of(task)
    is_set_by_hand = "unit" not in (task.deadline or {})
    if span is None or is_set_by_hand or now >= span.due:
        return None
    due_at = before.moved_to(after, span, since=now)
    moved = _moved(after, task, due_at, {})
    is_same = due_at == span.due and moved.deadline == task.deadline
    return None if is_same else moved


def extended(calendar: WorkCalendar, task: Clocked, *, until: datetime | None = None) -> Moved:
    """The clock of a task with its limit extended once, by at most the original limit.

    Raises:
        Refused: the step has no extension left, or `until` is too far or too near.
    """
    deadline = task.deadline or {}
    if task.due_at is None or not deadline.get("extensions"):
        message = "这个环节不能延期，或者已经延过一次。"
        raise Refused(message, code="no_extension_left")
    latest = latest_extension(calendar, task.due_at, deadline)
    due_at = latest if until is None else until
    if not task.due_at < due_at <= latest:
        last = in_china(latest).strftime("%Y-%m-%d %H:%M")
        message = f"延期应晚于原期限，最迟到 {last}（最多再延长一个原时限）。"
        raise Refused(message, code="extension_too_long", latest=latest.isoformat())
    left = {"extensions": deadline["extensions"] - 1, "extended": True}
    return _moved(calendar, task, due_at, left)


def latest_extension(
    calendar: WorkCalendar, due_at: datetime, deadline: Mapping[str, Any]
) -> datetime:
    """Until when a limit may be extended: as long again as it was, from where it ends."""
    return calendar.due(due_at, deadline["limit"], deadline["unit"])


def _moved(
    calendar: WorkCalendar, task: Clocked, due_at: datetime, changes: dict[str, Any]
) -> Moved:
    deadline = {**(task.deadline or {}), **changes}
    unit = deadline.get("unit", _UNIT_WITHOUT_LIMIT)
    deadline["provisional"] = calendar.is_provisional(due_at, unit)
    return Moved(due_at, deadline)


def _read(rule: str, row: Mapping[str, Any]) -> Limit:
    limit = _usable(row.get("limit"), row.get("unit"))
    if limit is None:
        message = f"时限表的第 {rule} 行不能使用：{row.get('limit')!r} {row.get('unit')!r}。"
        raise DecisionError(message, code="limit_unusable", table=_TABLE, rules=(rule,))
    return Limit(
        limit=limit,
        unit=str(row["unit"]),
        on_overdue=str(row.get("on_overdue") or "supervise"),
        extensions=int(row.get("extensions") or 0),
        extension_approver=row.get("extension_approver"),
        rule=rule,
    )


def _usable(limit: object, unit: object) -> float | None:
    if unit not in UNITS or isinstance(limit, bool) or not isinstance(limit, int | float):
        return None
    is_whole = unit != "working_day" or limit == int(limit)
    return limit if limit >= 0 and is_whole else None
