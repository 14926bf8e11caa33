"""Businesses that may be one and the same: of one village or one telephone, each pair once."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, select

from storage.database.session import Session
from storage.people.scope import under_areas
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry.reviews import NewReview
from storage.tables import business

_MOST_QUESTIONS: Final = 3
_VILLAGES_AT_ONCE: Final = 200
"""A condition of a thousand parts is more than SQLite takes."""


class Comparable(NamedTuple):
    """What two businesses are compared by."""

    id: int
    name: str
    name_key: str | None
    phone: str | None
    area_code: str
    credit_code: str | None


_FIELDS = tuple(business.c[name] for name in Comparable._fields)


def find_duplicates(session: Session, made: Sequence[int], *, alike_from: int) -> list[NewReview]:
    """Compare new businesses with those of their villages; return the questions to a keeper.

    Names are alike from so many of 100 on.

    Those of the same telephone are compared wherever they are: a shop moves with its operator.
    Two credit codes are two businesses: one with a code is compared with those without only, so
    that an official list reads few of them, however many are registered.
    """
    rows = session.execute(select(*_FIELDS).where(business.c.id.in_(list(made))))
    new = [Comparable(*row) for row in rows]
    coded = [each for each in new if each.credit_code is not None]
    uncoded = [each for each in new if each.credit_code is None]
    without_code = _by_village(session, coded, business.c.credit_code.is_(None))
    everyone = _by_village(session, uncoded)
    by_phone = _by_phone(session, new)
    return [
        question
        for some, others in ((coded, without_code), (uncoded, everyone))
        for each in some
        for question in _questions(
            each,
            (*others.get(_village(each), ()), *by_phone.get(each.phone or "", ())),
            alike_from,
        )
    ]


def _by_phone(session: Session, new: Iterable[Comparable]) -> dict[str, list[Comparable]]:
    phones = {each.phone for each in new if each.phone}
    question = select(*_FIELDS).where(
        business.c.phone.in_(phones), business.c.merged_into.is_(None)
    )
    found: dict[str, list[Comparable]] = {}
    for row in session.execute(question):
        found.setdefault(row.phone, []).append(Comparable(*row))
    return found


def _village(each: Comparable) -> str:
    return each.area_code[: CODE_LENGTHS[AreaLevel.VILLAGE]]


def _by_village(
    session: Session, new: Iterable[Comparable], *only: ColumnElement[bool]
) -> dict[str, list[Comparable]]:
    """Read the businesses of the villages of some, with those of a few villages at a time."""
    found: dict[str, list[Comparable]] = {}
    villages = sorted({_village(each) for each in new})
    for start in range(0, len(villages), _VILLAGES_AT_ONCE):
        inside = under_areas(business.c.area_code, villages[start : start + _VILLAGES_AT_ONCE])
        question = select(*_FIELDS).where(inside, business.c.merged_into.is_(None), *only)
        for row in session.execute(question):
            other = Comparable(*row)
            found.setdefault(_village(other), []).append(other)
    return found


def _questions(new: Comparable, others: Iterable[Comparable], alike_from: int) -> list[NewReview]:
    found: list[NewReview] = []
    for other in {other.id: other for other in others}.values():
        reason = None if other.id == new.id else _reason(new, other, alike_from)
        if reason is not None:
            first, second = sorted((new.id, other.id))
            key = f"duplicate:{first}:{second}"
            found.append(NewReview("duplicate", key, first, reason, other_id=second))
    return found[:_MOST_QUESTIONS]


def _reason(new: Comparable, other: Comparable, alike_from: int) -> dict[str, Any] | None:
    # Two credit codes are two businesses, whatever they are called.
    if None not in {new.credit_code, other.credit_code}:
        return None
    names = {"names": [other.name, new.name]}
    if new.name_key and new.name_key == other.name_key:
        return {**names, "reason": "same_name"}
    if new.phone and new.phone == other.phone:
        return {**names, "reason": "same_phone"}
    likeness = fuzz.ratio(new.name_key or new.name, other.name_key or other.name)
    if likeness >= alike_from:
        return {**names, "reason": "similar_name", "likeness": round(likeness)}
    return None
