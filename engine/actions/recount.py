"""Recount open limits after a change of the calendar; file the shift and notify the holder.

Each task has its own transaction, so that the import of a year blocks no other work; the import
command loops over all tasks. A paused clock is recounted when it resumes.
"""

from datetime import datetime

from engine.run.access import waits_for
from engine.run.record import Act, Entry, write_entry
from engine.run.runner import Runner
from engine.time.calendar import WorkCalendar
from engine.time.limits import Moved, recounted
from engine.time.reminders import element_of, first_chase
from storage.cases.cases import LockedCase, lock_case_for_step
from storage.cases.steps import ArmedTimer, NewDelivery
from storage.cases.tasks import Task
from storage.cases.timers import list_timers
from storage.database.session import Session
from storage.moments import to_text

__all__ = ["recount"]

KIND = "limit_recounted"


def recount(
    runner: Runner,
    session: Session,
    running_id: int,
    token: str,
    *,
    before: WorkCalendar,
    after: WorkCalendar,
) -> Moved | None:
    """Move the clock of one open task to the calendar as it is now; None when it stays.

    Timers drawn on the task for the moment it was due move with it.
    """
    locked = lock_case_for_step(session, running_id=running_id, token=token)
    task, now = locked.task, runner.clock.now()
    if task is None or task.state != "open" or task.paused_at is not None:
        return None
    moved = recounted(before, after, task, now=now)
    if moved is None:
        return None
    entry = Entry(
        Act(KIND, _shift(task, moved), None),
        task_changes={"due_at": moved.due_at, "deadline": moved.deadline},
        armed=_armed(runner, session, locked, task, moved, after),
        outbox=[_letter(session, locked, task, moved, now)] if moved.due_at != task.due_at else [],
    )
    write_entry(session, locked, task, entry, actor=None, now=now)
    return moved


def _shift(task: Task, moved: Moved) -> dict[str, object]:
    return {
        "token": task.token,
        "label": task.label,
        "was_due_at": to_text(task.due_at),
        "due_at": to_text(moved.due_at),
        "provisional": moved.deadline["provisional"],
        "why": "calendar",
    }


def _armed(
    runner: Runner,
    session: Session,
    locked: LockedCase,
    task: Task,
    moved: Moved,
    calendar: WorkCalendar,
) -> list[ArmedTimer]:
    definition = runner.definition(session, locked.process.digest)
    node = definition.diagrams[task.process_id].nodes[task.task_id]
    above, dot, _ = task.element.rpartition(".")
    attached = {f"{above}{dot}{boundary}" for boundary in node.boundaries}
    armed = [
        ArmedTimer(timer.element, moved.due_at)
        for timer in list_timers(session, task.case_id)
        if timer.running_id == task.running_id
        and timer.element in attached
        and timer.due_at == task.due_at
    ]
    later = task._replace(due_at=moved.due_at, deadline=moved.deadline)
    chase_at = first_chase(definition, later, calendar)
    if chase_at is not None:
        armed.append(ArmedTimer(element_of(task.token), chase_at, "chase"))
    return armed


def _letter(
    session: Session, locked: LockedCase, task: Task, moved: Moved, now: datetime
) -> NewDelivery:
    number, due_at = locked.case.number, to_text(moved.due_at)
    return NewDelivery(
        key=f"{number}:recount:{task.key}:{due_at}",
        channel="notice",
        receiver=waits_for(session, task, at=now),
        template="limit_moved",
        payload={"case": number, "label": task.label, **_shift(task, moved)},
        at=now,
    )
