"""How often a business should be inspected, and who else goes there: for who plans (R21, R56)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.inspections.plans import known_to
from storage.city.rules import installed
from storage.database.session import Session
from storage.inspections import plans
from storage.inspections.records import last_inspected, list_recent
from storage.moments import in_china
from storage.patrols.cadence import cadence_of
from storage.patrols.watching import states_of
from storage.people.actors import Actor
from storage.registry.businesses import Business


@dataclass(frozen=True, slots=True)
class Frequency:
    """The row that applies to a business, and when that makes it due."""

    business: int
    rule: str
    """The category whose row of `inspection_frequency.csv` applies, `*` for all others."""
    state: str
    every_days: int
    last_on: date | None
    due_on: date
    is_due: bool


def frequencies_of(
    session: Session, shops: Sequence[Business], *, now: datetime
) -> dict[int, Frequency]:
    """Propose for some businesses; whoever was never inspected is due today."""
    keys = [shop.id for shop in shops]
    states, last = states_of(session, keys), last_inspected(session, keys)
    today = in_china(now).date()
    return {
        shop.id: _of(shop, states.get(shop.id, "normal"), last.get(shop.id), today)
        for shop in shops
    }


@dataclass(frozen=True, slots=True)
class OtherOffice:
    """Another office that inspects a business, or did lately."""

    business: int
    post: str
    since: date
    until: date
    ended_on: date | None
    """The day of the inspection; None while it is planned or going on."""


def inspected_elsewhere(
    session: Session, businesses: Collection[int], *, actor: Actor, now: datetime
) -> dict[int, list[OtherOffice]]:
    """Who else plans to inspect some businesses, inspects them, or did within the city's days.

    Only plans the reader may know of: one that is hidden from them leaves no trace here (R21).
    """
    days = installed().thresholds.inspected_lately_days
    today, begins = in_china(now).date(), now - timedelta(days=days)
    recent = list_recent(session, businesses, since=begins) if businesses else []
    listed = [plan for plan in plans.list_plans(session) if plan.state != "cancelled"]
    behind = {one.plan_id for one in recent} - {plan.id for plan in listed}
    listed += plans.plans_by_id(session, behind) if behind else []
    ended = {(one.plan_id, one.business_id): one.ended_at for one in recent}
    found: dict[int, list[OtherOffice]] = {}
    for plan in known_to(session, listed, actor=actor, now=now):
        if actor.holds(plan.post):
            continue
        for business in set(plan.businesses) & set(businesses):
            begun = (plan.id, business) in ended
            if not begun and (plan.state == "started" or plan.until < today):
                continue
            at = ended.get((plan.id, business))
            day = None if at is None else in_china(at).date()
            other = OtherOffice(business, plan.post, plan.since, plan.until, day)
            found.setdefault(business, []).append(other)
    return found


def _of(shop: Business, state: str, last: datetime | None, today: date) -> Frequency:
    row = cadence_of(installed().frequencies, shop.category)
    every = row.days[state]
    last_on = None if last is None else in_china(last).date()
    due_on = today if last_on is None else last_on + timedelta(days=every)
    return Frequency(
        business=shop.id,
        rule=row.category,
        state=state,
        every_days=every,
        last_on=last_on,
        due_on=due_on,
        is_due=due_on <= today,
    )
