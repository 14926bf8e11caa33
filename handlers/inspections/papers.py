"""The papers of a case: 责令改正通知书 of each order, 现场检查笔录 of each inspection.

A paper belongs to the task that was completed with it, and says what is on file of that step.
The business that was ordered reads the order from its own task, and no other paper (R54).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from storage.cases.cases import Case
from storage.cases.events import CaseEvent, list_events, run_of
from storage.cases.tasks import Task
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import NotFound
from storage.inspections.checklists import checklist_of, find_line
from storage.inspections.papers import ORDER, RECORD
from storage.inspections.records import find_inspection
from storage.moments import in_china
from storage.people.actors import list_names
from storage.registry.businesses import find_business

_KIND_OF = {"order_rectification": ORDER, "carry_out": RECORD}
_COMPLETED, _INSPECTED, _ORDERED = "task_completed", "inspected", "rectification_ordered"
_BEHIND_THE_ORDER = frozenset({"prove_rectification", "check_rectification"})
"""Tasks of the diagram of an order that come after it."""


class NotedEntry(Protocol):
    """An entry of a case file, as it is kept or as it is shown."""

    @property
    def at(self) -> datetime:
        """When it was written."""
        ...

    @property
    def kind(self) -> str:
        """What it is about."""
        ...

    @property
    def data(self) -> dict[str, Any]:
        """What it holds."""
        ...


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A paper that may be printed: of which kind, the how-manieth, by which task."""

    kind: str
    nth: int
    task: str
    """Public id of the task that was completed with it."""
    element: str
    at: datetime
    place: int
    """Where its entry stands among those it was found in."""


@dataclass(frozen=True, slots=True)
class PaperParty:
    """The business a paper is about, as the registry has it."""

    name: str
    credit_code: str | None
    licence_number: str | None
    address: str | None
    person_in_charge: str | None


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of the checklist; its photos by their numbers on the paper."""

    name_zh: str
    name_en: str
    clause: str
    answer: str
    remark: str | None
    photos: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OfficialPaper:
    """What a paper says; its other words are those of the city's pack."""

    kind: str
    number: str
    case: str
    office: str | None
    """The post that answers for it."""
    at: datetime
    party: PaperParty | None
    officers: tuple[str, ...]
    lines: tuple[PaperLine, ...]
    """Of an order those found wrong, of a record all."""
    photos: tuple[str, ...]
    """Of a record: ids of attachments, in the order of their numbers."""
    text: str
    """What has to be put right, or what was found and said."""
    inspection_kind: str | None = None
    found: str | None = None
    seen: str = ""
    """Of an order: what the record before it says of the inspection."""
    until: date | None = None
    legal_basis: str | None = None


def papers_in(entries: Iterable[NotedEntry]) -> list[ListedPaper]:
    """List the papers of a file, oldest first; an order is one only with a date to keep."""
    listed: list[ListedPaper] = []
    for place, entry in enumerate(entries):
        kind = _KIND_OF.get(str(entry.data.get("task"))) if entry.kind == _COMPLETED else None
        form = entry.data.get("form") or {}
        if kind is None or (kind == ORDER and form.get("order") != "ordered"):
            continue
        nth = sum(paper.kind == kind for paper in listed) + 1
        key = _task_key(entry)
        element = str(entry.data.get("element", ""))
        listed.append(ListedPaper(kind, nth, key, element, entry.at, place))
    return listed


def paper_of(session: Session, task: Task, case: Case) -> OfficialPaper:
    """Return the paper of a task the actor may see, or the order its task answers.

    Raises:
        NotFound: nothing was ordered or recorded there yet, or the city prints no papers.
    """
    entries = list_events(session, case.id)
    listed = _of_task(entries, task)
    words = installed().papers.get(listed.kind) if listed is not None else None
    if listed is None or words is None:
        message = "这个环节没有可以打印的文书；责令限期整改或检查办结以后才有。"
        raise NotFound(message, code="no_paper")
    said = entries[listed.place]
    number = words.number.format(year=in_china(listed.at).year, case=case.number, nth=listed.nth)
    if listed.kind == ORDER:
        return _order(session, case, entries, said, listed, number)
    return _record(session, case, entries, said, listed, number)


def record_of(session: Session, case: Case) -> OfficialPaper | None:
    """Return what the last record of a case says, for whoever reviews it; None without any."""
    entries = list_events(session, case.id)
    listed = [paper for paper in papers_in(entries) if paper.kind == RECORD]
    if not listed:
        return None
    return _record(session, case, entries, entries[listed[-1].place], listed[-1], "")


def _of_task(entries: Sequence[CaseEvent], task: Task) -> ListedPaper | None:
    """The paper completed with a task, or the last order before one that answers it."""
    listed = papers_in(entries)
    if task.task_id not in _BEHIND_THE_ORDER:
        return next((paper for paper in listed if paper.task == task.key), None)
    diagram = run_of(task.element)
    keys = [_task_key(entry) if entry.kind == _COMPLETED else "" for entry in entries]
    done = keys.index(task.key) if task.key in keys else len(keys)
    before = [
        paper
        for paper in listed
        if paper.kind == ORDER and run_of(paper.element) == diagram and paper.place < done
    ]
    return before[-1] if before else None


def _task_key(entry: NotedEntry) -> str:
    """The public id of the task an entry completed."""
    return f"{entry.data.get('running')}-{entry.data.get('token')}"


def _order(
    session: Session,
    case: Case,
    entries: Sequence[CaseEvent],
    said: CaseEvent,
    listed: ListedPaper,
    number: str,
) -> OfficialPaper:
    form = said.data["form"]
    ordered = _fact(entries, listed.place, _ORDERED)
    until = _text(ordered.get("until"))
    lines, _ = _lines(session, case, _last_record(entries, listed.place))
    return OfficialPaper(
        kind=ORDER,
        number=number,
        case=case.number,
        office=case.owner_post,
        at=said.at,
        party=_party(session, case),
        officers=_who(session, said),
        lines=tuple(line for line in lines if line.answer == "no"),
        photos=(),
        text=_text(form.get("what")),
        until=in_china(datetime.fromisoformat(until)).date() if until else None,
        legal_basis=_text(form.get("legal_basis")),
        seen=_seen(entries, listed.place),
    )


def _record(
    session: Session,
    case: Case,
    entries: Sequence[CaseEvent],
    said: CaseEvent,
    listed: ListedPaper,
    number: str,
) -> OfficialPaper:
    form = said.data["form"]
    inspected = _fact(entries, listed.place, _INSPECTED)
    inspection = find_inspection(session, case.id)
    names = list_names(session, inspected.get("inspectors") or [])
    lines, photos = _lines(session, case, inspected.get("lines") or [])
    return OfficialPaper(
        kind=RECORD,
        number=number,
        case=case.number,
        office=case.owner_post,
        at=said.at,
        party=_party(session, case),
        officers=tuple(names.values()),
        lines=tuple(lines),
        photos=tuple(photos),
        text=_text(form.get("measures")),
        inspection_kind=None if inspection is None else inspection.kind,
        found=_text(form.get("found")),
    )


def _fact(entries: Sequence[CaseEvent], place: int, kind: str) -> dict[str, Any]:
    """What the step noted of itself, in the entries behind its own."""
    behind = (entry.data for entry in entries[place + 1 :] if entry.kind == kind)
    return next(behind, {})


def _seen(entries: Sequence[CaseEvent], place: int) -> str:
    """What the last record before an order says was found and said."""
    records = [paper for paper in papers_in(entries[:place]) if paper.kind == RECORD]
    if not records:
        return ""
    return _text(entries[records[-1].place].data["form"].get("measures"))


def _last_record(entries: Sequence[CaseEvent], place: int) -> list[dict[str, Any]]:
    """The lines of the inspection an order followed; none where there was no inspection."""
    before = [entry for entry in entries[:place] if entry.kind == _INSPECTED]
    return list(before[-1].data.get("lines") or []) if before else []


def _lines(
    session: Session, case: Case, noted: Iterable[dict[str, Any]]
) -> tuple[list[PaperLine], list[str]]:
    """The lines of a record as the checklist has them, and its photos as they are numbered."""
    inspection = find_inspection(session, case.id)
    listed = checklist_of(installed().checklists, inspection.checklist) if inspection else ()
    place = {line.item: place for place, line in enumerate(listed)}
    photos: list[str] = []
    lines: list[PaperLine] = []
    for said in sorted(noted, key=lambda line: place.get(line["item"], len(place))):
        own = list(said.get("photos") or [])
        numbers = tuple(range(len(photos) + 1, len(photos) + len(own) + 1))
        photos += own
        line = find_line(installed().checklists, said["item"])
        name_zh, name_en, clause = (
            (said["item"], said["item"], "")
            if line is None
            else (line.name_zh, line.name_en, line.clause)
        )
        remark = _text(said.get("remark")) or None
        lines.append(PaperLine(name_zh, name_en, clause, said["answer"], remark, numbers))
    return lines, photos


def _party(session: Session, case: Case) -> PaperParty | None:
    shop = None if case.business_id is None else find_business(session, case.business_id)
    if shop is None:
        return None
    return PaperParty(
        shop.name, shop.credit_code, shop.licence_number, shop.address, shop.person_in_charge
    )


def _who(session: Session, said: CaseEvent) -> tuple[str, ...]:
    """The officer who took a step."""
    _, _, ident = said.actor.partition(":")
    return tuple(list_names(session, [int(ident)]).values()) if ident.isdecimal() else ()


def _text(value: Any) -> str:
    """A text of a form; what was deleted at the end of its period is none."""
    return value if isinstance(value, str) else ""
