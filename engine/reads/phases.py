"""The steps of a case with their times (R36), read from its tasks; the city pack lists them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storage.cases.cases import Case
from storage.cases.phases import PHASES, Phase
from storage.cases.tasks import Task

SKIPPED = "skipped_resolved"
NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True)
class PhaseShown:
    """One of the steps: `done`, `going_on`, `to_come`, `skipped_resolved` or `not_recorded`.

    Steps may interleave: while a case rises, dispatch and handling take turns.
    """

    phase: str
    state: str
    began_at: datetime | None
    ended_at: datetime | None


def phases_of(
    case: Case, tasks: Iterable[Task], *, visited_at: datetime | None = None
) -> list[PhaseShown]:
    """Return for each step whether it is done, current, to come or skipped.

    `visited_at` is when the visit began that the case comes from: it fills the `record` step.
    """
    every = list(tasks)
    return [
        PhaseShown(phase.id, "done", visited_at, case.opened_at)
        if phase.when == "record" and visited_at is not None
        else _phase(phase, case, [task for task in every if task.phase == phase.id])
        for phase in PHASES.values()
    ]


def _phase(phase: Phase, case: Case, tasks: list[Task]) -> PhaseShown:
    began, ended = _span(phase, case, tasks)
    state = _state(phase, case, tasks)
    return PhaseShown(
        phase.id,
        state,
        began if state != "to_come" else None,
        ended if state == "done" else None,
    )


def _state(phase: Phase, case: Case, tasks: list[Task]) -> str:
    """The state of a step; only steps on file count as done."""
    if any(task.state == "open" for task in tasks):
        return "going_on"
    is_on_file = bool(tasks) or phase.ends_with_filing
    if phase.when == "record" and not is_on_file:
        return NOT_RECORDED
    if case.status == "closed":
        missing = SKIPPED if phase.when == "if_needed" else NOT_RECORDED
        return "done" if is_on_file else missing
    if phase.id == case.phase:
        return "going_on"
    order = list(PHASES)
    is_over = order.index(phase.id) < order.index(case.phase) or phase.when == "if_needed"
    if is_on_file and is_over:
        return "done"
    # Handled below and passed up, or verified and failed: it began, and comes again.
    return "going_on" if tasks else "to_come"


def _span(phase: Phase, case: Case, tasks: list[Task]) -> tuple[datetime | None, datetime | None]:
    """When a step began and ended.

    What ends with the filing takes no time unless somebody works in it.
    """
    if tasks:
        ends = [task.closed_at for task in tasks if task.closed_at is not None]
        return min(task.opened_at for task in tasks), max(ends, default=None)
    if phase.ends_with_filing:
        return case.opened_at, case.opened_at
    return None, None
