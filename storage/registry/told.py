"""Cases about a business that wait to be told how the registry has changed."""

from typing import NamedTuple

from sqlalchemy import and_, or_, select

from storage.database.session import Session
from storage.tables import awaited_message, business, case_


class ToBeTold(NamedTuple):
    """An element of a running case that waits for what its business has become."""

    running_id: int
    element: str
    message: str


REOPENED = "reopened"
DEREGISTERED = "deregistered"
SETTLED = "settled"
"""Either of the two: an event gateway waits for one message."""


def find_open_case(session: Session, business_id: int, kind: str) -> str | None:
    """Find the number of the open case of a kind about a business."""
    question = select(case_.c.number).where(
        case_.c.business_id == business_id, case_.c.kind == kind, case_.c.status == "open"
    )
    return session.execute(question.limit(1)).scalar()


def list_to_be_told(
    session: Session, kind: str, *, business_id: int | None = None, limit: int = 500
) -> list[ToBeTold]:
    """List who waits for a business to trade again or to be deregistered, which it is by now."""
    name = awaited_message.c.name
    is_so = or_(
        and_(name.in_((REOPENED, SETTLED)), business.c.status == "operating"),
        and_(name.in_((DEREGISTERED, SETTLED)), business.c.status == "deregistered"),
    )
    question = (
        select(awaited_message.c.running_id, awaited_message.c.element, name)
        .join(case_, case_.c.id == awaited_message.c.case_id)
        .join(business, business.c.id == case_.c.business_id)
        .where(case_.c.kind == kind, case_.c.status == "open", is_so)
        .order_by(awaited_message.c.running_id, awaited_message.c.element)
        .limit(limit)
    )
    if business_id is not None:
        question = question.where(business.c.id == business_id)
    return [ToBeTold(*row) for row in session.execute(question)]
