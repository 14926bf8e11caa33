"""How often a business should be inspected: a proposal for whoever plans (R21, R56)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from storage.city.rules import installed
from storage.database.session import Session
from storage.inspections.records import last_inspected
from storage.moments import in_china
from storage.patrols.cadence import cadence_of
from storage.patrols.watching import states_of
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
