"""The next hours of an actor's areas if nobody acted."""

from collections.abc import Sequence
from datetime import timedelta

from engine.actions.forecast import Coming, foresee
from engine.reads.reading import Reading
from storage.dashboards.open_work import WaitingTask

__all__ = ["HOURS", "Coming", "forecast"]

HOURS = 24


def forecast(reading: Reading, tasks: Sequence[WaitingTask]) -> list[Coming]:
    """Rehearse limits and chase rules for the next hours; nothing is written."""
    return foresee(
        tasks,
        reading.definition,
        reading.runner.calendar(reading.session),
        now=reading.now,
        until=reading.now + timedelta(hours=HOURS),
    )
