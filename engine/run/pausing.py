"""Stopping, starting and lengthening the clock of one open task, its drawn timers included.

The time left after a pause and the maximum extension are computed in `engine.time.limits`. The
marking is not touched: a drawn timer fires at the due time of its row.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.contract import Actor
from engine.run.protocol import Runs
from engine.run.record import CHASE, Act, Done, Entry, write_entry
from engine.time.limits import Moved, extended, resumed
from engine.time.reminders import first_chase, passed_by
from storage.cases.cases import LockedCase, lock_case_for_step
from storage.cases.steps import ArmedTimer
from storage.cases.tasks import Task
from storage.cases.timers import list_timers
from storage.database.session import Session
from storage.errors import Refused, TaskClosed
from storage.moments import from_text, to_text
from storage.people.roles import capacity

STOPPED = "stopped"


def pause(
    runner: Runs,
    session: Session,
    locked: LockedCase,
    task: Task,
    *,
    reason: str,
    actor: Actor,
) -> Done:
    """Stop the clock while somebody outside is waited for: reporter, laboratory, court (缓办)."""
    if task.paused_at is not None:
        message = "环节已经暂停。"
        raise Refused(message, code="already_paused")
    now = runner.clock.now()
    timers = _attached(runner, session, locked, task)
    if any(due <= now for due in timers.values()):
        # As for an answer: a deadline that has passed takes precedence.
        message = "办理期限已过，环节将按流程转走，不能再暂停。"
        raise TaskClosed(message, code="deadline_passed", due_at=task.due_at.isoformat())
    stopped = {element: to_text(due) for element, due in timers.items()}
    entry = Entry(
        Act("task_paused", {"token": task.token, "reason": reason}, _capacity(task)),
        task_changes={
            "paused_at": now,
            "deadline": {**(task.deadline or {}), STOPPED: stopped},
        },
        disarmed=[*timers, f"{CHASE}{task.token}"],
    )
    return write_entry(session, locked, task, entry, actor=actor, now=now)


def resume(runner: Runs, session: Session, locked: LockedCase, task: Task, *, actor: Actor) -> Done:
    """Let the clock run on: what was left when it was stopped is still left."""
    now = runner.clock.now()
    moved = resumed(runner.calendar(session), task, now=now)
    stopped = moved.deadline.pop(STOPPED, {})
    timers = {element: from_text(due) for element, due in stopped.items()}
    act = Act("task_resumed", {"token": task.token}, _capacity(task))
    entry = _moved_entry(runner, session, locked, task, moved, timers, act)
    entry.task_changes["paused_at"] = None
    return write_entry(session, locked, task, entry, actor=actor, now=now)


def lengthen(
    runner: Runs,
    session: Session,
    locked: LockedCase,
    task: Task,
    *,
    until: datetime | None,
    reason: str,
    actor: Actor | None,
) -> Done:
    """Grant the one extension of a task (延期)."""
    moved = extended(runner.calendar(session), task, until=until)
    act = Act(
        "task_extended",
        {"token": task.token, "reason": reason, "due_at": to_text(moved.due_at)},
        _capacity(task),
    )
    timers = _attached(runner, session, locked, task)
    # The new limit is chased again, apart from the points of it that have passed already.
    definition, now = runner.definition(session, locked.process.digest), runner.clock.now()
    later = task._replace(due_at=moved.due_at, deadline=moved.deadline)
    at = task.paused_at or now
    chased = passed_by(definition, later, runner.calendar(session), now=at)
    if task.paused_at is None:
        task = task._replace(chased=chased)
        entry = _moved_entry(runner, session, locked, task, moved, timers, act)
    else:
        entry = _stopped_entry(task, moved, act)
    entry.task_changes["chased"] = chased
    return write_entry(session, locked, task, entry, actor=actor, now=now)


def grant_extension(
    runner: Runs, session: Session, asked_by: Mapping[str, Any], *, actor: Actor | None
) -> None:
    """Lengthen the task a side task was asked for; one that ended meanwhile needs no more time."""
    locked = lock_case_for_step(session, running_id=asked_by["running"], token=asked_by["token"])
    task = locked.task
    if task is None or task.state != "open":
        return
    wanted = asked_by.get("until")
    until = None if wanted is None else datetime.fromisoformat(wanted)
    if until is not None and until <= task.due_at:
        return  # a pause has brought more than was asked for
    lengthen(runner, session, locked, task, until=until, reason="extension_granted", actor=actor)


def _moved_entry(
    runner: Runs,
    session: Session,
    locked: LockedCase,
    task: Task,
    moved: Moved,
    timers: dict[str, datetime],
    act: Act,
) -> Entry:
    shift = moved.due_at - task.due_at
    armed = [ArmedTimer(element, due + shift) for element, due in timers.items()]
    later = task._replace(due_at=moved.due_at, deadline=moved.deadline, paused_at=None)
    definition = runner.definition(session, locked.process.digest)
    chase_at = first_chase(definition, later, runner.calendar(session))
    if chase_at is not None:
        armed.append(ArmedTimer(f"{CHASE}{task.token}", chase_at, "chase"))
    changes: dict[str, Any] = {"due_at": moved.due_at, "deadline": moved.deadline}
    return Entry(act, task_changes=changes, armed=armed)


def _stopped_entry(task: Task, moved: Moved, act: Act) -> Entry:
    """Extend a limit while its clock is paused: its drawn timers are armed on resumption."""
    shift = moved.due_at - task.due_at
    stopped = moved.deadline.get(STOPPED, {})
    later = {element: to_text(from_text(due) + shift) for element, due in stopped.items()}
    deadline = {**moved.deadline, STOPPED: later}
    return Entry(act, task_changes={"due_at": moved.due_at, "deadline": deadline})


def _attached(
    runner: Runs, session: Session, locked: LockedCase, task: Task
) -> dict[str, datetime]:
    """The drawn timers on the task's own shape that have a row: element -> due."""
    definition = runner.definition(session, locked.process.digest)
    node = definition.diagrams[task.process_id].nodes[task.task_id]
    above, dot, _ = task.element.rpartition(".")
    wanted = {f"{above}{dot}{boundary}" for boundary in node.boundaries}
    rows = list_timers(session, task.case_id)
    return {
        row.element: row.due_at
        for row in rows
        if row.running_id == task.running_id and row.element in wanted
    }


def _capacity(task: Task) -> str | None:
    return capacity(task.role) if task.role else None
