"""Results of inspections: those that wait to be published, and those the public sees (art. 39)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Select, func, select, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.actors import Actor
from storage.people.scope import visible_case
from storage.tables import business, case_, case_event, inspection, inspection_item


@dataclass(frozen=True, slots=True)
class InspectionResult:
    """How the inspection of a business ended, and when that has to be or was made public."""

    case_id: int
    number: str
    owner_post: str | None
    business_id: int
    business: str
    area: str
    kind: str
    checklist: str
    result: str | None
    outcome: str | None
    inspectors: list[int]
    ended_at: datetime
    publish_on: date
    published_at: datetime | None


CORRECTED: Final = "result_corrected"
"""The entry of a case file that corrects its published result."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What the public is told of a published result afterwards."""

    corrected_at: datetime
    text: str


_FIELDS = (
    inspection.c.case_id,
    case_.c.number,
    case_.c.owner_post,
    inspection.c.business_id,
    business.c.name,
    case_.c.area_code,
    inspection.c.kind,
    inspection.c.checklist,
    inspection.c.result,
    case_.c.outcome,
    inspection.c.inspectors,
    inspection.c.ended_at,
    inspection.c.publish_on,
    inspection.c.published_at,
)
_WAITS = (inspection.c.publish_on.is_not(None), inspection.c.published_at.is_(None))


def list_waiting(
    session: Session, actor: Actor, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[InspectionResult]:
    """List results of inspections the actor may see that wait, the most urgent first."""
    limit = clamped(limit)
    place = (inspection.c.publish_on, inspection.c.case_id)
    question = _results().where(*_WAITS, visible_case(actor)).order_by(*place).limit(limit + 1)
    if cursor is not None:
        day, case_id = read_cursor(cursor, [str, int])
        on, last = date.fromisoformat(day), inspection.c.case_id > case_id
        question = question.where((place[0] > on) | ((place[0] == on) & last))
    found = [InspectionResult(*row) for row in session.execute(question)]
    return page_of(found, limit, lambda one: [one.publish_on.isoformat(), one.case_id])


def count_waiting(session: Session, actor: Actor) -> int:
    """Count the results of `list_waiting`."""
    question: Select[Any] = (
        select(func.count())
        .select_from(inspection.join(case_, case_.c.id == inspection.c.case_id))
        .where(*_WAITS, visible_case(actor))
    )
    return int(session.execute(question).scalar_one())


def list_published(
    session: Session, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[InspectionResult]:
    """List what was published, newest first: for anybody."""
    limit = clamped(limit)
    place = (inspection.c.published_at, inspection.c.case_id)
    newest = (column.desc() for column in place)
    question = _results().where(place[0].is_not(None)).order_by(*newest).limit(limit + 1)
    if cursor is not None:
        at, case_id = read_cursor(cursor, [datetime, int])
        earlier = inspection.c.case_id < case_id
        question = question.where((place[0] < at) | ((place[0] == at) & earlier))
    found = [InspectionResult(*row) for row in session.execute(question)]
    return page_of(found, limit, lambda one: [_text(one.published_at), one.case_id])


def list_published_of(
    session: Session, business_id: int, *, limit: int = DEFAULT_LIMIT
) -> list[InspectionResult]:
    """List what was published of one business, newest first: for anybody."""
    of_it = (inspection.c.business_id == business_id, inspection.c.published_at.is_not(None))
    newest = (inspection.c.ended_at.desc(), inspection.c.case_id.desc())
    question = _results().where(*of_it).order_by(*newest).limit(clamped(limit))
    return [InspectionResult(*row) for row in session.execute(question)]


def get_result(session: Session, case_id: int, *, lock: bool = False) -> InspectionResult:
    """Get the result of a case, locked against a second publishing where asked.

    Raises:
        NotFound: its inspection has no result yet, or it is none.
    """
    question = _results().where(inspection.c.case_id == case_id, _WAITS[0])
    held = question.with_for_update(of=inspection) if lock else question
    row = session.execute(held).first()
    if row is None:
        message = "这个案件没有可以公开的检查结果；检查办结后才有。"
        raise NotFound(message, code="no_result")
    return InspectionResult(*row)


def mark_published(session: Session, case_id: int, *, at: datetime) -> None:
    """Write down when a result became public."""
    row = update(inspection).where(inspection.c.case_id == case_id)
    session.execute(row.values(published_at=at))


def problems_of(session: Session, cases: Collection[int]) -> dict[int, list[str]]:
    """Return the lines of the checklists that were answered with no, by case."""
    question: Select[Any] = (
        select(inspection_item.c.case_id, inspection_item.c.item)
        .where(inspection_item.c.case_id.in_(list(cases)), inspection_item.c.answer == "no")
        .order_by(inspection_item.c.case_id, inspection_item.c.item)
    )
    found: dict[int, list[str]] = {case_id: [] for case_id in cases}
    for case_id, item in session.execute(question):
        found[case_id].append(item)
    return found


def corrections_of(session: Session, cases: Collection[int]) -> dict[int, list[Correction]]:
    """Return what was corrected after publishing, oldest first, by case; as their files have it."""
    question: Select[Any] = (
        select(case_event.c.case_id, case_event.c.at, case_event.c.data)
        .where(case_event.c.case_id.in_(list(cases)), case_event.c.kind == CORRECTED)
        .order_by(case_event.c.case_id, case_event.c.seq)
    )
    found: dict[int, list[Correction]] = {case_id: [] for case_id in cases}
    for case_id, at, data in session.execute(question):
        found[case_id].append(Correction(at, str(orjson.loads(data)["text"])))
    return found


def find_recorder(session: Session, case_id: int) -> str | None:
    """Find who filled in the record last, as the case file names people."""
    question: Select[Any] = (
        select(case_event.c.actor)
        .where(case_event.c.case_id == case_id, case_event.c.kind == "inspected")
        .order_by(case_event.c.seq.desc())
        .limit(1)
    )
    actor: str | None = session.execute(question).scalar()
    return actor


def _results() -> Select[Any]:
    held = inspection.join(case_, case_.c.id == inspection.c.case_id)
    return select(*_FIELDS).select_from(
        held.join(business, business.c.id == inspection.c.business_id)
    )


def _text(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
