"""Businesses that stand nowhere: neither a position nor an area smaller than a village."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import update

from storage.database.session import Session
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry.businesses import NewBusiness
from storage.registry.reviews import NewReview
from storage.tables import review_item

UNPLACED: Final = "unplaced"
_PLACED: Final = "2"


def is_placed(*, lat: float | None, area_code: str) -> bool:
    """Whether somebody finds the way to a business."""
    return lat is not None or len(area_code) > CODE_LENGTHS[AreaLevel.VILLAGE]


def ask_where(
    business_id: int, new: NewBusiness, source: str, *, batch_id: int | None = None
) -> list[NewReview]:
    """Make the question where a new business stands, if nobody said; asked once."""
    if is_placed(lat=new.lat, area_code=new.area_code):
        return []
    proposals = {"area_code": new.area_code, "source": source}
    key = f"{UNPLACED}:{business_id}"
    return [NewReview(UNPLACED, key, business_id, proposals, batch_id=batch_id)]


def settle_placed(session: Session, placed: Sequence[int], *, by: str, at: datetime) -> None:
    """Close the question about businesses that have got their place by now."""
    if not placed:
        return
    session.execute(
        update(review_item)
        .where(
            review_item.c.kind == UNPLACED,
            review_item.c.state == "open",
            review_item.c.business_id.in_(placed),
        )
        .values(state="decided", choice=_PLACED, decided_by=by, decided_at=at)
    )
