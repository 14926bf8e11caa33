"""My round: the shops of my areas, what is due and near first, with what to look at (R37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from handlers.patrols.checklist import FIRST, Premises, checklist_of, version_of
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import NotAllowed
from storage.moments import in_china
from storage.patrols.cadence import cadence_of
from storage.patrols.rounds import Shop, list_found, list_schools, list_shops
from storage.people.actors import Actor
from storage.people.roles import ROLES
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.places.matters import Matter
from storage.places.positions import Position, metres_between

MOST: Final = 300

_REMEMBERED: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Visit:
    """One shop of a round; negative `days_over` is time left."""

    shop: Shop
    due_on: date
    days_over: int
    metres: int | None
    lines: list[str]
    more: list[str]

    @property
    def is_offered_as_ceased(self) -> bool:
        """Whether the door was closed so often that the shop may have ceased."""
        return self.shop.closed_doors >= installed().thresholds.closed_doors


@dataclass(frozen=True, slots=True)
class Round:
    """A round as it is walked: shops in order, and the list they are looked at by."""

    version: str
    matters: Sequence[Matter]
    items: list[Visit]


def my_round(
    session: Session,
    matters: Sequence[Matter],
    *,
    actor: Actor,
    now: datetime,
    area: str = "",
    near: Position | None = None,
) -> Round:
    """Return the shops of one's areas: overdue ones first, each group by distance.

    Raises:
        NotAllowed: no post of the actor goes on rounds.
    """
    require_rounds(actor)
    within = [area] if area.startswith(actor.prefixes or ("-",)) else _parts(actor, area)
    shops = list_shops(session, within, without=actor.business_id, limit=MOST)
    found = list_found(session, [shop.id for shop in shops], since=now - _REMEMBERED)
    schools = list_schools(session, _around(shops))
    today = in_china(now).date()
    items = []
    for shop in shops:
        lines = checklist_of(matters, _premises(shop, schools), found=found.get(shop.id, ()))
        items.append(_visit(shop, lines, today=today, near=near))
    items.sort(key=_order)
    return Round(version_of(matters), matters, items)


def count_due(session: Session, *, actor: Actor, now: datetime) -> int:
    """Count the shops of one's round that are due today, in one statement."""
    today = in_china(now).date()
    shops = list_shops(session, actor.prefixes, without=actor.business_id, limit=MOST)
    return sum(_due_on(shop) <= today for shop in shops)


def checklist_for(
    session: Session, matters: Sequence[Matter], shop: Shop, *, now: datetime
) -> list[Matter]:
    """Return what to look at in one shop."""
    found = list_found(session, [shop.id], since=now - _REMEMBERED)
    schools = list_schools(session, _around([shop]))
    return checklist_of(matters, _premises(shop, schools), found=found.get(shop.id, ()))


def goes_on_rounds(actor: Actor) -> bool:
    """Whether a post of the actor goes on rounds: who collects does."""
    return any(ROLES[post.role].collects for post in actor.posts)


def require_rounds(actor: Actor) -> None:
    """Refuse who goes on no rounds.

    Raises:
        NotAllowed: no post of the actor does.
    """
    if not goes_on_rounds(actor):
        message = "您的岗位不巡查；巡查由网格单元协管员和市场监管部门人员负责。"
        raise NotAllowed(message, code="goes_on_no_rounds", clause="R37")


def _visit(shop: Shop, lines: Sequence[Matter], *, today: date, near: Position | None) -> Visit:
    due_on = _due_on(shop)
    codes = [matter.code for matter in lines]
    at = shop.position
    metres = None if near is None or at is None else round(metres_between(near, at))
    return Visit(shop, due_on, (today - due_on).days, metres, codes[:FIRST], codes[FIRST:])


def _due_on(shop: Shop) -> date:
    """A shop nobody visited yet has been due since it was registered.

    A closed door is no visit: the shop stays due, and is gone to again after some days.
    """
    due_on = _due_by_visits(shop)
    if shop.last_closed_at is None:
        return due_on
    again = timedelta(days=installed().thresholds.closed_again_days)
    return max(due_on, in_china(shop.last_closed_at).date() + again)


def _due_by_visits(shop: Shop) -> date:
    if shop.last_visited_at is None:
        return in_china(shop.created_at).date()
    days = cadence_of(installed().cadences, shop.category).days[shop.state]
    return in_china(shop.last_visited_at).date() + timedelta(days=days)


def _order(visit: Visit) -> tuple[bool, bool, int, int, int]:
    """Due ones first, of these the near ones; without a position the longest overdue."""
    metres = 10**9 if visit.metres is None else visit.metres
    is_due = visit.days_over >= 0
    return (not is_due, visit.shop.state == "normal", metres, -visit.days_over, visit.shop.id)


def _parts(actor: Actor, area: str) -> list[str]:
    """The actor's areas that lie in the one asked for."""
    return [code for code in actor.prefixes if code.startswith(area)]


def _premises(shop: Shop, schools: Sequence[Position]) -> Premises:
    return Premises(shop.category, frozenset(shop.flags), shop.position, schools)


def _around(shops: Sequence[Shop]) -> set[str]:
    """Where schools near some shops are looked for: in their counties."""
    county = CODE_LENGTHS[AreaLevel.COUNTY]
    return {shop.area_code[:county] for shop in shops if shop.lat is not None}
