"""Accounts: entering, correcting, suspending, resuming, a new password (R23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from handlers.staffing.appointing import covers, keeps_accounts, may_appoint
from handlers.staffing.gaps import check_person
from storage.database.session import Session
from storage.errors import Conflict, FormInvalid, NotAllowed
from storage.people import sessions, staffing
from storage.people.actors import Actor
from storage.places.areas import significant_code
from storage.registry.businesses import find_business
from storage.staffing.holdings import Claim, list_claims
from storage.staffing.people import Employee, change_person, find_by_phone, get_person
from storage.texts import plain

UNOPENED: Final = "!"
"""No password has this hash: the account waits until its link is opened."""

_COLUMNS: Final = {"name": "display_name"}


@dataclass(frozen=True, slots=True)
class Suspension:
    """What the suspension of an account changes."""

    person: Employee
    claims: list[Claim]
    """Tasks they had taken: they stay with the posts for whoever holds these now."""


def enter(session: Session, body: Mapping[str, Any], *, actor: Actor, now: datetime) -> Employee:
    """Enter a person; the account has no password until its link is used.

    Raises:
        NotAllowed: the actor enters nobody, or the unit is another department's.
        Conflict: user name or telephone number are taken.
    """
    if not may_appoint(actor):
        message = "您的岗位不能登记人员。"
        raise NotAllowed(message, code="may_not_appoint", clause="R16")
    unit = body.get("employer_unit")
    _judge_unit(session, actor, unit)
    _judge(session, body)
    officer_id = staffing.add_officer(
        session,
        username=plain(body["username"]),
        name=body["name"].strip(),
        password_hash=UNOPENED,
        at=now,
        business_id=body.get("business"),
    )
    values = _values(body, {"phone", "email", "field_officer"})
    change_person(session, officer_id, {**values, "employer_unit": unit})
    return get_person(session, officer_id, actor=actor, at=now)


def correct(
    session: Session, person: Employee, body: Mapping[str, Any], *, actor: Actor
) -> list[str]:
    """Correct what is on file of a person; return the fields that changed.

    Raises:
        NotAllowed: the new unit is another department's.
        Conflict: the telephone number is taken.
    """
    if "employer_unit" in body:
        _judge_unit(session, actor, body["employer_unit"])
    _judge(session, body, person=person)
    known = {"name", "phone", "email", "field_officer", "employer_unit"}
    changed = [name for name in sorted(known & body.keys()) if body[name] != getattr(person, name)]
    change_person(session, person.id, _values(body, set(changed)))
    return changed


def suspend(session: Session, person: Employee, *, now: datetime) -> Suspension:
    """Suspend: no sign-in, tokens and pages end at once; the tasks claimed are listed."""
    if not person.active:
        message = f"{person.name}的账号已经停用。"
        raise Conflict(message, code="account_suspended")
    staffing.switch_officer(session, person.id, active=False)
    sessions.end_sign_ins_of(session, person.id)
    check_person(session, person.id, at=now)
    return Suspension(person, list_claims(session, person.id))


def resume(session: Session, person: Employee, *, now: datetime) -> None:
    """Resume: signing in works again, tokens of before stay void."""
    if person.active:
        message = f"{person.name}的账号没有停用。"
        raise Conflict(message, code="account_active")
    staffing.switch_officer(session, person.id, active=True)
    check_person(session, person.id, at=now)


def void_password(session: Session, person: Employee) -> int:
    """Void password and tokens; return the new token version, which the link is signed for."""
    change_person(session, person.id, {"password_hash": UNOPENED})
    staffing.revoke_tokens(session, person.id)
    sessions.end_sign_ins_of(session, person.id)
    return person.token_version + 1


def _judge_unit(session: Session, actor: Actor, unit: str | None) -> None:
    if keeps_accounts(actor):
        return
    if unit is None:
        message = "请写所属单位：只能登记本部门和下级的人员。"
        raise FormInvalid.at("employer_unit", message)
    place = significant_code(unit) if unit.isdigit() else unit
    if not covers(session, actor, place):
        message = "所属单位不在您的辖区：只能登记本部门和下级的人员。"
        raise NotAllowed(message, code="unit_not_yours", clause="R16")


def _judge(session: Session, body: Mapping[str, Any], *, person: Employee | None = None) -> None:
    phone = body.get("phone")
    but = None if person is None else person.id
    if phone and find_by_phone(session, phone, but=but) is not None:
        message = "这个电话已登记在另一个账号下，请核对。"
        raise Conflict(message, code="phone_taken")
    business = body.get("business")
    if business is not None and find_business(session, business) is None:
        raise FormInvalid.at("business", "主体库里没有这个食品主体。")


def _values(body: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {_COLUMNS.get(name, name): body[name] for name in sorted(names & body.keys())}
