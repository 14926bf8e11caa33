"""Visits recorded here that a record of another platform may be about; one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from storage.database.session import Session
from storage.tables import case_, officer, sync_record


@dataclass(frozen=True, slots=True)
class MatchCandidate:
    """A case of a business that no record of theirs is linked to yet."""

    id: int
    number: str
    opened_at: datetime
    matter: str | None
    inspector: str | None


_LINKED = exists().where(
    sync_record.c.subject_kind == "case",
    sync_record.c.subject_id == case_.c.id,
    sync_record.c.origin == "theirs",
)
"""A record that we created over there is no second visit: theirs may still be the same one."""


def list_candidates(
    session: Session,
    business_id: int,
    *,
    since: datetime,
    until: datetime,
    kinds: Collection[str],
    sources: Collection[str],
) -> list[MatchCandidate]:
    """List the unlinked cases of a business that were opened in a span of time, oldest first."""
    question = (
        select(
            case_.c.id, case_.c.number, case_.c.opened_at, case_.c.matter, officer.c.display_name
        )
        .outerjoin(officer, officer.c.id == case_.c.collector_officer)
        .where(
            case_.c.business_id == business_id,
            case_.c.opened_at >= since,
            case_.c.opened_at < until,
            case_.c.kind.in_(kinds),
            case_.c.source.in_(sources),
            case_.c.is_listed,
            ~_LINKED,
        )
        .order_by(case_.c.id)
    )
    return [MatchCandidate(*row) for row in session.execute(question)]


def find_case_id(session: Session, numbers: Collection[str]) -> int | None:
    """Find the case of the first of these numbers that is one of ours."""
    if not numbers:
        return None
    question = select(case_.c.id).where(case_.c.number.in_(numbers)).order_by(case_.c.id).limit(1)
    found: int | None = session.execute(question).scalar()
    return found
