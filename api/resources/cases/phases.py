"""The six steps of a case with their times (R36), read from its tasks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from handlers.policy.deadlines import PHASES
from storage.cases.cases import Case
from storage.cases.tasks import Task

SKIPPED = "skipped_resolved"


def phases_of(case: Case, tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Say of each of the six steps whether it is done, going on, to come or skipped."""
    known = list(tasks)
    return [_phase(phase, case, [one for one in known if one.phase == phase]) for phase in PHASES]


def _phase(phase: str, case: Case, tasks: list[Task]) -> dict[str, Any]:
    began, ended = _span(phase, case, tasks)
    is_over = PHASES.index(phase) < PHASES.index(case.phase) or case.status == "closed"
    if phase == "follow_up" and not tasks:
        state = SKIPPED if case.status == "closed" else "to_come"
    elif any(one.state == "open" for one in tasks):
        state = "going_on"
    elif is_over:
        state = "done"
    else:
        state = "going_on" if phase == case.phase else "to_come"
    return {
        "phase": phase,
        "state": state,
        "began_at": began if state != "to_come" else None,
        "ended_at": ended if state == "done" else None,
    }


def _span(phase: str, case: Case, tasks: list[Task]) -> tuple[datetime | None, datetime | None]:
    """Give when a step began and ended.

    Patrol and collection end with the filing; dispatch takes no time unless a clerk sorts.
    """
    if tasks:
        ends = [one.closed_at for one in tasks if one.closed_at is not None]
        return min(one.opened_at for one in tasks), max(ends, default=None)
    if phase in {"patrol", "collect", "dispatch"}:
        return case.opened_at, case.opened_at
    return None, None
