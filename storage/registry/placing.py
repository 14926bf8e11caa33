"""Businesses that stand nowhere: neither a position nor an area smaller than a village."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select, update

from storage.database.session import Session
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry.businesses import NewBusiness
from storage.registry.completeness import stands_nowhere
from storage.registry.reviews import NewReview
from storage.tables import business, review_item

UNPLACED: Final = "unplaced"
OF_AREA: Final = "of_area"
"""Marks a question about all businesses of an area instead of one."""
_PLACED: Final = "2"
_AREAS_AT_ONCE: Final = 200
"""A condition of a thousand parts is more than SQLite takes."""


def is_placed(*, lat: float | None, area_code: str) -> bool:
    """Whether somebody finds the way to a business."""
    return lat is not None or len(area_code) > CODE_LENGTHS[AreaLevel.VILLAGE]


def ask_where(business_id: int, new: NewBusiness, source: str) -> list[NewReview]:
    """Make the question where a business entered by hand stands, if nobody said."""
    if is_placed(lat=new.lat, area_code=new.area_code):
        return []
    proposals = {"area_code": new.area_code, "source": source}
    return [NewReview(UNPLACED, f"{UNPLACED}:{business_id}", business_id, proposals)]


def ask_where_all(
    made: Iterable[tuple[int, NewBusiness]], source: str, *, batch_id: int
) -> list[NewReview]:
    """Make one question an area for a list that says of no business where it stands.

    A list without positions brings thousands at once: who keeps the registry decides by village,
    and opens the businesses of one from there.
    """
    first = dict[str, int]()
    for business_id, new in made:
        if not is_placed(lat=new.lat, area_code=new.area_code):
            first.setdefault(new.area_code, business_id)
    return [
        NewReview(
            UNPLACED,
            f"{_of_area(area_code)}{batch_id}",
            business_id,
            {"area_code": area_code, "source": source, OF_AREA: True},
            batch_id=batch_id,
        )
        for area_code, business_id in first.items()
    ]


def settle_placed(
    session: Session, placed: Sequence[int], areas: Iterable[str], *, by: str, at: datetime
) -> None:
    """Close the questions about businesses with a place, and those of areas where none lacks one.

    `areas` are those in which the businesses stood before.
    """
    closed = [_about(area_code) for area_code in sorted(_complete(session, set(areas)))]
    if placed:
        closed.append(review_item.c.key.in_([f"{UNPLACED}:{each}" for each in placed]))
    for start in range(0, len(closed), _AREAS_AT_ONCE):
        _close(session, closed[start : start + _AREAS_AT_ONCE], _PLACED, by=by, at=at)


def leave_to_field(session: Session, area_code: str, choice: str, *, by: str, at: datetime) -> None:
    """Close the questions of all lists about an area with one decision."""
    _close(session, [_about(area_code)], choice, by=by, at=at)


def _complete(session: Session, areas: set[str]) -> set[str]:
    lacking = select(business.c.area_code).where(
        business.c.area_code.in_(areas), business.c.merged_into.is_(None), stands_nowhere()
    )
    return areas - set(session.execute(lacking.distinct()).scalars()) if areas else areas


def _of_area(area_code: str) -> str:
    return f"{UNPLACED}:{area_code}:"


def _about(area_code: str) -> ColumnElement[bool]:
    return review_item.c.key.startswith(_of_area(area_code), autoescape=True)


def _close(
    session: Session,
    about: Sequence[ColumnElement[bool]],
    choice: str,
    *,
    by: str,
    at: datetime,
) -> None:
    session.execute(
        update(review_item)
        .where(and_(review_item.c.kind == UNPLACED, review_item.c.state == "open"), or_(*about))
        .values(state="decided", choice=choice, decided_by=by, decided_at=at)
    )
