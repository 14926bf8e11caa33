"""Which periods of self-inspection a business owes, by the published table; planned here."""

from typing import Final

from engine.background.recurring import plan
from engine.run.runner import Runner
from engine.time.periods import PERIODS
from handlers.patrols.self_inspection import listed_category
from storage.database.session import Session
from storage.patrols.watching import holds_grid_post
from storage.processes.recurring import NewRecurring, end_recurring, list_of_subject
from storage.registry.businesses import Business

SELF_INSPECTION: Final = "self_inspection"
TABLE: Final = "obligations"


def plan_obligations(runner: Runner, session: Session, known: Business) -> list[str]:
    """Plan the periods a business owes and end the others; return those it owes."""
    owed = _owed(runner, session, known)
    subject = str(known.id)
    planned = {
        row.period: row for row in list_of_subject(session, SELF_INSPECTION, "business", subject)
    }
    for period in owed:
        if period not in planned:
            new = NewRecurring(
                process_id=SELF_INSPECTION,
                subject_kind="business",
                subject=subject,
                period=period,
                form={"period": period},
            )
            plan(runner, session, new)
    for period, row in planned.items():
        if period not in owed:
            end_recurring(session, row.id, at=runner.clock.now())
    return owed


def _owed(runner: Runner, session: Session, known: Business) -> list[str]:
    table = runner.published(session, SELF_INSPECTION).decision(TABLE)
    asked = {
        "category": listed_category(known.category),
        "holds_post": holds_grid_post(session, known.id, at=runner.clock.now()),
    }
    fired = ((period, table.decide({**asked, "period": period})) for period in PERIODS)
    return [period for period, row in fired if row is not None and row.outputs["owed"] == "yes"]
