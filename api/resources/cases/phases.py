"""The steps of a case with their times (R36), read from its tasks; the city pack lists them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from storage.cases.cases import Case
from storage.cases.phases import PHASES, Phase
from storage.cases.tasks import Task

SKIPPED = "skipped_resolved"


def phases_of(case: Case, tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Say of each step whether it is done, going on, to come or skipped."""
    known = list(tasks)
    return [
        _phase(phase, case, [one for one in known if one.phase == phase.id])
        for phase in PHASES.values()
    ]


def _phase(phase: Phase, case: Case, tasks: list[Task]) -> dict[str, Any]:
    began, ended = _span(phase, case, tasks)
    order = list(PHASES)
    is_over = order.index(phase.id) < order.index(case.phase) or case.status == "closed"
    if phase.when == "if_needed" and not tasks:
        state = SKIPPED if case.status == "closed" else "to_come"
    elif any(one.state == "open" for one in tasks):
        state = "going_on"
    elif is_over:
        state = "done"
    else:
        state = "going_on" if phase.id == case.phase else "to_come"
    return {
        "phase": phase.id,
        "state": state,
        "began_at": began if state != "to_come" else None,
        "ended_at": ended if state == "done" else None,
    }


def _span(phase: Phase, case: Case, tasks: list[Task]) -> tuple[datetime | None, datetime | None]:
    """Give when a step began and ended.

    What ends with the filing takes no time unless somebody works in it.
    """
    if tasks:
        ends = [one.closed_at for one in tasks if one.closed_at is not None]
        return min(one.opened_at for one in tasks), max(ends, default=None)
    if phase.ends_with_filing:
        return case.opened_at, case.opened_at
    return None, None
