"""What a card shows of visits and self-inspections: the last ones, and how closely one watches."""

from typing import Any, Final

from engine.reads.reading import Reading
from handlers.inspections.frequency import frequencies_of
from handlers.inspections.plans import plans_inspections
from storage.moments import in_china
from storage.patrols import watching
from storage.patrols.patrols import PatrolFilter, list_patrols
from storage.patrols.watching import SelfReport
from storage.registry.businesses import get_business
from web.frame.language import moment
from web.pages.patrols import words

_MOST: Final = 4
"""What decides about more checks is the last four periods."""


def standing(reading: Reading, business_id: int) -> dict[str, Any]:
    """The last visit the reader may see, the intensity, the last periods of self-inspection."""
    session, actor = reading.session, reading.actor
    visits = list_patrols(session, PatrolFilter(business=business_id), actor=actor, limit=1).items
    reports = watching.list_reports(session, actor=actor, business_id=business_id, limit=_MOST)
    return {
        "visit": next(
            ((moment(row.visited_at), words.results()[row.result]) for row in visits), None
        ),
        "state": words.states().get(watching.find_state(session, business_id), ""),
        "reports": [_report(row) for row in reports.items],
        "inspect": _inspect(reading, business_id),
    }


def _inspect(reading: Reading, business_id: int) -> dict[str, Any] | None:
    """When the next inspection is due, for whoever plans inspections; nobody else is told."""
    if not plans_inspections(reading.actor):
        return None
    shop = get_business(reading.session, business_id)
    found = frequencies_of(reading.session, [shop], now=reading.now)[business_id]
    last = None if found.last_on is None else found.last_on.isoformat()
    return {"last": last, "due": found.due_on.isoformat(), "is_due": found.is_due}


def _report(row: SelfReport) -> dict[str, Any]:
    return {
        "period": f"{words.periods()[row.obligation]} {row.period}",
        "tag": words.outcomes()[row.outcome],
        "on": f"{in_china(row.closed_at):%Y-%m-%d}",
    }
