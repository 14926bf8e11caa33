"""Absences: who is on leave from when to when, and who stands in for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, or_, select, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.staffing.holdings import overlaps
from storage.tables import absence, holding, officer


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody's leave; `until` is when they are back."""

    id: int
    officer_id: int
    name: str
    substitute_id: int | None
    substitute: str | None
    since: datetime
    until: datetime
    reason: str | None


_substitute = officer.alias("substitute")
_ABSENCES: Select[Any] = (
    select(
        absence.c.id,
        absence.c.officer_id,
        officer.c.display_name,
        absence.c.substitute_id,
        _substitute.c.display_name,
        absence.c.since,
        absence.c.until,
        absence.c.reason,
    )
    .join(officer, officer.c.id == absence.c.officer_id)
    .outerjoin(_substitute, _substitute.c.id == absence.c.substitute_id)
    .order_by(absence.c.since.desc(), absence.c.id.desc())
)


def get_absence(session: Session, absence_id: int) -> Absence:
    """Get an absence by id; NotFound otherwise."""
    row = session.execute(_ABSENCES.where(absence.c.id == absence_id)).first()
    if row is None:
        message = "没有这条请假记录，或者您无权查看。"
        raise NotFound(message, code="absence_not_found")
    return Absence(*row)


def list_absences_of(session: Session, officer_id: int, *, limit: int = 50) -> list[Absence]:
    """List the leaves of an officer and those they stand in for, the newest first."""
    theirs = or_(absence.c.officer_id == officer_id, absence.c.substitute_id == officer_id)
    return [Absence(*row) for row in session.execute(_ABSENCES.where(theirs).limit(limit))]


def list_absences_in(
    session: Session, officer_id: int, *, since: datetime, until: datetime
) -> list[Absence]:
    """List the leaves of an officer that share a moment with a period."""
    shared = overlaps(absence.c.since, absence.c.until, since, until)
    question = _ABSENCES.where(absence.c.officer_id == officer_id, shared)
    return [Absence(*row) for row in session.execute(question)]


def add_absence(session: Session, values: dict[str, Any]) -> int:
    """Put a leave on file; return its id."""
    return int(
        session.execute(insert(absence).values(**values).returning(absence.c.id)).scalar_one()
    )


def end_absence(session: Session, leave: Absence, *, at: datetime) -> None:
    """End a leave at a moment, and with it every post the substitute holds because of it."""
    session.execute(
        update(absence).where(absence.c.id == leave.id).values(until=max(at, leave.since))
    )
    end_stand_ins(session, leave.officer_id, at=at, since=leave.since, until=leave.until)


def end_stand_ins(
    session: Session,
    officer_id: int,
    *,
    at: datetime,
    post_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """End what is held in place of an officer, of one post or of all, from a moment on."""
    question = update(holding).where(holding.c.stands_in_for == officer_id, holding.c.until > at)
    if post_id is not None:
        question = question.where(holding.c.post_id == post_id)
    if since is not None:
        question = question.where(holding.c.since >= since, holding.c.until <= until)
    # One that has not begun ends with its first moment: it was never held.
    session.execute(question.where(holding.c.since <= at).values(until=at))
    session.execute(question.where(holding.c.since > at).values(until=holding.c.since))
