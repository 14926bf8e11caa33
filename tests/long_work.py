"""Long work as a scheduler does it in line, for tests that wait for its end; holds no test."""

import threading

from engine.background.operations import Kinds, run_operation
from engine.time.clock import Clock
from storage.database.session import Database
from storage.operations import operations


def run_waiting(
    database: Database, kinds: Kinds, clock: Clock, *, ending: threading.Event | None = None
) -> int:
    """Run what waits, one after another, here and now; gives how many."""
    count = 0
    while True:
        with database.reading() as session:
            waiting = operations.list_runnable(session, now=clock.now(), limit=1)
        if not waiting or (ending is not None and ending.is_set()):
            return count
        count += run_operation(database, kinds, clock, waiting[0], ending=ending)
