"""Messages between cases, by name and correlation; who waits for what is written in `steps`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, insert, or_, select, update

from storage.cases.steps import NewMessage
from storage.database.session import Session
from storage.moments import Json
from storage.tables import awaited_message, message


@dataclass(frozen=True, slots=True)
class WaitingProcess:
    """An element of a running process that waits for a message."""

    running_id: int
    element: str
    case_id: int
    name: str
    correlation: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message somebody waits for, and who."""

    id: int
    name: str
    correlation: str
    payload: dict[str, Json]
    from_case: int | None
    waiting: WaitingProcess


_WAITING_FIELDS = (
    awaited_message.c.running_id,
    awaited_message.c.element,
    awaited_message.c.case_id,
    awaited_message.c.name,
    awaited_message.c.correlation,
)
_WAITING: Select[Any] = (
    select(*_WAITING_FIELDS)
    .where(
        awaited_message.c.name == bindparam("name"),
        awaited_message.c.correlation == bindparam("correlation"),
    )
    .order_by(awaited_message.c.running_id, awaited_message.c.element)
)
_OF_CASE: Select[Any] = (
    select(*_WAITING_FIELDS)
    .where(awaited_message.c.case_id == bindparam("case_id"))
    .order_by(awaited_message.c.running_id, awaited_message.c.element)
)
_ARRIVED: Select[Any] = (
    select(
        message.c.id,
        message.c.name,
        message.c.correlation,
        message.c.payload,
        message.c.from_case,
        awaited_message.c.running_id,
        awaited_message.c.element,
        awaited_message.c.case_id,
    )
    .join(
        awaited_message,
        and_(
            awaited_message.c.name == message.c.name,
            awaited_message.c.correlation == message.c.correlation,
        ),
    )
    .where(
        message.c.delivered_at.is_(None),
        or_(message.c.expires_at.is_(None), message.c.expires_at > bindparam("now")),
    )
    .order_by(message.c.id, awaited_message.c.running_id, awaited_message.c.element)
    .limit(bindparam("most"))
)


def add_message(session: Session, new: NewMessage, *, from_case: int | None = None) -> int:
    """Store a message until a receiver waits for it or it expires; return its id."""
    made = session.execute(
        insert(message)
        .values(
            name=new.name,
            correlation=new.correlation,
            payload=dict(new.payload),
            from_case=from_case,
            created_at=new.at,
            expires_at=new.expires_at,
        )
        .returning(message.c.id)
    )
    return int(made.scalar_one())


def list_waiting(session: Session, *, name: str, correlation: str) -> list[WaitingProcess]:
    """List who waits for a message."""
    rows = session.execute(_WAITING, {"name": name, "correlation": correlation})
    return [WaitingProcess(*row) for row in rows]


def list_waiting_of(session: Session, case_id: int) -> list[WaitingProcess]:
    """List the messages a case waits for."""
    return [WaitingProcess(*row) for row in session.execute(_OF_CASE, {"case_id": case_id})]


def list_arrived(session: Session, *, now: datetime, limit: int = 100) -> list[Arrived]:
    """List messages kept that somebody waits for by now, oldest first."""
    rows = session.execute(_ARRIVED, {"now": now, "most": limit})
    return [
        Arrived(
            row.id,
            row.name,
            row.correlation,
            row.payload,
            row.from_case,
            WaitingProcess(row.running_id, row.element, row.case_id, row.name, row.correlation),
        )
        for row in rows
    ]


def mark_delivered(session: Session, message_id: int, *, at: datetime) -> bool:
    """Take a message as delivered in the step it moves; False when somebody was faster."""
    taken = session.execute(
        update(message)
        .where(message.c.id == message_id, message.c.delivered_at.is_(None))
        .values(delivered_at=at)
    )
    return bool(taken.rowcount)


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A message whose time is over."""

    id: int
    name: str
    correlation: str
    from_case: int | None


_EXPIRED = (
    select(message.c.id)
    .where(message.c.delivered_at.is_(None), message.c.expires_at <= bindparam("now"))
    .order_by(message.c.id)
    .limit(bindparam("most"))
)
_TAKE = (
    update(message)
    .where(message.c.id.in_(_EXPIRED), message.c.delivered_at.is_(None))
    .values(delivered_at=bindparam("now"))
    .returning(message.c.id, message.c.name, message.c.correlation, message.c.from_case)
)


def take_expired(session: Session, *, now: datetime, limit: int = 100) -> list[Unclaimed]:
    """Remove expired messages and return each of them once, for the report."""
    rows = session.execute(_TAKE, {"now": now, "most": limit}).all()
    return sorted((Unclaimed(*row) for row in rows), key=lambda waiting: waiting.id)
