"""What one step of a case writes, all of it or nothing; the SQL is in `step_sql`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import update

from storage.cases.cases import Case, LockedCase
from storage.cases.columns import CASE_CHANGES, OPENED_TASK, TASK_CHANGES
from storage.cases.events import NewEvent, chain
from storage.cases.search import changed_words
from storage.cases.step_sql import Rows, StepRows, write
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.errors import Conflict
from storage.feed.published import Published, list_published
from storage.moments import Json, canonical, optional_text, to_text
from storage.packed import pack, pack_text
from storage.people.personal import Value, conceal
from storage.tables import task

__all__ = [
    "ArmedTimer",
    "AwaitedMessage",
    "ClosedTask",
    "NewDelivery",
    "NewEvent",
    "NewMessage",
    "StepWrite",
    "StoredAnswer",
    "unmoved_step",
    "write_step",
]

TaskEnd = Literal["done", "cancelled"]
ProcessState = Literal["running", "ended", "failed"]
TimerKind = Literal["drawn", "chase"]


class ClosedTask(NamedTuple):
    """A task that ends: done by an officer, or cancelled by a deadline or a message."""

    token: str
    state: TaskEnd
    at: datetime
    by: int | None = None


class ArmedTimer(NamedTuple):
    """A timer that waits; arming an element again moves its time and forgets its attempts."""

    element: str
    due_at: datetime
    kind: TimerKind = "drawn"


class AwaitedMessage(NamedTuple):
    """A message an element waits for."""

    element: str
    name: str
    correlation: str


class NewDelivery(NamedTuple):
    """An effect outside the database; `key` is what the receiver deduplicates by."""

    key: str
    channel: str
    receiver: str
    template: str
    payload: Mapping[str, Json]
    at: datetime


class NewMessage(NamedTuple):
    """A message for another case, or for the same one."""

    name: str
    correlation: str
    payload: Mapping[str, Json]
    at: datetime
    expires_at: datetime | None = None


class StoredAnswer(NamedTuple):
    """The first answer to a keyed request, kept in the same transaction as its effect."""

    actor: str
    key: str
    body_hash: str
    status: int
    answer: str
    at: datetime


@dataclass(slots=True)
class StepWrite:
    """Everything one step changes in one case.

    `seen_version`, `last_seq` and `head_hash` are the case's as it was read under lock;
    numbers and hashes of `events` are computed from them. `case_changes` and `task_changes`
    name columns; documents among them are given as documents, times as aware datetimes.
    Of the tasks in `opened` the running process, the case and the state are the step's. Values of
    `personal` are stored apart from the entries wherever they occur under their name. `before` is
    the case as it was read: what partners may know of the step is published from it.
    """

    case_id: int
    seen_version: int
    last_seq: int
    head_hash: str
    running_id: int
    marking: bytes
    data: str
    before: Case
    process_state: ProcessState = "running"
    next_due: datetime | None = None
    ended_at: datetime | None = None
    case_changes: dict[str, Any] = field(default_factory=dict)
    closed: list[ClosedTask] = field(default_factory=list)
    opened: list[Task] = field(default_factory=list)
    task_changes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    armed: list[ArmedTimer] = field(default_factory=list)
    disarmed: list[str] = field(default_factory=list)
    awaiting: list[AwaitedMessage] = field(default_factory=list)
    unawaited: list[str] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    personal: dict[str, Json] = field(default_factory=dict)
    outbox: list[NewDelivery] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    idempotency: StoredAnswer | None = None


def unmoved_step(locked: LockedCase) -> StepWrite:
    """The step of an act that leaves the diagram where it is; its rows are still to be added."""
    case, process = locked.case, locked.process
    return StepWrite(
        case_id=case.id,
        seen_version=case.version,
        last_seq=case.last_seq,
        head_hash=case.head_hash,
        running_id=process.id,
        marking=process.marking,
        data=process.data,
        before=case,
        process_state=cast("ProcessState", process.state),
        next_due=process.next_due,
        ended_at=process.ended_at,
    )


class WrittenStep(NamedTuple):
    """The state of the case after the write, for the next step of the same transaction."""

    version: int
    last_seq: int
    head_hash: str


def write_step(session: Session, step: StepWrite) -> WrittenStep:
    """Write one step: one statement on PostgreSQL, a few on SQLite.

    Raises Conflict, at the latest with the commit, when the case is no longer at `seen_version`;
    nothing is written then.
    """
    told, kept = _apart(step)
    events, last_seq, head_hash = chain(told, last_seq=step.last_seq, head_hash=step.head_hash)
    case = CASE_CHANGES.row(step.case_changes)
    case |= changed_words(session, step.case_id, step.case_changes)
    if events:
        case |= {"last_seq": last_seq, "head_hash": head_hash}
    rows = StepRows(
        case_id=step.case_id,
        seen_version=step.seen_version,
        running_id=step.running_id,
        case=case,
        process={
            "marking": pack(step.marking),
            "data": pack_text(step.data),
            "state": step.process_state,
            "next_due": optional_text(step.next_due),
            "ended_at": optional_text(step.ended_at),
        },
        parts=_parts(step, events, kept),
        tasks=[*_closed(step), *_task_changes(step)],
    )
    message = "案件已有新的变化，请刷新后再办理。"
    refused = partial(Conflict, message, code="case_changed", case_id=step.case_id)
    write(session, rows, refused=refused)
    if "area_code" in step.case_changes:
        _place_tasks(session, step.case_id, step.case_changes["area_code"])
    return WrittenStep(step.seen_version + 1, last_seq, head_hash)


def _place_tasks(session: Session, case_id: int, area_code: str) -> None:
    """Move the open tasks to where the case now lies: lists and boards find them by their area."""
    moved = update(task).where(task.c.case_id == case_id, task.c.state == "open")
    session.execute(moved.values(area_code=area_code))


def _apart(step: StepWrite) -> tuple[list[NewEvent], list[Value]]:
    """The entries with digests in the place of personal values, and those values."""
    if not step.personal:
        return step.events, []
    told, kept = [], []
    for seq, event in enumerate(step.events, start=step.last_seq + 1):
        data, values = conceal(event.data, step.personal, seq=seq)
        told.append(event._replace(data=data))
        kept += values
    return told, kept


def _parts(step: StepWrite, events: Rows, kept: list[Value]) -> dict[str, Rows]:
    parts: dict[str, Rows] = {
        "opened": [_task_row(opened) for opened in step.opened],
        # What is armed again must not be deleted in the same statement: neither half of a
        # PostgreSQL statement sees what the other did.
        "disarmed": _elements(step.disarmed, but=[armed.element for armed in step.armed]),
        "armed": [
            {"element": armed.element, "due_at": to_text(armed.due_at), "kind": armed.kind}
            for armed in step.armed
        ],
        "unawaited": _elements(step.unawaited, but=[awaited.element for awaited in step.awaiting]),
        "awaiting": [
            {"element": awaited.element, "name": awaited.name, "correlation": awaited.correlation}
            for awaited in step.awaiting
        ],
        "events": [_event_row(event) for event in events],
        "personal": [
            {**one._asdict(), "path": canonical(one.path), "value": canonical(one.value)}
            for one in kept
        ],
        "feed": [
            _published_row(event)
            for event in list_published(step.before, step.case_changes, step.events)
        ],
        "outbox": [_delivery_row(one) for one in step.outbox],
        "messages": [_message_row(message) for message in step.messages],
        "idempotency": [] if step.idempotency is None else [_answer_row(step.idempotency)],
    }
    return {name: rows for name, rows in parts.items() if rows}


_opened = attrgetter(*OPENED_TASK)


def _task_row(new: Task) -> dict[str, Json]:
    return {
        name: value if value is None or write is None else write(value)
        for (name, write), value in zip(OPENED_TASK.items(), _opened(new), strict=True)
    }


def _event_row(event: Mapping[str, Json]) -> dict[str, Json]:
    return {
        **event,
        "data": pack_text(event["data"]),
        "previous": bytes.fromhex(event["previous"]),
        "hash": bytes.fromhex(event["hash"]),
    }


def _published_row(event: Published) -> dict[str, Json]:
    return {
        "at": to_text(event.at),
        "kind": event.kind,
        "subject": event.subject,
        "data": canonical(event.data),
    }


def _delivery_row(delivery: NewDelivery) -> dict[str, Json]:
    return {
        "key": delivery.key,
        "channel": delivery.channel,
        "receiver": delivery.receiver,
        "template": delivery.template,
        "payload": canonical(delivery.payload),
        "next_at": to_text(delivery.at),
        "created_at": to_text(delivery.at),
    }


def _message_row(message: NewMessage) -> dict[str, Json]:
    return {
        "name": message.name,
        "correlation": message.correlation,
        "payload": canonical(message.payload),
        "created_at": to_text(message.at),
        "expires_at": optional_text(message.expires_at),
    }


def _answer_row(answer: StoredAnswer) -> dict[str, Json]:
    return {
        "actor": answer.actor,
        "key": answer.key,
        "body_hash": answer.body_hash,
        "status": answer.status,
        "answer": pack_text(answer.answer),
        "created_at": to_text(answer.at),
    }


def _elements(elements: Sequence[str], *, but: Sequence[str]) -> Rows:
    return [{"element": element} for element in elements if element not in but]


def _closed(step: StepWrite) -> Rows:
    return [
        {
            "token": closed_task.token,
            "state": closed_task.state,
            "closed_at": to_text(closed_task.at),
            "closed_by": closed_task.by,
        }
        for closed_task in step.closed
    ]


def _task_changes(step: StepWrite) -> Rows:
    closed = {closed_task.token for closed_task in step.closed}
    rows: Rows = []
    for token, changes in step.task_changes:
        if token in closed:
            message = f"task {token} is closed and changed in one step"
            raise ValueError(message)
        rows.append({"token": token, **TASK_CHANGES.row(changes)})
    return rows
