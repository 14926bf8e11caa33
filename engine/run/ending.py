"""Ending processes of a case that is over: what others were asked beside it needs no answer.

What ends a case is written first; each process beside it is then one further entry of its file.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.contract import Actor
from engine.run.access import waits_for
from storage.cases import cases, tasks
from storage.cases.cases import Case, LockedCase, RunningProcess
from storage.cases.events import NewEvent
from storage.cases.messages import list_waiting_of
from storage.cases.steps import ClosedTask, NewDelivery, StepWrite, unmoved_step, write_step
from storage.cases.tasks import Task
from storage.cases.timers import list_timers
from storage.database.session import Session
from storage.delivery.notifications import WITHDRAWN
from storage.people.roles import capacity

__all__ = ["end_beside", "ended", "ending"]

_SYSTEM = "system"


def ending(session: Session, case: Case, process: RunningProcess, now: datetime) -> StepWrite:
    """The write that stops a process: nothing of it is alive afterwards."""
    timers = list_timers(session, case.id)
    waiting = list_waiting_of(session, case.id)
    step = unmoved_step(LockedCase(case, process, None))
    step.marking, step.process_state = b"", "ended"
    step.next_due, step.ended_at = None, now
    step.closed = [
        ClosedTask(task.token, "cancelled", now) for task in _open_of(session, case, process)
    ]
    step.disarmed = [timer.element for timer in timers if timer.running_id == process.id]
    step.unawaited = [message.element for message in waiting if message.running_id == process.id]
    return step


def ended(
    kind: str, step: StepWrite, data: Mapping[str, Any], actor: Actor | None, now: datetime
) -> NewEvent:
    """The entry of a process that was stopped, as `engine.casefile.replay` reads it."""
    cancelled = [task.token for task in step.closed]
    facts = {**data, "running": step.running_id, "cancelled": cancelled}
    who = _SYSTEM if actor is None else actor.reference
    posts = () if actor is None else actor.posts
    return NewEvent(kind, now, who, facts, capacity(posts[0].role) if posts else None)


def end_beside(
    session: Session,
    case_id: int,
    *,
    actor: Actor | None,
    now: datetime,
    process_id: str | None = None,
) -> int:
    """Withdraw what is asked beside a case that has ended, and tell who was asked.

    With `process_id` only processes of that diagram are ended. Returns the version of the case.
    """
    processes = cases.list_processes(session, case_id)
    beside = [each for each in processes if each.asked_by is not None]
    running = [each for each in beside if each.state == "running"]
    if process_id is not None:
        running = [each for each in running if each.process_id == process_id]
    case = cases.lock_case(session, case_id) if running else cases.get_case(session, case_id)
    for process in running:
        case = _withdrawn(session, case, process, actor, now)
    return case.version


def _withdrawn(
    session: Session, case: Case, process: RunningProcess, actor: Actor | None, now: datetime
) -> Case:
    step = ending(session, case, process, now)
    asked = _open_of(session, case, process)
    told = sorted({waits_for(session, task, at=now) for task in asked})
    step.outbox = [
        NewDelivery(
            key=f"{case.number}:{case.version}:withdrawn:{process.id}:{receiver}",
            channel="notice",
            receiver=receiver,
            template=WITHDRAWN,
            payload={"case": case.number, "label": asked[0].label},
            at=now,
        )
        for receiver in told
    ]
    step.events = [ended("side_task_ended", step, {"told": told}, actor, now)]
    written = write_step(session, step)
    return case._replace(
        version=written.version, last_seq=written.last_seq, head_hash=written.head_hash
    )


def _open_of(session: Session, case: Case, process: RunningProcess) -> list[Task]:
    waiting = tasks.list_open_tasks(session, case.id)
    return [task for task in waiting if task.running_id == process.id]
