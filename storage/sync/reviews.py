"""Records that fit several cases: a person decides which visit they are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, insert, select, update

from storage.database.paging import by_name, page_by_id
from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import sync_record, sync_review


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReview:
    """A record that waits for a person, and the cases it may be."""

    id: int
    record_id: int
    candidates: Json
    state: str
    created_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    decided_case: int | None


_REVIEWS: Final[Select[Any]] = select(*(sync_review.c[name] for name in SyncReview.__slots__))


def add_review(session: Session, record_id: int, candidates: Json, *, at: datetime) -> int:
    """Ask a person about a record."""
    values = {"record_id": record_id, "candidates": candidates, "state": "open", "created_at": at}
    made = session.execute(insert(sync_review).values(values).returning(sync_review.c.id))
    return int(made.scalar_one())


def get_review(session: Session, review_id: int) -> SyncReview:
    """Get a question; NotFound otherwise."""
    row = session.execute(_REVIEWS.where(sync_review.c.id == review_id)).mappings().first()
    if row is None:
        message = "没有这条待比对的记录。"
        raise NotFound(message, code="sync_review_not_found")
    return SyncReview(**row)


def list_reviews(
    session: Session,
    *,
    state: str | None = "open",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[SyncReview]:
    """List the questions, the oldest first."""
    question = _REVIEWS
    if state is not None:
        question = question.where(sync_review.c.state == state)
    return page_by_id(
        session,
        question,
        sync_review.c.id,
        by_name(SyncReview),
        cursor=cursor,
        limit=limit,
        oldest_first=True,
    )


def decide_review(
    session: Session,
    review_id: int,
    state: str,
    *,
    by: int | None,
    at: datetime,
    case_id: int | None = None,
) -> bool:
    """Close an open question; False when it was closed before."""
    done = session.execute(
        update(sync_review)
        .where(sync_review.c.id == review_id, sync_review.c.state == "open")
        .values(state=state, decided_by=by, decided_at=at, decided_case=case_id)
    )
    return bool(done.rowcount)


def withdraw_review(session: Session, record_id: int, *, at: datetime) -> None:
    """Close the open question of a record that was deleted over there."""
    session.execute(
        update(sync_review)
        .where(sync_review.c.record_id == record_id, sync_review.c.state == "open")
        .values(state="withdrawn", decided_at=at)
    )


def count_open_reviews(session: Session, source: str) -> int:
    """Count the open questions of a platform."""
    question = (
        select(func.count())
        .select_from(sync_review)
        .join(sync_record, sync_record.c.id == sync_review.c.record_id)
        .where(sync_review.c.state == "open", sync_record.c.source == source)
    )
    return int(session.execute(question).scalar_one())
