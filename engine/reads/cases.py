"""Cases as an actor may see them: a list, and one case with its steps, tasks, photos and links."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from engine.actions.cases import allowed_actions
from engine.reads.phases import PhaseShown, phases_of
from engine.reads.reading import Reading
from engine.reads.supervised.supervisions import SupervisionShown, may_answer, read_supervision
from engine.reads.tasks import Person, TaskBrief, briefs_of_case
from storage.cases import attachments, cases, related, tasks
from storage.cases.attachments import Attachment, Elsewhere
from storage.cases.cases import Case, CaseFilter
from storage.cases.duplicates import (
    PossibleDuplicate,
    get_original,
    list_alike_in_grid,
    list_possible_duplicates,
    why_not_original,
)
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.moments import NEVER, Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.patrols.patrols import find_visit_of_case
from storage.places.positions import metres_between, position_of

__all__ = [
    "CaseBehind",
    "CaseBrief",
    "CaseFilter",
    "CaseShown",
    "LinkShown",
    "Original",
    "brief_cases",
    "list_cases",
    "officers_of",
    "photos_of",
    "read_case",
    "read_original",
    "read_with_originals",
    "show_behind",
    "show_case",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBrief:
    """A case as an entry of a list."""

    number: str
    title: str
    status: str
    phase: str
    outcome: str | None
    kind: str
    matter: str | None
    area: str
    source: str
    priority: str
    owner_post: str | None
    owner_level: str | None
    supervised: bool
    description: str
    business_id: int | None
    opened_at: datetime
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class LinkShown:
    """Another case this one has to do with, which the actor may see."""

    number: str
    kind: str
    is_outgoing: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown(CaseBrief):
    """One case: its state, the post responsible, open tasks and linked cases."""

    location: Json
    channel: str | None
    business: int | None
    deadline_profile: str
    public_result: str | None
    owner: Person
    collector: Person
    phases: list[PhaseShown]
    tasks: list[TaskBrief]
    photos: list[str]
    photos_elsewhere: list[Elsewhere]
    links: list[LinkShown]
    supervision: SupervisionShown | None
    """What a supervisor asks, with the day of its answer; None without one."""
    allowed_actions: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseBehind(CaseBrief):
    """The data of a case for an officer who works on one of its tasks."""

    location: Json
    collector: Person
    photos: list[str]
    photos_elsewhere: list[Elsewhere]


_MOST_ORIGINALS = 12
"""More than anybody compares; the others are found by their number."""


@dataclass(frozen=True, slots=True)
class Original:
    """An open case that may be the same, by which rule it was found, and how far away it is."""

    case: CaseBrief
    rule: str
    metres: int | None
    photos: list[str]


def list_cases(
    reading: Reading,
    having: CaseFilter | None = None,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[CaseBrief]:
    """List the cases the actor may see, newest first."""
    page = cases.list_cases(
        reading.session, actor=reading.actor, having=having, cursor=cursor, limit=limit
    )
    return Page(tuple(CaseBrief(**_columns(case, CaseBrief)) for case in page.items), page.next)


def brief_cases(listed: Iterable[Case]) -> list[CaseBrief]:
    """Show cases that were read already, which the actor may see."""
    return [CaseBrief(**_columns(case, CaseBrief)) for case in listed]


def read_case(reading: Reading, number: str) -> CaseShown:
    """Show one case; what the actor may not see is not there."""
    case = cases.get_visible_case(reading.session, number, actor=reading.actor)
    return show_case(reading, case, tasks.list_tasks(reading.session, case.id))


def read_with_originals(
    reading: Reading, number: str, *, metres: float
) -> tuple[CaseShown, list[Original]]:
    """Read a case and what it may be merged into, of what the actor may see."""
    session = reading.session
    case = cases.get_visible_case(session, number, actor=reading.actor)
    found = _perhaps_the_same(session, case, metres)[:_MOST_ORIGINALS]
    seen = related.list_seen(session, [each.case.id for each in found], actor=reading.actor)
    originals = [
        Original(
            brief_cases([each.case])[0],
            each.rule,
            _metres(case, each.case),
            photos_of(reading, each.case),
        )
        for each in found
        if each.case.id in seen and why_not_original(session, case._asdict(), each.case) is None
    ]
    return show_case(reading, case, tasks.list_tasks(session, case.id)), originals


def _perhaps_the_same(session: Session, case: Case, metres: float) -> list[PossibleDuplicate]:
    """The cases that may be the same, nearest first; those of the same grid come last."""
    near = list_possible_duplicates(session, case._asdict(), metres=metres)
    known = {each.case.id for each in near}
    alike = list_alike_in_grid(session, case._asdict())
    return near + [each for each in alike if each.case.id not in known]


def read_original(reading: Reading, number: str, typed: str) -> CaseBrief | None:
    """Read the case that a case would be joined to, by its number or last digits.

    None where the actor may not see it.

    Raises:
        FormInvalid: there is none, or it cannot be its original.
    """
    session, actor = reading.session, reading.actor
    case = cases.get_visible_case(session, number, actor=actor)
    original = get_original(session, typed, of=case._asdict(), actor=actor)
    seen = related.list_seen(session, [original.id], actor=actor)
    return brief_cases([original])[0] if original.id in seen else None


def show_case(reading: Reading, case: Case, every_task: Iterable[Task]) -> CaseShown:
    """Show a case that was read already, with all the tasks it ever had."""
    every, photos = list(every_task), attachments.list_attachments(reading.session, case.id)
    names = reading.learn(officers=officers_of(case, every)).officers
    waiting = briefs_of_case(reading, case, [task for task in every if task.state == "open"])
    supervision = read_supervision(reading, case)
    owner, collector = case.owner_officer, case.collector_officer
    return CaseShown(
        **_columns(case, CaseShown),
        business=case.business_id,
        owner=Person(owner, names.get(owner or 0), case.owner_post),
        collector=Person(collector, names.get(collector or 0), case.collector_post),
        phases=phases_of(case, every, visited_at=_visited_at(reading, case)),
        tasks=waiting,
        photos=[photo.id for photo in photos],
        photos_elsewhere=_elsewhere(reading, case, photos),
        links=_links(reading, case),
        supervision=supervision,
        allowed_actions=[
            *allowed_actions(case, reading.actor),
            *(["answer_supervision"] if supervision and may_answer(reading, waiting) else []),
        ],
    )


def _visited_at(reading: Reading, case: Case) -> datetime | None:
    """When the visit began that a case comes from; only what names a shop comes from a round."""
    if case.business_id is None or case.collector_post is None:
        return None
    return find_visit_of_case(reading.session, case.id)


def show_behind(reading: Reading, case: Case) -> CaseBehind:
    """Show a case that was read already beside one of its tasks."""
    collector, photos = case.collector_officer, _photos_for(reading, case)
    names = reading.learn(officers=[collector]).officers
    return CaseBehind(
        **_columns(case, CaseBehind),
        collector=Person(collector, names.get(collector or 0), case.collector_post),
        photos=[photo.id for photo in photos],
        photos_elsewhere=_elsewhere(reading, case, photos),
    )


def _photos_for(reading: Reading, case: Case) -> list[Attachment]:
    """The photos of a case; a business sees those it sent itself (R54)."""
    business_id = reading.actor.business_id
    if business_id is None or business_id != case.business_id:
        return attachments.list_attachments(reading.session, case.id)
    return attachments.list_sent_by(reading.session, case.id, business_id=business_id)


def first_due(reading: Reading, number: str) -> datetime | None:
    """Until when the first open task of a case has to be done; None where nothing waits."""
    case = cases.find_case_by_number(reading.session, number)
    every = [] if case is None else tasks.list_tasks(reading.session, case.id)
    dues = (task.due_at for task in every if task.state == "open" and task.due_at < NEVER)
    return min(dues, default=None)


def photos_of(reading: Reading, case: Case) -> list[str]:
    """The ids of the photos of a case that was read already."""
    return [photo.id for photo in attachments.list_attachments(reading.session, case.id)]


def _elsewhere(reading: Reading, case: Case, photos: Iterable[Attachment]) -> list[Elsewhere]:
    """Where else photos of a case are; without any that can be compared nothing is asked."""
    if not any(photo.likeness_1 for photo in photos):
        return []
    return attachments.list_elsewhere(reading.session, case.id, actor=reading.actor)


def officers_of(case: Case, every_task: Iterable[Task]) -> set[int]:
    """The officers a case names: who owns it, who collected it, who has its open tasks."""
    holders = (task.officer_id for task in every_task if task.state == "open")
    ids = (case.owner_officer, case.collector_officer, *holders)
    return {ident for ident in ids if ident is not None}


def _columns(case: Case, shape: type[CaseBrief]) -> dict[str, Any]:
    """The columns of a case that a shape copies: each field named like a column is that column."""
    role, _, _ = (case.owner_post or "").partition(":")
    kept = {
        field.name: getattr(case, field.name)
        for field in fields(shape)
        if field.name in Case._fields
    }
    return {**kept, "area": case.area_code, "owner_level": role or None}


def _links(reading: Reading, case: Case) -> list[LinkShown]:
    links = related.list_links(reading.session, case.id, actor=reading.actor)
    return [
        LinkShown(
            number=other.number,
            kind=kind,
            is_outgoing=is_outgoing,
            status=other.status,
        )
        for other, kind, is_outgoing in links
    ]


def _metres(case: Case, other: Case) -> int | None:
    here, there = position_of(case.location), position_of(other.location)
    return None if here is None or there is None else round(metres_between(here, there))
