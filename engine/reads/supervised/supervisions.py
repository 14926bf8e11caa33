"""Supervisions with a day for their answer: of one case, and those one gave (督办)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.reads.reading import Reading
from engine.reads.tasks import TaskBrief
from storage.cases.cases import Case
from storage.cases.supervised import demands
from storage.cases.supervised.demands import Demand, ListedDemand, State
from storage.pages import DEFAULT_LIMIT, Page

__all__ = [
    "SupervisionGiven",
    "SupervisionShown",
    "count_supervisions",
    "list_supervisions",
    "may_answer",
    "read_supervision",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionShown:
    """What is asked of a case, by when, and what was answered."""

    state: State
    text: str
    asked_at: datetime
    asked_by: int
    answer_by: datetime
    times: int
    """How often it was asked; once more with every new day."""
    answer: str | None
    answered_at: datetime | None
    reminded_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionGiven(SupervisionShown):
    """A supervision as an entry of the list of who gave it."""

    case: str
    title: str
    matter: str | None
    area: str


def read_supervision(reading: Reading, case: Case) -> SupervisionShown | None:
    """Read what is asked of an open case; without supervised handling nothing is looked up."""
    if not case.supervised or case.status != "open":
        return None
    standing = demands.find_standing(reading.session, case.id)
    if standing is None:
        return None
    words = demands.list_words(reading.session, _entries(standing))
    return SupervisionShown(**_shown(standing, words, reading.now))


def may_answer(reading: Reading, waiting: Iterable[TaskBrief]) -> bool:
    """Whether the reader holds one of the open tasks of a case, or it is free in their post."""
    actor = reading.actor
    return any(
        actor.holds(task.holder.post) and task.holder.id in {None, actor.id} for task in waiting
    )


def list_supervisions(
    reading: Reading, state: State, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[SupervisionGiven]:
    """List the supervisions one gave, the latest first."""
    page = demands.list_given(
        reading.session,
        actor=reading.actor,
        state=state,
        now=reading.now,
        cursor=cursor,
        limit=limit,
    )
    entries = [entry for each in page.items for entry in _entries(each.demand)]
    words = demands.list_words(reading.session, entries)
    return Page(tuple(_given(each, words, reading.now) for each in page.items), page.next)


def count_supervisions(reading: Reading) -> dict[State, int]:
    """Count each list of `list_supervisions`."""
    return demands.count_given(reading.session, actor=reading.actor, now=reading.now)


def _given(
    listed: ListedDemand, words: dict[tuple[int, int], dict[str, Any]], now: datetime
) -> SupervisionGiven:
    shown = _shown(listed.demand, words, now)
    if listed.status == "closed":
        shown["state"] = "ended"
    return SupervisionGiven(
        **shown, case=listed.number, title=listed.title, matter=listed.matter, area=listed.area_code
    )


def _entries(demand: Demand) -> list[tuple[int, int]]:
    numbers = (demand.asked_seq, demand.answered_seq)
    return [(demand.case_id, seq) for seq in numbers if seq is not None]


def _shown(
    demand: Demand, words: dict[tuple[int, int], dict[str, Any]], now: datetime
) -> dict[str, Any]:
    def said(seq: int | None) -> str | None:
        data = None if seq is None else words.get((demand.case_id, seq))
        return None if data is None else str(data.get("text", ""))

    return {
        "state": demand.state(now),
        "text": said(demand.asked_seq) or "",
        "asked_at": demand.asked_at,
        "asked_by": demand.asked_by,
        "answer_by": demand.due_at,
        "times": demand.times,
        "answer": said(demand.answered_seq),
        "answered_at": demand.answered_at,
        "reminded_at": demand.reminded_at,
        "ended_at": demand.ended_at,
    }
