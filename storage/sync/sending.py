"""What is sent of a case to another platform, as it stands when it is sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select

from storage.database.session import Session
from storage.tables import business, case_, sync_record


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A case as another platform is told of it, with the id it has there, if any."""

    case_id: int
    number: str
    kind: str
    status: str
    outcome: str | None
    matter: str | None
    title: str
    description: str
    area_code: str
    opened_at: datetime
    closed_at: datetime | None
    public_result: str | None
    collector_post: str | None
    business_id: int | None
    business_name: str | None
    credit_code: str | None
    licence_number: str | None
    external_id: str | None
    origin: str | None


_CASE = tuple(
    case_.c[name]
    for name in (
        "number", "kind", "status", "outcome", "matter", "title", "description", "area_code",
        "opened_at", "closed_at", "public_result", "collector_post", "business_id",
    )
)  # fmt: skip


def find_outgoing(session: Session, source: str, number: str) -> Outgoing | None:
    """Find a case by its number, and which record of the platform it is."""
    theirs = (
        (sync_record.c.source == source)
        & (sync_record.c.subject_kind == "case")
        & (sync_record.c.subject_id == case_.c.id)
    )
    shop = (
        business.c.name.label("business_name"),
        business.c.credit_code,
        business.c.licence_number,
    )
    question = (
        select(
            case_.c.id.label("case_id"),
            *_CASE,
            *shop,
            sync_record.c.external_id,
            sync_record.c.origin,
        )
        .outerjoin(business, business.c.id == case_.c.business_id)
        .outerjoin(sync_record, theirs)
        .where(case_.c.number == number)
        # What we created there is what is changed, also beside a record of theirs of that visit.
        .order_by(case((sync_record.c.origin == "ours", 0), else_=1), sync_record.c.id)
    )
    row = session.execute(question).mappings().first()
    return None if row is None else Outgoing(**row)
