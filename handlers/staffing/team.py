"""The team 1+2+3 of a business, derived from posts and kept nowhere (R19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from handlers.staffing.appointing import may_fill
from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed, NotFound, Refused
from storage.moments import in_china
from storage.people.actors import Actor
from storage.people.posts import Staffing, find_staffing, find_staffings, responsible_posts
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry.businesses import Business, find_business
from storage.staffing.people import Employee
from storage.staffing.supervisions import Supervisor, list_supervisors
from storage.staffing.teams import SlotOverride, list_overrides, put_override

State = Literal["filled", "vacant", "same_person", "override", "conflict"]

OFFICERS: Final = ("supervisor_1", "supervisor_2")
ASSISTANTS: Final = ("grid_leader", "grid_member", "unit_leader")
SLOTS: Final = (*OFFICERS, *ASSISTANTS)
_LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class TeamSlot:
    """One place of a team: who, in what state, and why."""

    slot: str
    state: State
    officer_id: int | None = None
    name: str | None = None
    reason: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """The team of one business."""

    business: Business
    slots: list[TeamSlot]
    may_override: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    officer_id: int
    name: str
    business_id: int | None


def derive(session: Session, business_id: int, *, actor: Actor, now: datetime) -> Team:
    """Derive the team of a business; the number of statements does not grow.

    Raises:
        NotFound: there is no such business, or it is of another area.
    """
    business = find_business(session, business_id)
    is_own = actor.business_id == business_id
    if business is None or not (is_own or business.area_code.startswith(actor.prefixes or ("-",))):
        message = "没有这家主体，或者您无权查看。"
        raise NotFound(message, code="unknown_business")
    station = find_staffing(session, "station", business.area_code, at=now)
    return Team(
        business,
        _slots(session, business, now),
        station is not None and not is_own and may_fill(session, actor, station.post),
    )


def override(
    session: Session,
    team: Team,
    slot: str,
    person: Employee,
    *,
    reason: str,
    expires_on: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Set one place by hand, for a reason and a time; never the business itself.

    Raises:
        NotAllowed: the business belongs to another station.
        NotFound: there is no such slot.
        FormInvalid: the day is past, or too far away.
        Refused: the person is of the business itself, or suspended.
    """
    if not team.may_override:
        message = "只能由负责这家主体的市场监管所或其上级指定。"
        raise NotAllowed(message, code="team_not_yours", clause="R19")
    if slot not in SLOTS:
        message = f"小组里没有这个位置，可用：{'、'.join(SLOTS)}。"
        raise NotFound(message, code="slot_not_found")
    today = in_china(now).date()
    if not today <= expires_on <= today + _LONGEST:
        message = "到期日应从今天起、一年以内。"
        raise FormInvalid.at("expires_on", message, clause="R19")
    if person.business_id == team.business.id or not person.active:
        message = f"{person.name}不能进入这个小组：是主体自己，或者账号已停用。"
        raise Refused(message, code="team_conflict", clause="R54")
    new = SlotOverride(slot, person.id, person.name, person.business_id, reason, expires_on)
    put_override(session, team.business.id, new, by=actor.id, at=now)


def _slots(session: Session, business: Business, now: datetime) -> list[TeamSlot]:
    village = business.area_code[: CODE_LENGTHS[AreaLevel.VILLAGE]]
    supervisors = {one.position: one for one in list_supervisors(session, [village], at=now)}
    posts = responsible_posts(session, ASSISTANTS, business.area_code)
    held = find_staffings(session, posts.values(), at=now)
    fixed = list_overrides(session, business.id, on=in_china(now).date())
    found = {
        **{slot: _officer(supervisors, place) for place, slot in enumerate(OFFICERS, start=1)},
        **{role: _holders(held.get(posts.get(role, ""))) for role in ASSISTANTS},
    }
    return _judged(business, found, fixed)


def _judged(
    business: Business,
    found: Mapping[str, list[_Candidate]],
    fixed: Mapping[str, SlotOverride],
) -> list[TeamSlot]:
    slots, taken = [], set[int]()
    for slot in SLOTS:
        if slot in fixed:
            one = fixed[slot]
            made = TeamSlot(slot, "override", one.officer_id, one.name, one.reason, one.expires_on)
        else:
            made = _from_posts(business, slot, found[slot], taken)
        if made.officer_id is not None:
            taken.add(made.officer_id)
        slots.append(made)
    return slots


def _from_posts(
    business: Business, slot: str, candidates: list[_Candidate], taken: set[int]
) -> TeamSlot:
    others = [one for one in candidates if one.business_id != business.id]
    if not candidates:
        return TeamSlot(slot, "vacant")
    if not others:
        # The business itself holds the post: it never watches over itself (R54).
        return TeamSlot(slot, "conflict", candidates[0].officer_id, candidates[0].name)
    person = next((one for one in others if one.officer_id not in taken), others[0])
    state: State = "same_person" if person.officer_id in taken else "filled"
    return TeamSlot(slot, state, person.officer_id, person.name)


def _officer(supervisors: Mapping[int, Supervisor], position: int) -> list[_Candidate]:
    one = supervisors.get(position)
    is_there = one is not None and one.is_in_office
    return [_Candidate(one.officer_id, one.name, None)] if one is not None and is_there else []


def _holders(staffing: Staffing | None) -> list[_Candidate]:
    holders = () if staffing is None else staffing.holders
    return [_Candidate(one.id, one.name, one.business_id) for one in holders]
