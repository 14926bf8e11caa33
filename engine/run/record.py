"""From a finished progress to the rows of its one write; the SQL is storage's."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from engine.contract import Actor, Case
from engine.definitions import Definition
from engine.delivery.partners import CLOSED, passed_on
from engine.execution import plan
from engine.run.step import Progress
from engine.time.reminders import first_chase
from storage.cases.cases import Case as StoredCase
from storage.cases.cases import (
    LockedCase,
    NewProcess,
    add_case,
    add_process,
    list_processes,
    lock_case_for_step,
)
from storage.cases.columns import KEPT_BY_STEPS
from storage.cases.events import NewEvent
from storage.cases.outcomes import OUTCOMES
from storage.cases.related import DUPLICATE_OF, link_cases
from storage.cases.steps import (
    ArmedTimer,
    AwaitedMessage,
    ClosedTask,
    NewDelivery,
    NewMessage,
    StepWrite,
    StoredAnswer,
    unmoved_step,
    write_step,
)
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.moments import canonical, to_text
from storage.people.roles import capacity

SYSTEM = "system"
CHASE = "chase:"
MESSAGE_LIFE = timedelta(days=30)


class Act(NamedTuple):
    """The act that moved the case, as its file records it."""

    kind: str
    data: Mapping[str, Any]
    capacity: str | None


class Done(NamedTuple):
    """The state of a case after an action."""

    case_id: int
    number: str
    status: str
    version: int
    running_id: int
    next_tasks: tuple[Task, ...]


Answering = Callable[[Done], StoredAnswer]
"""Builds the response to a keyed request from the new state of the case."""


def opening(
    kind: str, definition: Definition, values: Mapping[str, Any], actor: Actor | None
) -> Act:
    """The act that starts a process, with the submitted form."""
    data = {
        "process": definition.process_id,
        "digest": definition.digest,
        "form": dict(values),
    }
    posts = actor.posts if actor is not None else ()
    return Act(kind, data, capacity(posts[0].role) if posts else None)


def shallow(row: StoredCase) -> dict[str, Any]:
    """The columns of a case by name."""
    return row._asdict()


def open_case(progress: Progress, process: NewProcess) -> LockedCase:
    """Insert the rows of a new case and its process; their first step is written by `write`."""
    case = progress.case
    stored = add_case(case.session, case.row)
    progress.opening = {
        name: value for name, value in case.row.items() if name not in KEPT_BY_STEPS
    }
    case.changes = {}
    return LockedCase(stored, add_process(case.session, process), None)


def write(
    locked: LockedCase,
    progress: Progress,
    act: Act,
    actor: Actor | None,
    *,
    answer: Answering | None = None,
) -> Done:
    """Write a finished step and return the new state of the case.

    The answer to a keyed request is made of that and written with the step.
    """
    case = progress.case
    step = step_rows(locked, progress, act, actor)
    answered = done(case, locked.process.id, step.seen_version + 1, progress.opened)
    if answer is not None:
        step.idempotency = answer(answered)
    write_step(case.session, step)
    for other_id, kind in case.links:
        link_cases(case.session, case.id, other_id, kind=kind, at=case.now)
        if kind == DUPLICATE_OF:
            _join(case, other_id, act, actor)
    return answered


def _join(case: Case, original_id: int, act: Act, actor: Actor | None) -> None:
    """Put on file of the original that another case was joined to it.

    Not its number: who reads this file need not see that case; whoever may reads the link.
    """
    processes = list_processes(case.session, original_id)
    main = [process for process in processes if process.asked_by is None][-1]
    original = lock_case_for_step(case.session, running_id=main.id)
    joined = Act("case_joined", {}, act.capacity)
    floor = raised_floor(case.row["floor_rank"], original.case)
    entry = Entry(joined, case_changes=floor)
    write_entry(case.session, original, None, entry, actor=actor, now=case.now)


def raised_floor(floor: int | None, original: StoredCase) -> dict[str, Any]:
    """What was collected above stays above, in the original it went into too (R26)."""
    if floor is None or floor <= (original.floor_rank or 0):
        return {}
    return {"floor_rank": floor}


def step_rows(locked: LockedCase, progress: Progress, act: Act, actor: Actor | None) -> StepWrite:
    """Everything one step of a running process changes."""
    result, case, process = progress.finish(), progress.case, locked.process
    if result.is_ended and process.asked_by is None:
        _close(progress, result)
    closed = _closed(result, case, actor)
    return StepWrite(
        case_id=case.id,
        seen_version=locked.case.version,
        last_seq=locked.case.last_seq,
        head_hash=locked.case.head_hash,
        running_id=process.id,
        marking=result.marking,
        data=canonical(result.data),
        before=locked.case,
        process_state="ended" if result.is_ended else "running",
        next_due=_next_due(process.next_due, progress, result),
        ended_at=case.now if result.is_ended else None,
        case_changes=case.changes,
        closed=closed,
        opened=progress.opened,
        armed=[ArmedTimer(timer.element, timer.due_at) for timer in result.armed]
        + _first_chases(progress),
        disarmed=[*result.disarmed, *(f"{CHASE}{task.token}" for task in closed)],
        awaiting=[
            AwaitedMessage(message.element, message.name, canonical(message.correlation))
            for message in result.awaited
        ],
        unawaited=list(result.unawaited),
        events=_events(progress, act, actor, process.id),
        personal=progress.personal,
        outbox=deliveries(case, process.id, locked.case.version)
        + _passed_on(progress, act, locked.case.version),
        messages=[_message(message, case.now) for message in result.thrown],
    )


def done(case: Case, running_id: int, version: int, opened: Iterable[Task]) -> Done:
    """The result of a written step for the caller."""
    return Done(
        case_id=case.id,
        number=case.number,
        status=str(case.row["status"]),
        version=version,
        running_id=running_id,
        next_tasks=tuple(opened),
    )


def deliveries(case: Case, running_id: int, version: int) -> list[NewDelivery]:
    """The messages the handlers requested; the key lets a receiver drop a second delivery."""
    return [
        NewDelivery(
            key=f"{case.number}:{running_id}:{version}:{place}",
            channel="notice",
            receiver=one.receiver,
            template=one.template,
            payload={"case": case.number, **one.data},
            at=case.now,
        )
        for place, one in enumerate(case.deliveries)
    ]


def _passed_on(progress: Progress, act: Act, version: int) -> list[NewDelivery]:
    """What other platforms are told of the step; most cities tell none."""
    if not progress.partners:
        return []
    case = progress.case
    entries = [(act.kind, act.data), *((note.kind, note.data) for note in case.notes)]
    if case.changes.get("status") == "closed":
        entries.append((CLOSED, {}))
    return passed_on(case, progress.partners, entries, version=version)


def _close(progress: Progress, result: plan.Plan) -> None:
    """Close a case whose process has ended; the end event sets the outcome unless a handler did."""
    case = progress.case
    outcome = OUTCOMES.get(progress.definition.outcome_of(result.passed) or "")
    if outcome is not None and case.row["outcome"] is None:
        case.change(outcome=outcome.id, public_result=outcome.name_zh)
    if case.row["status"] != "closed":
        case.change(status="closed", closed_at=case.now)


def _next_due(before: datetime | None, progress: Progress, result: plan.Plan) -> datetime | None:
    """The earliest timer of the process; a bound that may be early, never late."""
    if result.is_ended:
        return None
    armed = {timer.element: timer.due_at for timer in result.armed}
    moments = list(armed.values())
    # When the earliest has fired, the others that stand may be due whenever after it.
    has_others = not armed.keys() >= set(progress.execution.timers())
    if before is not None and (before > progress.case.now or has_others):
        moments.append(before)
    return min(moments, default=None)


def _closed(result: plan.Plan, case: Case, actor: Actor | None) -> list[ClosedTask]:
    officer = None if actor is None else actor.id
    done_tasks = [ClosedTask(str(token), "done", case.now, officer) for token in result.closed]
    return done_tasks + [
        ClosedTask(str(token), "cancelled", case.now) for token in result.cancelled
    ]


def _first_chases(progress: Progress) -> list[ArmedTimer]:
    chases = []
    for task in progress.opened:
        with progress.drawn_at(task.element):
            at = first_chase(progress.definition, task, progress.calendar)
        if at is not None:
            chases.append(ArmedTimer(f"{CHASE}{task.token}", at, "chase"))
    return chases


def _events(progress: Progress, act: Act, actor: Actor | None, running_id: int) -> list[NewEvent]:
    """The act first, with all it changed, then what the handlers noted on the way."""
    case, result = progress.case, progress.result
    who = SYSTEM if actor is None else actor.reference
    moved = {} if result is None else _moved(progress, result)
    columns = {**progress.opening, **case.changes}
    decided = {"decisions": progress.decided} if progress.decided else {}
    data = {**act.data, "running": running_id, **moved, **decided, "case": columns}
    first = NewEvent(act.kind, case.now, who, data, act.capacity)
    return [first, *notes(case, who, act.capacity)]


def notes(case: Case, who: str, acting_as: str | None) -> list[NewEvent]:
    """The notes of the handlers, in order."""
    return [NewEvent(note.kind, case.now, who, note.data, acting_as) for note in case.notes]


def _moved(progress: Progress, result: plan.Plan) -> dict[str, Any]:
    return {
        "passed": list(result.passed),
        "closed": list(result.closed),
        "cancelled": list(result.cancelled),
        "opened": [
            {
                "token": task.token,
                "element": task.element,
                "task": task.task_id,
                "process": task.process_id,
                "post": task.post_id,
                "officer": task.officer_id,
                "due_at": None if (due := task.due) is None else to_text(due),
                "why": task.why,
            }
            for task in progress.opened
        ],
        "ended": result.is_ended,
    }


def _message(thrown: plan.Thrown, now: datetime) -> NewMessage:
    return NewMessage(
        name=thrown.name,
        correlation=canonical(thrown.correlation),
        payload=dict(thrown.payload or {}),
        at=now,
        expires_at=now + MESSAGE_LIFE,
    )


@dataclass(slots=True)
class Entry:
    """An act that moves no token: one entry of the file, and columns of one task or of the case."""

    act: Act
    task_changes: dict[str, Any] = field(default_factory=dict)
    case_changes: dict[str, Any] = field(default_factory=dict)
    armed: list[ArmedTimer] = field(default_factory=list)
    disarmed: list[str] = field(default_factory=list)
    outbox: list[NewDelivery] = field(default_factory=list)
    personal: dict[str, Any] = field(default_factory=dict)
    """Values that are kept apart from the file and go after their period."""


def write_entry(
    session: Session,
    locked: LockedCase,
    task: Task | None,
    entry: Entry,
    *,
    actor: Actor | None,
    now: datetime,
) -> Done:
    """Write an act that leaves the marking as it is."""
    case, process = locked.case, locked.process
    who = SYSTEM if actor is None else actor.reference
    data = {**entry.act.data, "running": process.id, "task": entry.task_changes}
    data["case"] = entry.case_changes
    step = unmoved_step(locked)
    step.next_due = _earliest(process.next_due, entry.armed)
    step.case_changes = entry.case_changes
    step.task_changes = [] if task is None else [(task.token, entry.task_changes)]
    step.armed, step.disarmed = entry.armed, entry.disarmed
    step.events = [NewEvent(entry.act.kind, now, who, data, entry.act.capacity)]
    step.outbox, step.personal = entry.outbox, entry.personal
    written = write_step(session, step)
    status = str(entry.case_changes.get("status", case.status))
    return Done(case.id, case.number, status, written.version, process.id, ())


def _earliest(before: datetime | None, armed: Iterable[ArmedTimer]) -> datetime | None:
    drawn = [timer.due_at for timer in armed if timer.kind == "drawn"]
    return min([*drawn, *([] if before is None else [before])], default=None)
