"""What a keeper of the registry decides: conflicts, duplicates; each question is asked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, or_, select, update

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.errors import NotFound
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import review_item


@dataclass(frozen=True, slots=True)
class NewReview:
    """A question; `proposals` holds what is registered and what is proposed, with its source."""

    kind: str
    key: str
    business_id: int
    proposals: dict[str, Any]
    field: str | None = None
    other_id: int | None = None
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A question with what was decided."""

    id: int
    kind: str
    business_id: int
    other_id: int | None
    field: str | None
    proposals: dict[str, Any]
    state: str
    choice: str | None
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime


_LONGEST_KEY: Final = 400
_SHOWN = tuple(review_item.c[name] for name in Review.__slots__)


def conflict(
    business_id: int,
    field: str,
    both: Mapping[str, Any],
    *,
    source: str,
    batch_id: int | None = None,
) -> NewReview:
    """Make the question about a field that a source states differently, asked once per value."""
    key = f"conflict:{business_id}:{field}:{source}:{both['proposed']}"[:_LONGEST_KEY]
    proposals = {**both, "source": source}
    return NewReview("conflict", key, business_id, proposals, field=field, batch_id=batch_id)


def add_reviews(session: Session, reviews: Sequence[NewReview], *, at: datetime) -> int:
    """Add the questions that were not asked yet; return their number."""
    fresh = {review.key: review for review in reviews}
    known = select(review_item.c.key).where(review_item.c.key.in_(list(fresh)))
    for key in session.execute(known).scalars().all():
        fresh.pop(key)
    values: list[Mapping[str, Any]] = [
        {
            **{name: getattr(review, name) for name in NewReview.__slots__},
            "state": "open",
            "created_at": at,
        }
        for review in fresh.values()
    ]
    if values:
        session.execute(insert(review_item), values)
    return len(values)


def get_review(session: Session, review_id: int) -> Review:
    """Get a question, locked against a second decision; NotFound otherwise."""
    question = select(*_SHOWN).where(review_item.c.id == review_id).with_for_update()
    row = session.execute(question).first()
    if row is None:
        message = "没有这个待核对事项。"
        raise NotFound(message, code="review_not_found")
    return Review(*row)


def list_reviews(
    session: Session,
    *,
    kind: str | None = None,
    state: str = "open",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Review]:
    """List questions by kind, oldest first."""
    question = select(*_SHOWN).where(review_item.c.state == state)
    if kind is not None:
        question = question.where(review_item.c.kind == kind)
    return page_by_id(
        session,
        question,
        review_item.c.id,
        by_place(Review),
        cursor=cursor,
        limit=limit,
        oldest_first=True,
    )


def count_open(session: Session) -> dict[str, int]:
    """Count the open questions by kind."""
    question = select(review_item.c.kind, func.count()).where(review_item.c.state == "open")
    return {row[0]: row[1] for row in session.execute(question.group_by(review_item.c.kind))}


def decide_review(session: Session, review_id: int, choice: str, *, by: str, at: datetime) -> None:
    """Write what was decided."""
    session.execute(
        update(review_item)
        .where(review_item.c.id == review_id)
        .values(state="decided", choice=choice, decided_by=by, decided_at=at)
    )


def withdraw_reviews(session: Session, business_id: int, batch_id: int) -> None:
    """Remove the open questions a batch asked about a business; what was decided stays."""
    session.execute(
        delete(review_item).where(
            review_item.c.business_id == business_id,
            review_item.c.batch_id == batch_id,
            review_item.c.state == "open",
        )
    )


def forget_reviews(session: Session, business_id: int) -> None:
    """Remove the questions about a business that is removed itself."""
    about = or_(review_item.c.business_id == business_id, review_item.c.other_id == business_id)
    session.execute(delete(review_item).where(about))
