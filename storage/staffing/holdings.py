"""Dated holdings: who holds a post from when to when, appointed by whom; rules are in handlers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, update

from storage.cases.tasks import task_key
from storage.database.session import Session
from storage.errors import NotFound
from storage.tables import case_, holding, officer, post, task

Kind = Literal["main", "acting", "substitute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHolding:
    """Somebody about to hold a post; `until` is when they no longer do."""

    post_id: str
    officer_id: int
    since: datetime
    until: datetime | None = None
    kind: Kind = "main"
    appointed_by: int | None = None
    document: str | None = None
    stands_in_for: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """A post in the hands of an officer, with names as they are shown."""

    id: int
    post_id: str
    role: str
    place: str
    title: str
    officer_id: int
    name: str
    since: datetime
    until: datetime | None
    kind: Kind
    appointed_by: int | None
    document: str | None
    ended_reason: str | None
    stands_in_for: int | None

    def is_current(self, at: datetime) -> bool:
        """Return whether it is held at a moment."""
        return self.since <= at and (self.until is None or self.until > at)


@dataclass(frozen=True, slots=True)
class Claim:
    """An open task somebody has taken for themselves."""

    key: str
    case_number: str
    title: str
    label: str


_FIELDS = (
    holding.c.id,
    post.c.id,
    post.c.role,
    post.c.place,
    post.c.title,
    officer.c.id,
    officer.c.display_name,
    holding.c.since,
    holding.c.until,
    holding.c.kind,
    holding.c.appointed_by,
    holding.c.document,
    holding.c.ended_reason,
    holding.c.stands_in_for,
)
_HOLDINGS: Select[Any] = (
    select(*_FIELDS)
    .select_from(holding)
    .join(post, post.c.id == holding.c.post_id)
    .join(officer, officer.c.id == holding.c.officer_id)
)


def lock_post(session: Session, post_id: str) -> None:
    """Lock a post for a change of its holders."""
    session.execute(select(post.c.id).where(post.c.id == post_id).with_for_update()).first()


def get_holding(session: Session, holding_id: int) -> Holding:
    """Get a holding by id; NotFound otherwise."""
    row = session.execute(_HOLDINGS.where(holding.c.id == holding_id)).first()
    if row is None:
        raise NotFound("没有这条任职记录，或者您无权查看。", code="holding_not_found")
    return Holding(*row)


def list_holdings(
    session: Session,
    *,
    post_ids: Iterable[str] | None = None,
    officer_ids: Iterable[int] | None = None,
    overlapping: tuple[datetime, datetime | None] | None = None,
) -> list[Holding]:
    """List holdings of posts or officers, of all times or those that overlap a period."""
    question = _HOLDINGS.order_by(holding.c.since, holding.c.id)
    if post_ids is not None:
        question = question.where(holding.c.post_id.in_(sorted(set(post_ids))))
    if officer_ids is not None:
        question = question.where(holding.c.officer_id.in_(sorted(set(officer_ids))))
    if overlapping is not None:
        question = question.where(overlaps(holding.c.since, holding.c.until, *overlapping))
    return [Holding(*row) for row in session.execute(question)]


def overlaps(
    begins: ColumnElement[Any],
    ends: ColumnElement[Any],
    since: datetime,
    until: datetime | None,
) -> ColumnElement[bool]:
    """Filter periods of a table that share a moment with this one; no end is for ever."""
    later = or_(ends.is_(None), ends > since)
    return later if until is None else and_(later, begins < until)


def add_holding(session: Session, new: NewHolding) -> int:
    """Let an officer hold a post for a time; return the id of the holding."""
    values = {name: getattr(new, name) for name in NewHolding.__slots__}
    made = session.execute(insert(holding).values(**values).returning(holding.c.id))
    return int(made.scalar_one())


def end_holding(
    session: Session, holding_id: int, *, until: datetime | None, reason: str | None
) -> None:
    """End a holding at a moment; None lets it go on."""
    session.execute(
        update(holding).where(holding.c.id == holding_id).values(until=until, ended_reason=reason)
    )


def list_claims(session: Session, officer_id: int, post_id: str | None = None) -> list[Claim]:
    """List the open tasks an officer has taken, of one post or of all."""
    question = (
        select(task.c.running_id, task.c.token, case_.c.number, case_.c.title, task.c.label)
        .join(case_, case_.c.id == task.c.case_id)
        .where(task.c.state == "open", task.c.officer_id == officer_id)
        .order_by(task.c.due_at, task.c.running_id, task.c.token)
    )
    if post_id is not None:
        question = question.where(task.c.post_id == post_id)
    return [
        Claim(task_key(running_id, token), number, title, label)
        for running_id, token, number, title, label in session.execute(question)
    ]


def count_open_of(session: Session, post_id: str) -> int:
    """Count the open tasks that wait for a post."""
    question = select(func.count()).select_from(task)
    return int(
        session.execute(
            question.where(task.c.state == "open", task.c.post_id == post_id)
        ).scalar_one()
    )
