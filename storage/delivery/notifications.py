"""The message box of officers: notifications, and when they were read and acknowledged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.delivery.notices import for_business
from storage.errors import NotFound
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.actors import Actor, load_actor
from storage.people.scope import about_itself, left_behind_at, not_about_itself, visible_case
from storage.tables import case_, notification, officer, task

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
    """Of its case as it is now; None when the officer no longer sees the case."""
    sees_case: bool
    """Whether they see the case it is about; not what they read as a former holder alone."""
    is_about_them: bool
    """Whether it is about the business they speak for: they read what it is told, no case."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """An officer and where else than in the box they are reached."""

    officer_id: int
    username: str
    email: str | None
    phone: str | None
    quiet_from: str | None
    quiet_to: str | None


_FIELDS = tuple(
    notification.c[name]
    for name in (
        *("id", "key", "officer_id", "case_id", "template"),
        *("payload", "created_at", "read_at", "acknowledged_at"),
    )
)
_ENTRY = func.coalesce(notification.c.case_id, -notification.c.id)
"""What stands together in a box: a case, or a notification about none."""

WITHDRAWN = "side_task_withdrawn"
"""The notice to who was asked beside a case: it has ended, no answer is needed any more."""

_OF_OFFICERS = select(
    *(officer.c[name] for name in ("id", "username", "email", "phone", "quiet_from", "quiet_to"))
)


def list_addressees(
    session: Session,
    officer_ids: Iterable[int],
    *,
    case_id: int | None,
    template: str,
    at: datetime,
) -> list[Addressee]:
    """List the addresses of these officers, but for those who may not know of the case.

    Deactivated accounts get no notifications, nor does who has left the post the case was seen
    from, nor a business of a case about itself (R54), except what the city lets it be told.
    """
    question = _OF_OFFICERS.where(officer.c.id.in_(sorted(set(officer_ids))), officer.c.active)
    active = [Addressee(*row) for row in session.execute(question.order_by(officer.c.id))]
    return [each for each in active if _may_know(session, each, case_id, template, at)]


def _may_know(
    session: Session, each: Addressee, case_id: int | None, template: str, at: datetime
) -> bool:
    if case_id is None:
        return True
    actor = load_actor(session, each.officer_id, at=at)
    may_know = visible_case(actor)
    if template in for_business():
        may_know = or_(may_know, about_itself(actor))
    if template == WITHDRAWN:
        may_know = or_(may_know, _was_asked(actor))
    question = select(case_.c.id).where(case_.c.id == case_id, may_know)
    return session.execute(question).first() is not None


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


def put_quiet_hours(
    session: Session, officer_id: int, *, quiet_from: str | None, quiet_to: str | None
) -> None:
    """Keep when an officer wants to be left alone; None leaves it to the city."""
    session.execute(
        update(officer)
        .where(officer.c.id == officer_id)
        .values(quiet_from=quiet_from, quiet_to=quiet_to)
    )


def find_quiet_hours(session: Session, officer_id: int) -> tuple[str | None, str | None]:
    """Find when an officer wants to be left alone; None where they left it to the city."""
    question = select(officer.c.quiet_from, officer.c.quiet_to).where(officer.c.id == officer_id)
    row = session.execute(question).one()
    return row.quiet_from, row.quiet_to


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
    actor: Actor,
    *,
    unread: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Notification]:
    """List the box of an officer, the newest first; what they may not know of is not there."""
    question = _box(actor)
    if unread:
        question = question.where(notification.c.read_at.is_(None))
    return page_by_id(
        session, question, notification.c.id, by_place(Notification), cursor=cursor, limit=limit
    )


def get_notification(session: Session, actor: Actor, ident: int) -> Notification:
    """Get a notification of an officer; NotFound when it is not in their box."""
    row = session.execute(_box(actor).where(notification.c.id == ident)).first()
    if row is None:
        message = "没有这条消息。"
        raise NotFound(message, code="message_not_found")
    return Notification(*row)


def list_by_case(
    session: Session,
    actor: Actor,
    *,
    unread: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[tuple[Notification, ...]]:
    """List the box of an officer with one entry a case, the one told of last first.

    Each holds its notifications, the newest first; what is about no case stands alone.
    """
    limit = clamped(limit)
    box = _box(actor).with_only_columns(
        notification.c.id, _ENTRY.label("entry"), notification.c.read_at
    )
    told = box.subquery()
    last = func.max(told.c.id)
    entries = select(told.c.entry, last).group_by(told.c.entry)
    if unread:
        entries = entries.having(func.count().filter(told.c.read_at.is_(None)) > 0)
    if cursor is not None:
        entries = entries.having(last < read_cursor(cursor, [int])[0])
    rows = session.execute(entries.order_by(last.desc()).limit(limit + 1)).all()
    if not rows:
        return Page((), None)
    wanted = _ENTRY.in_([row[0] for row in rows])
    groups: dict[int, list[Notification]] = {row[0]: [] for row in rows}
    for row in session.execute(_box(actor).where(wanted).order_by(notification.c.id.desc())):
        one = Notification(*row)
        groups[-one.id if one.case_id is None else one.case_id].append(one)
    return page_of([tuple(group) for group in groups.values()], limit, lambda group: [group[0].id])


def count_unread(session: Session, actor: Actor) -> int:
    """Count the entries of an officer's box that hold something unread, up to a hundred."""
    unread = _box(actor).where(notification.c.read_at.is_(None))
    entries = unread.with_only_columns(_ENTRY.label("entry")).distinct().limit(MOST_COUNTED)
    return int(session.execute(select(func.count()).select_from(entries.subquery())).scalar_one())


def _box(actor: Actor) -> Select[Any]:
    """The notifications of an officer that one rule of visibility leaves them.

    Who has left the post in which a case was theirs keeps what they were told until then.
    """
    sees = or_(notification.c.case_id.is_(None), visible_case(actor))
    title = case((sees, case_.c.title), else_=None)
    is_about_them = case((about_itself(actor), True), else_=False)
    is_withdrawn = and_(notification.c.template == WITHDRAWN, _was_asked(actor))
    is_told = and_(notification.c.template.in_(for_business()), about_itself(actor))
    return (
        select(*_FIELDS, title, sees, is_about_them)
        .join(case_, case_.c.id == notification.c.case_id, isouter=True)
        .where(
            notification.c.officer_id == actor.id,
            or_(sees, is_told, is_withdrawn, _told_before_leaving(actor)),
        )
    )


def _was_asked(actor: Actor) -> ColumnElement[bool]:
    """Asked beside a case that has ended: they know of the question, no longer of the case."""
    return exists().where(
        task.c.case_id == case_.c.id,
        task.c.state == "cancelled",
        task.c.lane == "named_post",
        task.c.post_id.in_(actor.post_ids),
    )


def _told_before_leaving(actor: Actor) -> ColumnElement[bool]:
    return and_(notification.c.created_at < left_behind_at(actor), not_about_itself(actor))


def mark_read(session: Session, officer_id: int, *, at: datetime, ident: int | None = None) -> int:
    """Write when a notification, or all of a box, was read; the first time counts."""
    question = update(notification).where(
        notification.c.officer_id == officer_id, notification.c.read_at.is_(None)
    )
    if ident is not None:
        question = question.where(notification.c.id == ident)
    return int(session.execute(question.values(read_at=at)).rowcount)


def mark_entry_read(session: Session, told: Notification, *, at: datetime) -> None:
    """Write when a notification, and with it what was told of the same case, was read."""
    mark_read(session, told.officer_id, at=at, ident=told.id)
    if told.case_id is not None:
        of_case = update(notification).where(
            notification.c.officer_id == told.officer_id,
            notification.c.case_id == told.case_id,
            notification.c.read_at.is_(None),
        )
        session.execute(of_case.values(read_at=at))


def mark_told(
    session: Session, officer_id: int, *, case_id: int, template: str, at: datetime
) -> int:
    """Write that an officer has read what they were told of a case under a template."""
    question = update(notification).where(
        notification.c.officer_id == officer_id,
        notification.c.case_id == case_id,
        notification.c.template == template,
        notification.c.read_at.is_(None),
    )
    return int(session.execute(question.values(read_at=at)).rowcount)


def mark_acknowledged(session: Session, ident: int, *, at: datetime) -> bool:
    """Write when a notification was acknowledged; False when it was before."""
    question = update(notification).where(
        notification.c.id == ident, notification.c.acknowledged_at.is_(None)
    )
    return bool(session.execute(question.values(acknowledged_at=at)).rowcount)


def count_delivered(session: Session, *, before: datetime) -> int:
    """Count the notifications that came into a box before a moment, read or not."""
    question = select(func.count()).where(notification.c.created_at < before)
    return int(session.execute(question).scalar_one())


def forget_delivered(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` of the notifications that came before a moment; return their number."""
    some = (
        select(notification.c.id)
        .where(notification.c.created_at < before)
        .order_by(notification.c.id)
        .limit(limit)
    )
    gone = session.execute(delete(notification).where(notification.c.id.in_(some)))
    return int(gone.rowcount)
