"""Switches by area (R71): a pilot goes first, other areas stay as they are."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from handlers.staffing.appointing import covers, is_near, keeps_accounts, may_appoint
from storage.database.session import Session
from storage.errors import NotAllowed, NotFound
from storage.people.actors import Actor
from storage.places.areas import count_areas
from storage.places.levels import AreaLevel
from storage.staffing.flags import Flag, list_flags
from storage.staffing.gaps import count_gaps_in
from storage.staffing.rules import SUPERVISORS

HARD_TWO: Final = "hard_two"
GAP_CASES: Final = "gap_cases"
SYNC_OPENS_CASES: Final = "sync_opens_cases"


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch."""

    name: str
    zh: str
    en: str


_HARD_TWO: Final = Switch(
    HARD_TWO, "村居少于两名监管人员时不能解除", "No village is left below two officers"
)
_GAP_CASES: Final = Switch(
    GAP_CASES, "人员空缺自动立案补齐", "A case is opened to fill each gap of staff"
)
_SYNC_OPENS_CASES: Final = Switch(
    SYNC_OPENS_CASES,
    "外部平台未处置的问题在本平台立案办理",
    "What the other platform left unhandled is opened as a case here",
)
SWITCHES: Final = {switch.name: switch for switch in (_HARD_TWO, _GAP_CASES, _SYNC_OPENS_CASES)}


def shown_to(session: Session, actor: Actor) -> list[Flag]:
    """List the switches in and around the actor's areas; all for who keeps accounts."""
    every = list_flags(session)
    if keeps_accounts(actor):
        return every
    return [one for one in every if is_near(actor, one.area_code)]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a switch touches: villages of the area, and those that are short of officers now."""

    villages: int
    short: int


def effect_of(session: Session, actor: Actor, name: str, area: str, *, on: date) -> Effect:
    """Return what switching would touch; nothing is written.

    Raises:
        NotFound: there is no such switch or area.
        NotAllowed: the area is not the actor's.
    """
    require_switching(session, actor, name, area)
    short = count_gaps_in(session, SUPERVISORS, area)
    counts = count_areas(session, on=on, under=area)
    return Effect(counts.get(AreaLevel.VILLAGE, 0), short)


def require_switcher(actor: Actor) -> None:
    """Refuse who switches nothing.

    Raises:
        NotAllowed: no post of the actor appoints.
    """
    if not may_appoint(actor):
        message = "您的岗位不管理区域开关。"
        raise NotAllowed(message, code="may_not_switch", clause="R71")


def require_switching(session: Session, actor: Actor, name: str, area: str) -> None:
    """Refuse who may not switch: the system administrator everywhere, departments in their area.

    Raises:
        NotFound: there is no such switch.
        NotAllowed: the area is not the actor's.
    """
    if name not in SWITCHES:
        message = f"没有开关 {name}，可用：{'、'.join(SWITCHES)}。"
        raise NotFound(message, code="flag_not_found")
    is_own = may_appoint(actor) and covers(session, actor, area)
    if not keeps_accounts(actor) and not is_own:
        message = "这个区域的开关不归您管理。"
        raise NotAllowed(message, code="area_not_yours", clause="R71")
