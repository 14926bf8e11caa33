"""Businesses that may be one and the same: compared inside their village, each pair once."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz
from sqlalchemy import or_, select

from storage.database.session import Session
from storage.people.scope import under_area
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry.reviews import NewReview
from storage.tables import business

ALIKE_FROM: Final = 75
"""One wrong sign in a name of four is 75 of 100: lower finds strangers, higher misses typing."""
_MOST_QUESTIONS: Final = 3


class Comparable(NamedTuple):
    """What two businesses are compared by."""

    id: int
    name: str
    name_key: str | None
    phone: str | None
    area_code: str
    credit_code: str | None


_FIELDS = tuple(business.c[name] for name in Comparable._fields)


def find_duplicates(session: Session, made: Sequence[int]) -> list[NewReview]:
    """Compare new businesses with those of their villages; return the questions to a keeper."""
    rows = session.execute(select(*_FIELDS).where(business.c.id.in_(list(made))))
    new = [Comparable(*row) for row in rows]
    length = CODE_LENGTHS[AreaLevel.VILLAGE]
    villages = {each.area_code[:length] for each in new}
    ways = [under_area(business.c.area_code, village) for village in sorted(villages)]
    question = select(*_FIELDS).where(or_(*ways), business.c.merged_into.is_(None))
    by_village: dict[str, list[Comparable]] = {}
    for row in session.execute(question):
        by_village.setdefault(row.area_code[:length], []).append(Comparable(*row))
    return [
        question
        for each in new
        for question in _questions(each, by_village.get(each.area_code[:length], ()))
    ]


def _questions(new: Comparable, others: Iterable[Comparable]) -> list[NewReview]:
    found: list[NewReview] = []
    for other in others:
        reason = None if other.id == new.id else _reason(new, other)
        if reason is not None:
            first, second = sorted((new.id, other.id))
            key = f"duplicate:{first}:{second}"
            found.append(NewReview("duplicate", key, first, reason, other_id=second))
    return found[:_MOST_QUESTIONS]


def _reason(new: Comparable, other: Comparable) -> dict[str, Any] | None:
    # Two credit codes are two businesses, whatever they are called.
    if None not in {new.credit_code, other.credit_code}:
        return None
    names = {"names": [other.name, new.name]}
    if new.name_key and new.name_key == other.name_key:
        return {**names, "reason": "same_name"}
    if new.phone and new.phone == other.phone:
        return {**names, "reason": "same_phone"}
    likeness = fuzz.ratio(new.name_key or new.name, other.name_key or other.name)
    if likeness >= ALIKE_FROM:
        return {**names, "reason": "similar_name", "likeness": round(likeness)}
    return None
