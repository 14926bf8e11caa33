"""Cases that could not go on: what was tried, what failed, who put it right."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, update

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import case_, incident

_MESSAGE_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Incident:
    """One failure of one case; `action` is what to do again."""

    id: int
    case_id: int | None
    running_id: int | None
    element: str | None
    action: Json
    error_code: str
    message: str
    attempts: int
    state: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: int | None
    case_number: str | None = None


_FIELDS = (
    incident.c.id,
    incident.c.case_id,
    incident.c.running_id,
    incident.c.element,
    incident.c.action,
    incident.c.error_code,
    incident.c.message,
    incident.c.attempts,
    incident.c.state,
    incident.c.created_at,
    incident.c.resolved_at,
    incident.c.resolved_by,
    case_.c.number,
)
_READ: Select[Any] = select(*_FIELDS).outerjoin(case_, case_.c.id == incident.c.case_id)


def add_incident(
    session: Session,
    *,
    action: Json,
    error_code: str,
    message: str,
    at: datetime,
    case_id: int | None = None,
    running_id: int | None = None,
    element: str | None = None,
) -> int:
    """Note a failure; an open incident of the same element counts one more attempt instead."""
    failure = {"action": action, "error_code": error_code, "message": message[:_MESSAGE_LENGTH]}
    if element is not None:
        again = session.execute(
            update(incident)
            .where(
                incident.c.state == "open",
                incident.c.case_id == case_id,
                incident.c.running_id == running_id,
                incident.c.element == element,
            )
            .values(**failure, attempts=incident.c.attempts + 1)
            .returning(incident.c.id)
        ).scalar()
        if again is not None:
            return int(again)
    made = session.execute(
        insert(incident)
        .values(
            **failure,
            case_id=case_id,
            running_id=running_id,
            element=element,
            attempts=1,
            state="open",
            created_at=at,
        )
        .returning(incident.c.id)
    )
    return int(made.scalar_one())


def get_incident(session: Session, incident_id: int) -> Incident:
    """Get an incident; NotFound otherwise."""
    row = session.execute(_READ.where(incident.c.id == incident_id)).first()
    if row is None:
        message = "没有这个故障记录。"
        raise NotFound(message, code="incident_not_found")
    return Incident(*row)


def list_incidents(
    session: Session,
    *,
    state: str | None = "open",
    case_id: int | None = None,
    error_code: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Incident]:
    """List incidents, newest first."""
    question = _READ
    if state is not None:
        question = question.where(incident.c.state == state)
    if case_id is not None:
        question = question.where(incident.c.case_id == case_id)
    if error_code is not None:
        question = question.where(incident.c.error_code == error_code)
    return page_by_id(
        session, question, incident.c.id, by_place(Incident), cursor=cursor, limit=limit
    )


def resolve(session: Session, incident_id: int, *, at: datetime, by: int | None = None) -> bool:
    """Note that the case goes on again; False when it was resolved before."""
    done = session.execute(
        update(incident)
        .where(incident.c.id == incident_id, incident.c.state == "open")
        .values(state="resolved", resolved_at=at, resolved_by=by)
    )
    return bool(done.rowcount)


def resolve_deliveries(
    session: Session, deliveries: Collection[int], *, at: datetime, by: int | None
) -> None:
    """Note that deliveries that were given up are tried again."""
    still_open = session.execute(
        select(incident.c.id, incident.c.action).where(incident.c.state == "open")
    )
    for row in still_open.all():
        if row.action["do"] == "delivery" and row.action["delivery"] in deliveries:
            resolve(session, row.id, at=at, by=by)


def note_once(
    session: Session, element: str, *, action: Json, error_code: str, message: str, at: datetime
) -> None:
    """Note a failure outside any case, unless it is open already."""
    known = select(incident.c.id).where(
        incident.c.state == "open", incident.c.running_id.is_(None), incident.c.element == element
    )
    if session.execute(known).first() is None:
        add_incident(
            session, action=action, error_code=error_code, message=message, at=at, element=element
        )


def resolve_element(session: Session, element: str, *, at: datetime) -> None:
    """Note that what failed outside any case goes on again."""
    session.execute(
        update(incident)
        .where(
            incident.c.state == "open",
            incident.c.running_id.is_(None),
            incident.c.element == element,
        )
        .values(state="resolved", resolved_at=at)
    )


def count_open(session: Session, *, error_code: str | None = None) -> int:
    """Count open incidents."""
    question = select(func.count()).where(incident.c.state == "open")
    if error_code is not None:
        question = question.where(incident.c.error_code == error_code)
    return int(session.execute(question.select_from(incident)).scalar_one())
