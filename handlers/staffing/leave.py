"""Leave: a substitute acts for a time, never reads reporters nor verifies for the absent (R42)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.staffing.appointing import may_manage
from handlers.staffing.holding import first_moment
from storage.database.session import Session
from storage.errors import Conflict, FormInvalid, NotAllowed, Refused
from storage.moments import in_china, start_of
from storage.people.actors import Actor
from storage.people.roles import ROLES, are_apart, capacity
from storage.staffing.absences import (
    Absence,
    add_absence,
    end_absence,
    get_absence,
    list_absences_in,
)
from storage.staffing.holdings import Holding, NewHolding, add_holding, list_holdings
from storage.staffing.people import Employee

_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Who is on leave from when to when, that day included, and who stands in."""

    person: Employee
    substitute: Employee | None
    since: date
    until: date
    reason: str | None = None


def record(session: Session, new: Leave, *, actor: Actor, now: datetime) -> Absence:
    """Enter a leave; the substitute holds all posts of the absent for its time.

    Raises:
        NotAllowed: neither oneself nor somebody of one's department.
        FormInvalid: the days do not fit, or the substitute is the person themselves.
        Conflict: a leave is on file then, or the substitute is on leave then.
        Refused: the substitute may not act in such a post.
    """
    if new.person.id != actor.id and not may_manage(session, actor, new.person):
        message = f"只能登记自己或本部门人员的请假，{new.person.name}不在其中。"
        raise NotAllowed(message, code="person_not_yours")
    since, until = _period(new, now)
    if list_absences_in(session, new.person.id, since=since, until=until):
        message = f"{new.person.name}在这段时间已经请假，请先销假或改日期。"
        raise Conflict(message, code="absence_overlaps")
    held = list_holdings(session, officer_ids=[new.person.id], overlapping=(since, until))
    if new.substitute is not None:
        _judge_substitute(session, new, new.substitute, held, since, until)
    made = add_absence(
        session,
        {
            "officer_id": new.person.id,
            "substitute_id": None if new.substitute is None else new.substitute.id,
            "since": since,
            "until": until,
            "reason": new.reason,
            "recorded_by": actor.id,
            "created_at": now,
        },
    )
    if new.substitute is not None:
        _stand_in(session, new, new.substitute.id, held, since, until, actor)
    return get_absence(session, made)


def call_back(
    session: Session, leave: Absence, person: Employee, *, actor: Actor, now: datetime
) -> None:
    """End a leave early, or cancel one that has not begun."""
    if person.id != actor.id and not may_manage(session, actor, person):
        message = "只能为自己或本部门人员销假。"
        raise NotAllowed(message, code="person_not_yours")
    if leave.until <= now:
        raise Conflict("这次请假已经结束。", code="absence_ended")
    end_absence(session, leave, at=now)


def _period(new: Leave, now: datetime) -> tuple[datetime, datetime]:
    today = in_china(now).date()
    if new.since < today:
        raise FormInvalid.at("since", "开始日期不能早于今天。")
    if new.until < new.since:
        raise FormInvalid.at("until", "结束日期不能早于开始日期。")
    if new.until - new.since > _LONGEST:
        raise FormInvalid.at("until", "一次请假不超过一年；长期离岗请办理免职。")
    return first_moment(new.since, now=now), start_of(new.until + timedelta(days=1))


def _judge_substitute(
    session: Session,
    new: Leave,
    substitute: Employee,
    held: list[Holding],
    since: datetime,
    until: datetime,
) -> None:
    if substitute.id == new.person.id:
        raise FormInvalid.at("substitute", "代班人不能是自己。")
    if not substitute.active or substitute.business_id is not None:
        message = f"{substitute.name}不能代班：账号已停用，或者是食品主体。"
        raise Refused(message, code="substitute_unfit")
    if list_absences_in(session, substitute.id, since=since, until=until):
        message = f"{substitute.name}在这段时间自己也请假，请换一位代班人。"
        raise Conflict(message, code="substitute_absent")
    own = [one.role for one in substitute.holdings if one.kind != "substitute"]
    needed = [one.role for one in held]
    if not set(map(capacity, needed)) <= set(map(capacity, own)):
        message = f"{substitute.name}没有相应的履职身份：执法岗位只能由执法人员代班。"
        raise Refused(message, code="substitute_unfit", clause="R04")
    if not may_stand_in(own, needed):
        message = (
            f"{substitute.name}不能代班：岗位与被代班人的不是一类、不相容，或者级别比其低，"
            "请换一位代班人。"
        )
        raise Refused(message, code="substitute_unfit")


def may_stand_in(roles: Iterable[str], held: Iterable[str]) -> bool:
    """Whether somebody of some roles may act in posts of others: of one's own kind and level.

    Those who handle or supervise cases stand in for each other, from their own level upwards and
    never where one watches the other; a post beside that, such as those of the three
    administrators, is left to its own role alone. `stood_in_by` of a role lets others in as well.
    """
    known = set(roles)
    return bool(known) and all(_may_act(known, role) for role in held)


def _may_act(roles: set[str], role: str) -> bool:
    if roles & {role, *ROLES[role].stood_in_by}:
        return True
    if not _handles(role) or any(are_apart(role, other) for other in roles):
        return False
    return max(ROLES[other].rank for other in roles) >= ROLES[role].rank


def _handles(role: str) -> bool:
    return ROLES[role].rank > 0 or ROLES[role].supervises


def _stand_in(
    session: Session,
    new: Leave,
    substitute: int,
    held: list[Holding],
    since: datetime,
    until: datetime,
    actor: Actor,
) -> None:
    for one in held:
        add_holding(
            session,
            NewHolding(
                post_id=one.post_id,
                officer_id=substitute,
                since=max(since, one.since),
                until=until if one.until is None else min(until, one.until),
                kind="substitute",
                appointed_by=actor.id,
                stands_in_for=new.person.id,
            ),
        )
