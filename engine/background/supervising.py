"""Supervisions whose day has passed without an answer: reminded of once, one case per transaction.

An index holds only those that still have to be reminded of, so that a look costs the same however
many cases are open.
"""

import structlog

from engine.actions.supervising import remind_of
from engine.background.incidents import place_of
from engine.run.runner import Runner
from storage.cases.supervised import demands
from storage.database.session import Database

__all__ = ["remind_late"]

log = structlog.get_logger("hangji.scheduler")

BATCH = 200


def remind_late(database: Database, runner: Runner, *, limit: int = BATCH) -> int:
    """Remind of what was not answered by its day; how many were."""
    now, reminded = runner.clock.now(), 0
    with database.reading() as session:
        late = demands.list_late(session, now=now, limit=limit)
    for ident, case_id in late:
        try:
            with database.transaction() as session:
                reminded += remind_of(runner, session, ident, case_id)
        except Exception as error:  # noqa: BLE001 - one case never stops the others
            place = place_of(error)
            log.error("supervision_not_reminded", case=case_id, place=place)  # noqa: TRY400 - no text of it
    return reminded
