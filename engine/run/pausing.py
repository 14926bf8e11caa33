"""Stopping, starting and lengthening the clock of one open task, its drawn timers included.

The time left after a pause and the maximum extension are computed in `engine.time.limits`. The
marking is not touched: a drawn timer fires at the due time of its row.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.contract import Actor
from engine.run.access import waits_for
from engine.run.protocol import Runs
from engine.run.record import CHASE, Act, Done, Entry, write_entry
from engine.time.limits import Moved, extended, latest_end_of_pause, resumed, span_of
from engine.time.reminders import first_chase, passed_by
from storage.cases.cases import Case, LockedCase, lock_case_for_step
from storage.cases.steps import ArmedTimer, NewDelivery
from storage.cases.tasks import Task
from storage.cases.timers import list_timers
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import Refused, TaskClosed
from storage.moments import from_text, to_text
from storage.people.roles import capacity

STOPPED = "stopped"
UNTIL = "paused_until"
"""In the clock of a paused task: when it runs on automatically."""
TIMES = "paused_times"
"""In the clock of a task: how often it was paused already."""
_URGENT = "urgent"
_NO_STOP = frozenset({"minute"})
"""A limit that counts minutes is one of an emergency: its clock does not stand still."""


def pause(
    runner: Runs,
    session: Session,
    locked: LockedCase,
    task: Task,
    *,
    reason: str,
    until: datetime | None,
    actor: Actor,
) -> Done:
    """Stop the clock while somebody outside is waited for: reporter, laboratory, court (缓办).

    It runs on at `until`, at the latest after as many days as the city allows. What was late when
    it was paused stays late.
    """
    if task.paused_at is not None:
        message = "环节已经暂停。"
        raise Refused(message, code="already_paused")
    now = runner.clock.now()
    _require_pausable(task, locked.case, at=now)
    ends = _end_of_pause(until, now)
    timers = _attached(runner, session, locked, task)
    if any(due <= now for due in timers.values()):
        # As for an answer: a deadline that has passed takes precedence.
        message = "办理期限已过，环节将按流程转走，不能再暂停。"
        raise TaskClosed(message, code="deadline_passed", due_at=task.due_at.isoformat())
    stopped = {element: to_text(due) for element, due in timers.items()}
    entry = Entry(
        Act(
            "task_paused",
            {"token": task.token, "reason": reason, "until": to_text(ends)},
            _capacity(task),
        ),
        task_changes={
            "paused_at": now,
            "deadline": {
                **(task.deadline or {}),
                STOPPED: stopped,
                UNTIL: to_text(ends),
                TIMES: _times_paused(task) + 1,
            },
        },
        # A paused task is not chased; the timer that chases it ends the pause.
        armed=[ArmedTimer(f"{CHASE}{task.token}", ends, "chase")],
        disarmed=list(timers),
    )
    return write_entry(session, locked, task, entry, actor=actor, now=now)


def _pause_ended(locked: LockedCase, task: Task, told: str, *, now: datetime) -> NewDelivery:
    """The message to the holder of a task whose pause is over."""
    return NewDelivery(
        key=f"{locked.case.number}:{locked.case.version}:resumed:{task.key}",
        channel="notice",
        receiver=told,
        template="pause_ended",
        payload={"case": locked.case.number, "label": task.label},
        at=now,
    )


def may_pause(task: Task, case: Case) -> bool:
    """Whether its holder may stop the clock of a task: see `_require_pausable`."""
    is_often = _times_paused(task) >= installed().thresholds.pause_most_times
    return not (is_often or _is_pressing(task, case))


def _require_pausable(task: Task, case: Case, *, at: datetime) -> None:
    """Refuse to stop a clock that is pressing, or was stopped as often as the city allows.

    A pause takes nobody's consent but the holder's, so that it is short of what an extension is:
    that one is decided one level up.
    """
    instead = (
        "还要更多时间，请在到期前申请延期，由上一级决定。"
        if may_extend(task, at=at)
        else "请按期办理；办不了的，按流程上报上一级。"
    )
    if _is_pressing(task, case):
        message = f"突发事项和加急事项不能缓办。{instead}"
        raise Refused(message, code="not_to_be_paused")
    most = installed().thresholds.pause_most_times
    if _times_paused(task) >= most:
        message = f"这个环节已经缓办 {most} 次，不能再缓办。{instead}"
        raise Refused(message, code="paused_too_often", most=most)


def _is_pressing(task: Task, case: Case) -> bool:
    """Whether a task is of an emergency, or its limits are those of what is pressing (加急)."""
    span = span_of(task)
    counts_minutes = span is not None and span.unit in _NO_STOP
    return counts_minutes or _URGENT in {case.priority, case.deadline_profile}


def _times_paused(task: Task) -> int:
    return int((task.deadline or {}).get(TIMES, 0))


def is_in_time(task: Task, *, at: datetime) -> bool:
    """Whether the limit of a task had not passed, or its clock stood still before it did."""
    return (task.paused_at or at) < task.due_at


def may_extend(task: Task, *, at: datetime) -> bool:
    """Whether more time may be asked for: the step knows it, and its limit has not passed."""
    return bool((task.deadline or {}).get("extensions")) and is_in_time(task, at=at)


def paused_until(task: Task) -> datetime | None:
    """When the clock of a paused task runs on; None where it was paused without an end."""
    ends = (task.deadline or {}).get(UNTIL)
    return None if task.paused_at is None or ends is None else from_text(ends)


def _end_of_pause(until: datetime | None, now: datetime) -> datetime:
    thresholds = installed().thresholds
    days, times = thresholds.pause_most_days, thresholds.pause_most_times
    latest = latest_end_of_pause(now, days=days)
    ends = latest if until is None else until
    if now < ends <= latest:
        return ends
    message = f"缓办到什么时候：应晚于现在，最长 {days} 天；每个环节最多缓办 {times} 次。"
    raise Refused(message, code="pause_too_long", latest=latest.isoformat(), days=days)


def resume(
    runner: Runs, session: Session, locked: LockedCase, task: Task, *, actor: Actor | None
) -> Done:
    """Let the clock run on: what was left when it was stopped is still left."""
    now = runner.clock.now()
    moved = resumed(runner.calendar(session), task, now=now)
    stopped = moved.deadline.pop(STOPPED, {})
    moved.deadline.pop(UNTIL, None)
    timers = {element: from_text(due) for element, due in stopped.items()}
    told = waits_for(session, task, at=now) if actor is None else None
    said = {"token": task.token} if told is None else {"token": task.token, "told": told}
    act = Act("task_resumed", said, _capacity(task))
    entry = _moved_entry(runner, session, locked, task, moved, timers, act)
    entry.task_changes["paused_at"] = None
    if told is not None:
        entry.outbox = [_pause_ended(locked, task, told, now=now)]
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
    chase = f"{CHASE}{task.token}"
    later = task._replace(due_at=moved.due_at, deadline=moved.deadline, paused_at=None)
    definition = runner.definition(session, locked.process.digest)
    chase_at = first_chase(definition, later, runner.calendar(session))
    if chase_at is not None:
        armed.append(ArmedTimer(chase, chase_at, "chase"))
    changes: dict[str, Any] = {"due_at": moved.due_at, "deadline": moved.deadline}
    disarmed = [chase] if chase_at is None else []
    return Entry(act, task_changes=changes, armed=armed, disarmed=disarmed)


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
