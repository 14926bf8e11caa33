"""Who answers for the work plan in a unit (R66): overall, in charge, responsible; with dates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Select, insert, or_, select, true, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import in_force
from storage.people.actors import Actor
from storage.people.scope import under_area, under_areas
from storage.places.units import in_unit_of
from storage.staffing.posts import finds_everybody
from storage.tables import officer, responsibility, town_jurisdiction

DutyKind = Literal["overall", "in_charge", "responsible"]
DUTIES: Final[tuple[DutyKind, ...]] = ("overall", "in_charge", "responsible")


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Somebody's duty in a unit, from a moment on."""

    id: int
    unit: str
    kind: DutyKind
    officer_id: int
    name: str
    since: datetime
    until: datetime | None


_LISTED: Select[Any] = (
    select(
        responsibility.c.id,
        responsibility.c.unit,
        responsibility.c.kind,
        responsibility.c.officer_id,
        officer.c.display_name,
        responsibility.c.since,
        responsibility.c.until,
    )
    .join(officer, officer.c.id == responsibility.c.officer_id)
    .order_by(responsibility.c.unit, responsibility.c.kind, responsibility.c.id)
)


def list_responsibilities(
    session: Session, *, actor: Actor, at: datetime, unit: str | None = None
) -> list[Responsibility]:
    """List the duties in force, or still to come, of the units of an actor's areas."""
    lasting = or_(responsibility.c.until.is_(None), responsibility.c.until > at)
    question = _LISTED.where(lasting, _visible(actor))
    if unit is not None:
        question = question.where(responsibility.c.unit == unit)
    return [Responsibility(*row) for row in session.execute(question)]


def get_responsibility(session: Session, duty_id: int, *, actor: Actor) -> Responsibility:
    """Get a duty by id; NotFound otherwise, and for a unit of another area."""
    question = _LISTED.where(responsibility.c.id == duty_id, _visible(actor))
    row = session.execute(question).first()
    if row is None:
        message = "没有这条责任记录，或者您无权查看。"
        raise NotFound(message, code="responsibility_not_found")
    return Responsibility(*row)


def list_duty_officers(session: Session, unit: str, *, at: datetime) -> set[int]:
    """Return who answers for a unit at a moment, in whatever kind."""
    question = select(responsibility.c.officer_id).where(
        responsibility.c.unit == unit, in_force(responsibility, at)
    )
    return set(session.execute(question).scalars())


def has_duty(session: Session, unit: str, kind: DutyKind, officer_id: int) -> bool:
    """Return whether somebody has this duty without an end."""
    question = select(responsibility.c.id).where(
        responsibility.c.unit == unit,
        responsibility.c.kind == kind,
        responsibility.c.officer_id == officer_id,
        responsibility.c.until.is_(None),
    )
    return session.execute(question).first() is not None


def add_responsibility(session: Session, values: dict[str, Any]) -> int:
    """Enter a duty; return its id."""
    made = session.execute(insert(responsibility).values(**values).returning(responsibility.c.id))
    return int(made.scalar_one())


def end_responsibility(session: Session, duty: Responsibility, *, at: datetime) -> None:
    """End a duty; one that has not begun ends with its first moment."""
    session.execute(
        update(responsibility)
        .where(responsibility.c.id == duty.id)
        .values(until=max(at, duty.since))
    )


def _visible(actor: Actor) -> Any:
    if finds_everybody(actor):
        return true()
    own = responsibility.c.officer_id == actor.id
    if not actor.prefixes:
        return own
    unit = responsibility.c.unit
    towns = under_areas(town_jurisdiction.c.town_code, actor.prefixes)
    areas = (under_area(unit, code) for code in actor.prefixes)
    return or_(own, *areas, in_unit_of(unit, towns))
