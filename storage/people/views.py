"""Saved views: how somebody wants their inbox filtered and sorted, under a name of their own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from storage.database.session import Session
from storage.errors import NotFound, Refused
from storage.tables import saved_view

MOST_VIEWS = 20


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view; `query` is the query of the inbox's address."""

    id: int
    name: str
    query: str


_FIELDS = (saved_view.c.id, saved_view.c.name, saved_view.c.query)


def list_views(session: Session, officer_id: int) -> list[SavedView]:
    """List the views of an officer, the oldest first."""
    question = select(*_FIELDS).where(saved_view.c.officer_id == officer_id)
    return [SavedView(*row) for row in session.execute(question.order_by(saved_view.c.id))]


def put_view(
    session: Session, officer_id: int, *, name: str, query: str, at: datetime
) -> SavedView:
    """Keep a view; one of the same name is replaced.

    Raises:
        Refused: there are as many as anybody may have.
    """
    is_theirs = (saved_view.c.officer_id == officer_id, saved_view.c.name == name)
    kept = session.execute(update(saved_view).where(*is_theirs).values(query=query))
    if not kept.rowcount:
        _require_room(session, officer_id)
        values = {"officer_id": officer_id, "name": name, "query": query, "created_at": at}
        session.execute(insert(saved_view).values(**values))
    return SavedView(*session.execute(select(*_FIELDS).where(*is_theirs)).one())


def remove_view(session: Session, officer_id: int, view_id: int) -> None:
    """Remove a view of an officer; NotFound when it is not theirs."""
    gone = session.execute(
        delete(saved_view).where(saved_view.c.id == view_id, saved_view.c.officer_id == officer_id)
    )
    if not gone.rowcount:
        message = "没有这个常用视图。"
        raise NotFound(message, code="view_not_found")


def _require_room(session: Session, officer_id: int) -> None:
    question = select(func.count()).where(saved_view.c.officer_id == officer_id)
    if session.execute(question).scalar_one() >= MOST_VIEWS:
        message = f"常用视图最多 {MOST_VIEWS} 个，请先删除一个。"
        raise Refused(message, code="too_many_views")
