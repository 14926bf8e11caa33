"""The way of a case at a glance: its six steps with who and how long, and where its flow went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.reads.phases import PhaseShown
from engine.reads.tasks import TaskBrief
from storage.cases.phases import PHASES
from web.frame.language import moment, t
from web.frame.words import word
from web.frame.work import WorkRow, in_words
from web.pages.cases.record import Step

MOST_BOXES = 8
"""More stations than these are not taken in at a glance; the file has them all."""

_AT_ONCE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_SAME_ACT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One of the six steps: its state, and up to two lines of when, who and how long."""

    phase: str
    state: str
    when: str
    more: str
    urgency: str = ""


@dataclass(frozen=True, slots=True)
class Station:
    """Where the flow was: what was done there, with what result, by whom and when."""

    title: str
    answer: str
    who: str
    when: str
    first: int
    tone: str = ""


def phase_lines(
    phases: Iterable[PhaseShown],
    steps: Sequence[Step],
    waiting: Sequence[tuple[TaskBrief, WorkRow]],
    *,
    outcome: str | None,
) -> list[PhaseLine]:
    """The six steps in order; `outcome` is how the case ended."""
    return [_phase_line(phase, steps, waiting, outcome) for phase in phases]


def _phase_line(
    phase: PhaseShown,
    steps: Sequence[Step],
    waiting: Sequence[tuple[TaskBrief, WorkRow]],
    outcome: str | None,
) -> PhaseLine:
    ending = word(outcome) if outcome else t("已办结", "Closed")
    said = {
        "skipped_resolved": t(f"{ending}，无需跟踪", f"{ending}, not needed"),
        "not_recorded": t("没有记录", "not on record"),
        "to_come": t("未开始", "to come"),
        "going_on": t("进行中", "going on"),
    }
    if phase.state == "going_on":
        # An answer somebody was asked for does not decide until when the step itself runs.
        own_first = sorted(waiting, key=lambda one: one[0].asked_kind is not None)
        row = next((row for task, row in own_first if task.phase == phase.phase), None)
        if row is not None:
            due = t(f"{row.due} 前", f"by {row.due}") if row.due else said["going_on"]
            return PhaseLine(phase.phase, phase.state, due, row.left, row.step)
    if phase.state in said:
        return PhaseLine(phase.phase, phase.state, said[phase.state], "")
    at = phase.ended_at or phase.began_at
    more = " ".join(filter(None, [_who_at(at, steps), _length(phase)]))
    return PhaseLine(phase.phase, phase.state, moment(at), more)


def _who_at(at: datetime | None, steps: Sequence[Step]) -> str:
    """Who acted at that moment; empty where nobody's act ended the step."""
    return next((step.who for step in steps if at and abs(step.at - at) < _SAME_ACT), "")


def _length(phase: PhaseShown) -> str:
    """How long a step took; a visit is on record by its first photo, which may be an old one."""
    if phase.began_at is None or phase.ended_at is None or _is_on_record_alone(phase):
        return ""
    length = phase.ended_at - phase.began_at
    if length < _AT_ONCE:
        return ""
    words = in_words(length, day=_DAY)
    return t(f"用时 {words}", f"took {words}")


def _is_on_record_alone(phase: PhaseShown) -> bool:
    return PHASES[phase.phase].when == "record"


def stations(steps: Sequence[Step]) -> tuple[list[Station], int]:
    """Where the flow went, oldest first, and how many stations in the middle are left out."""
    moves = [step for step in steps if step.next or step.answer]
    every = [
        Station(step.title, step.answer, step.who, moment(step.at), step.first, step.tone)
        for step in moves
    ]
    if len(every) <= MOST_BOXES:
        return every, 0
    return [every[0], *every[1 - MOST_BOXES :]], len(every) - MOST_BOXES
