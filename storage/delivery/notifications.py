"""The message box of officers: notifications, and when they were read and acknowledged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, not_, select, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.tables import case_, notification, officer

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification in a message box."""

    id: int
    key: str
    officer_id: int
    case_id: int | None
    template: str
    payload: dict[str, Json]
    created_at: datetime
    read_at: datetime | None
    acknowledged_at: datetime | None
    title: str | None
    """Of its case."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """An officer and where else than in the box they are reached."""

    officer_id: int
    username: str
    email: str | None
    phone: str | None


_FIELDS = (
    *(notification.c[name] for name in ("id", "key", "officer_id", "case_id", "template")),
    *(notification.c[name] for name in ("payload", "created_at", "read_at", "acknowledged_at")),
    case_.c.title,
)
_LISTED = select(*_FIELDS).join(case_, case_.c.id == notification.c.case_id, isouter=True)


def list_addressees(
    session: Session, officer_ids: Iterable[int], *, case_id: int | None
) -> list[Addressee]:
    """List the addresses of these officers; deactivated accounts get no notifications.

    A business gets none of a case about itself, whatever post it holds (R54).
    """
    own = exists().where(case_.c.id == case_id, case_.c.business_id == officer.c.business_id)
    question = select(officer.c.id, officer.c.username, officer.c.email, officer.c.phone).where(
        officer.c.id.in_(sorted(set(officer_ids))), officer.c.active, not_(own)
    )
    return [Addressee(*row) for row in session.execute(question.order_by(officer.c.id))]


def put_address(session: Session, officer_id: int, *, email: str | None, phone: str | None) -> None:
    """Keep where an officer is reached."""
    session.execute(
        update(officer).where(officer.c.id == officer_id).values(email=email, phone=phone)
    )


def find_address(session: Session, officer_id: int) -> tuple[str | None, str | None]:
    """Find the mail address and the telephone number of an officer."""
    question = select(officer.c.email, officer.c.phone).where(officer.c.id == officer_id)
    row = session.execute(question).one()
    return row.email, row.phone


def add_notification(
    session: Session,
    officer_id: int,
    *,
    key: str,
    case_id: int | None,
    template: str,
    payload: Mapping[str, Any],
    at: datetime,
) -> bool:
    """Put a notification into a box; False when it is there already."""
    is_there = select(notification.c.id).where(
        notification.c.officer_id == officer_id, notification.c.key == key
    )
    if session.execute(is_there).first() is not None:
        return False
    session.execute(
        insert(notification).values(
            key=key,
            officer_id=officer_id,
            case_id=case_id,
            template=template,
            payload=dict(payload),
            created_at=at,
        )
    )
    return True


def list_notifications(
    session: Session,
    officer_id: int,
    *,
    unread: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Notification]:
    """List the box of an officer, the newest first."""
    limit = clamped(limit)
    question = _LISTED.where(notification.c.officer_id == officer_id)
    if unread:
        question = question.where(notification.c.read_at.is_(None))
    if cursor is not None:
        question = question.where(notification.c.id < read_cursor(cursor, [int])[0])
    question = question.order_by(notification.c.id.desc()).limit(limit + 1)
    rows = [Notification(*row) for row in session.execute(question)]
    return page_of(rows, limit, lambda one: [one.id])


def get_notification(session: Session, officer_id: int, ident: int) -> Notification:
    """Get a notification of an officer; NotFound when it is not in their box."""
    question = _LISTED.where(notification.c.id == ident, notification.c.officer_id == officer_id)
    row = session.execute(question).first()
    if row is None:
        message = "没有这条消息。"
        raise NotFound(message, code="message_not_found")
    return Notification(*row)


def mark_read(session: Session, officer_id: int, *, at: datetime, ident: int | None = None) -> int:
    """Write when a notification, or all of a box, was read; the first time counts."""
    question = update(notification).where(
        notification.c.officer_id == officer_id, notification.c.read_at.is_(None)
    )
    if ident is not None:
        question = question.where(notification.c.id == ident)
    return int(session.execute(question.values(read_at=at)).rowcount)


def mark_acknowledged(session: Session, ident: int, *, at: datetime) -> bool:
    """Write when a notification was acknowledged; False when it was before."""
    question = update(notification).where(
        notification.c.id == ident, notification.c.acknowledged_at.is_(None)
    )
    return bool(session.execute(question.values(acknowledged_at=at)).rowcount)
