"""Duties of the leading group (R66) and the platform centre of a unit (R67)."""

from dataclasses import dataclass
from datetime import date, datetime

from handlers.staffing.appointing import covers, keeps_accounts, may_appoint
from storage.database.session import Session
from storage.errors import Conflict, FormInvalid, NotAllowed, NotFound
from storage.moments import in_china, start_of
from storage.people.actors import Actor
from storage.people.roles import DEPARTMENT
from storage.places.areas import find_area
from storage.places.units import find_unit
from storage.staffing.people import Employee
from storage.staffing.responsibilities import (
    DutyKind,
    Responsibility,
    add_responsibility,
    end_responsibility,
    get_responsibility,
    has_duty,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDuty:
    """Somebody about to answer for a unit, from a day on; `until` is the first day without."""

    unit: str
    person: Employee
    kind: DutyKind
    since: date
    until: date | None = None


def unit_name(session: Session, unit: str, *, now: datetime) -> str:
    """Return what a unit of the department, or the department of an area, is called.

    Raises:
        NotFound: there is no such unit or area.
    """
    known = find_unit(session, unit)
    if known is not None:
        return known.name
    area = find_area(session, unit, on=in_china(now).date())
    if area is None or area.code != unit:
        message = f"没有代码为 {unit} 的单位或区域。"
        raise NotFound(message, code="unit_not_found")
    return area.name


def may_keep_duties(session: Session, actor: Actor, unit: str) -> bool:
    """Whether the actor enters and ends the duties of a unit: a department in its area."""
    return keeps_accounts(actor) or (may_appoint(actor) and covers(session, actor, unit))


def may_answer_for_units(person: Employee, now: datetime) -> bool:
    """Whether somebody holds a post of the leading group: one of a department (`tier`, R66)."""
    own = (held for held in person.holdings if held.kind != "substitute")
    return any(held.role in DEPARTMENT and held.is_current(now) for held in own)


def enter(session: Session, new: NewDuty, *, actor: Actor, now: datetime) -> Responsibility:
    """Enter a duty.

    Raises:
        NotFound: there is no such unit.
        NotAllowed: the unit is of another area.
        FormInvalid: the days do not fit, or the person cannot answer for a unit.
        Conflict: the person has this duty already.
    """
    unit_name(session, new.unit, now=now)
    _require_keeping(session, actor, new.unit)
    if new.until is not None and new.until <= new.since:
        raise FormInvalid.at("until", "结束日期须晚于开始日期。", clause="R66")
    if not new.person.active or new.person.business_id is not None:
        message = f"{new.person.name}不能担任：账号已停用，或者是食品主体。"
        raise FormInvalid.at("officer", message, clause="R66")
    if not may_answer_for_units(new.person, now):
        message = f"{new.person.name}不能担任：现在不担任市、县部门或监管所的岗位。"
        raise FormInvalid.at("officer", message, clause="R66")
    if has_duty(session, new.unit, new.kind, new.person.id):
        message = f"{new.person.name}已经担任这项责任。"
        raise Conflict(message, code="duty_held")
    duty_id = add_responsibility(
        session,
        {
            "unit": new.unit,
            "officer_id": new.person.id,
            "kind": new.kind,
            "since": start_of(new.since),
            "until": None if new.until is None else start_of(new.until),
            "entered_by": actor.id,
        },
    )
    return get_responsibility(session, duty_id, actor=actor)


def end(session: Session, duty: Responsibility, *, actor: Actor, now: datetime) -> None:
    """End a duty now.

    Raises:
        NotAllowed: the unit is of another area.
        Conflict: it has ended.
    """
    _require_keeping(session, actor, duty.unit)
    if duty.until is not None and duty.until <= now:
        raise Conflict("这项责任已经结束。", code="duty_ended")
    end_responsibility(session, duty, at=now)


def _require_keeping(session: Session, actor: Actor, unit: str) -> None:
    if not may_keep_duties(session, actor, unit):
        message = "只能登记本辖区单位的领导责任。"
        raise NotAllowed(message, code="duty_not_yours", clause="R66")
