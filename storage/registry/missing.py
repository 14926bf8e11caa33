"""What a full list of a source no longer names: a question to a keeper, never the end of a shop."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Text, and_, cast, delete, exists, func, or_, select, update

from storage.database.session import Session
from storage.moments import in_china
from storage.registry.reviews import NewReview, add_reviews
from storage.tables import business, business_source, import_row, review_item

GONE: Final = "gone_from_source"
_COUNTY: Final = 6
_AT_ONCE: Final = 1_000


class _Missing(NamedTuple):
    id: int
    business_id: int
    external_id: str
    seen_on: str


def ask_about_missing(session: Session, source: str, batch_id: int, *, at: datetime) -> int:
    """Retire what a full list misses of its source, in the counties it names, and ask about it."""
    today, asked = in_china(at).date(), 0
    missing = list(_missing(session, source, batch_id))
    for start in range(0, len(missing), _AT_ONCE):
        some = missing[start : start + _AT_ONCE]
        ids = [one.id for one in some]
        session.execute(
            update(business_source).where(business_source.c.id.in_(ids)).values(retired_on=today)
        )
        questions = [_question(one, source, batch_id) for one in some]
        asked += add_reviews(session, questions, at=at)
    return asked


def restore_named(session: Session, source: str, batch_id: int) -> None:
    """Let a source speak again about the businesses a list names once more."""
    named = exists().where(
        import_row.c.batch_id == batch_id,
        import_row.c.subject == cast(business_source.c.business_id, Text),
        import_row.c.outcome != "refused",
    )
    session.execute(
        update(business_source)
        .where(business_source.c.kind == source, business_source.c.retired_on.is_not(None), named)
        .values(retired_on=None)
    )


def take_back_missing(session: Session, source: str, batch_id: int) -> None:
    """Undo what a list that is taken back found missing; its open questions are withdrawn."""
    asked = select(review_item.c.business_id).where(
        review_item.c.batch_id == batch_id, review_item.c.kind == GONE
    )
    session.execute(
        update(business_source)
        .where(business_source.c.kind == source, business_source.c.business_id.in_(asked))
        .values(retired_on=None)
    )
    session.execute(
        delete(review_item).where(
            review_item.c.batch_id == batch_id,
            review_item.c.kind == GONE,
            review_item.c.state == "open",
        )
    )


def _missing(session: Session, source: str, batch_id: int) -> Iterator[_Missing]:
    is_named = exists().where(
        import_row.c.batch_id == batch_id,
        or_(
            import_row.c.subject == cast(business.c.id, Text),
            import_row.c.subject == cast(business.c.merged_into, Text),
        ),
    )
    county = func.substr(business.c.area_code, 1, _COUNTY)
    counties = (
        select(county)
        .join(import_row, import_row.c.subject == cast(business.c.id, Text))
        .where(import_row.c.batch_id == batch_id, import_row.c.subject.is_not(None))
        .distinct()
    )
    is_there = and_(business_source.c.kind == source, business_source.c.retired_on.is_(None))
    question = (
        select(
            business_source.c.id,
            func.coalesce(business.c.merged_into, business.c.id),
            business_source.c.external_id,
            business_source.c.seen_on,
        )
        .join(business, business.c.id == business_source.c.business_id)
        .where(is_there, business.c.status != "deregistered", ~is_named)
        .where(county.in_(list(session.execute(counties).scalars())))
        .order_by(business_source.c.id)
    )
    for row in session.execute(question):
        yield _Missing(row[0], row[1], row[2], row[3].isoformat())


def _question(one: _Missing, source: str, batch_id: int) -> NewReview:
    proposals = {"source": source, "external_id": one.external_id, "seen_on": one.seen_on}
    key = f"gone:{one.business_id}:{source}:{batch_id}"
    return NewReview(GONE, key, one.business_id, proposals, batch_id=batch_id)
