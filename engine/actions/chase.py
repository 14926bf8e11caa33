"""Chasing: reminders for late tasks by the table `chase.dmn`; the owner never changes.

Every open task with a due time has ONE timer of kind `chase`, for the next trigger of the table.
When it fires, all triggers due by then are written to the case file, notified and stored with the
task in one transaction, and the timer moves to the next trigger. A repeated trigger that was missed
(the scheduler was down over a week-end) is notified once, for today.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.definitions import Definition
from engine.run.access import waits_for
from engine.run.faults import drawn
from engine.run.pausing import paused_until, resume
from engine.run.protocol import Runs
from engine.run.timing import timed
from engine.time.calendar import WorkCalendar
from engine.time.limits import span_of
from engine.time.reminders import (
    PREFIX,
    SUPERVISE,
    Trigger,
    element_of,
    is_running,
    next_chase,
    rules_for,
    runs_by_the_clock,
    trigger_of,
)
from storage.cases.cases import Case, LockedCase, lock_case_for_step
from storage.cases.events import NewEvent
from storage.cases.steps import ArmedTimer, NewDelivery, StepWrite, unmoved_step, write_step
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.moments import to_text
from storage.people.ladder import find_filled_post
from storage.people.roles import ROLES, role_standing_in

__all__ = ["run_chase"]


@timed("chase")
def run_chase(runner: Runs, session: Session, running_id: int, element: str) -> bool:
    """Chase one task for everything that is due by now; False when nothing had to be told.

    Belongs inside the caller's transaction. A task that is closed is left alone and its timer
    goes; one that is paused is resumed: the timer of its chases is the one that ends its pause.
    """
    token = element.removeprefix(PREFIX)
    locked = lock_case_for_step(session, running_id=running_id, token=token)
    now, calendar = runner.clock.now(), runner.calendar(session)
    if locked.task is not None and _is_pause_over(locked.task, now):
        resume(runner, session, locked, locked.task, actor=None)
        return True
    definition = runner.definition(session, locked.process.digest)
    with drawn(definition, "" if locked.task is None else locked.task.element):
        due, chased = _due(definition, calendar, locked.task, now)
    step = unmoved_step(locked)
    step.disarmed.append(element)
    for trigger in due:
        _tell(session, step, locked, trigger, _figures(calendar, locked.task, now), now)
    _arm_next(step, definition, calendar, locked.task, chased)
    write_step(session, step)
    return bool(due)


def _is_pause_over(task: Task, now: datetime) -> bool:
    ends = paused_until(task)
    return task.state == "open" and ends is not None and ends <= now


# ── one chase ──────────────────────────────────────────────────────────────────────────────────


def _due(
    definition: Definition, calendar: WorkCalendar, task: Task | None, now: datetime
) -> tuple[list[Trigger], dict[str, int]]:
    """All chase rules due by now, in order, and the `chased` document that results."""
    span = None if task is None else span_of(task)
    if task is None or span is None or not is_running(task):
        return [], {}
    chased, due = dict(task.chased or {}), []
    for rule in rules_for(definition, task):
        trigger = trigger_of(rule, calendar, span, chased)
        if trigger is None or trigger.at > now:
            continue
        today = max(trigger.count, calendar.days_overdue(span.due, now)) if rule.is_daily else 1
        due.append(Trigger(rule, trigger.at, today))
        chased[rule.id] = today
    return sorted(due, key=lambda trigger: trigger.at), chased


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
    receiver = _receiver(session, locked.case, task, rule.tells, now)
    facts = {
        "task": task.task_id,
        "label": task.label,
        "token": task.token,
        "running": task.running_id,
        "rule": rule.id,
        "action": rule.action,
        "tells": rule.tells,
        "told": receiver,
        "due_at": to_text(task.due_at),
        **figures,
    }
    changed: dict[str, Any] = {}
    if rule.action == SUPERVISE:
        step.case_changes["supervised"] = True
        changed = {"case": dict(step.case_changes)}
    step.events.append(NewEvent("chased", now, "system", {**facts, **changed}))
    if receiver is not None:
        step.outbox.append(_delivery(locked.case, task, trigger, receiver, facts, now))


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
        # An extended limit is chased again, so the due time is part of what makes a chase the same.
        key=f"{case.number}:chase:{task.key}:{trigger.rule.id}:{due}:{trigger.count}",
        channel="notice",
        receiver=told,
        template=f"chase_{trigger.rule.action}",
        payload={"case": case.number, "title": case.title, **facts},
        at=now,
    )


def _receiver(session: Session, case: Case, task: Task, tells: str, now: datetime) -> str | None:
    if tells == "holder":
        return waits_for(session, task, at=now)
    role = _superior(task.role) if tells == "superior" else role_standing_in()
    filled_post = find_filled_post(
        session, role, case.area_code, at=now, without_business=case.business_id
    )
    return None if filled_post.staffing is None else filled_post.staffing.post.id


def _superior(role: str | None) -> str:
    """The role above; above the city stands nobody but the role that stands in."""
    known = ROLES.get(role or "")
    return (known.above if known is not None else None) or role_standing_in()


def _figures(calendar: WorkCalendar, task: Task | None, now: datetime) -> dict[str, Any]:
    span = None if task is None else span_of(task)
    if span is None:
        return {}
    if now >= span.due:
        figures = {"days_overdue": calendar.days_overdue(span.due, now)}
        if runs_by_the_clock(span):
            figures["minutes_overdue"] = int((now - span.due).total_seconds()) // 60
        return figures
    return {"share_used": round(calendar.share_used(span, now), 2)}


def _arm_next(
    step: StepWrite,
    definition: Definition,
    calendar: WorkCalendar,
    task: Task | None,
    chased: dict[str, int],
) -> None:
    span = None if task is None else span_of(task)
    if task is None or span is None or not is_running(task):
        return
    if chased != (task.chased or {}):
        step.task_changes.append((task.token, {"chased": chased}))
    following = next_chase(rules_for(definition, task), calendar, span, chased)
    if following is not None:
        step.armed.append(ArmedTimer(element_of(task.token), following.at, "chase"))
