"""Records of inspections: one for each case, with the lines of its checklist."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.inspections.plans import InspectionPlan
from storage.people.actors import Actor
from storage.people.scope import visible_case
from storage.registry.businesses import Business
from storage.tables import case_, inspection, inspection_item


@dataclass(frozen=True, slots=True)
class Inspection:
    """The inspection of one business."""

    case_id: int
    plan_id: int | None
    kind: str
    business_id: int
    checklist: str
    inspectors: list[int]
    started_at: datetime
    ended_at: datetime | None
    result: str | None
    publish_on: date | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a record, with the version it is in."""

    item: str
    version: int
    answer: str
    remark: str | None
    photos: list[str]
    changed_by: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CaseOfPlan:
    """How far the inspection of one business of a plan has come."""

    number: str
    status: str
    outcome: str | None
    inspectors: list[int]
    result: str | None
    ended_at: datetime | None


_FIELDS = tuple(inspection.c[name] for name in Inspection.__dataclass_fields__)
_ITEM_FIELDS = tuple(inspection_item.c[name] for name in Item.__dataclass_fields__)


def add_inspection(
    session: Session, case_id: int, plan: InspectionPlan, business: Business, *, at: datetime
) -> None:
    """Add the record of a business whose inspection begins."""
    row = insert(inspection).values(
        case_id=case_id,
        plan_id=plan.id,
        kind=plan.kind,
        business_id=business.id,
        checklist=business.category.partition(".")[0],
        inspectors=plan.inspectors,
        started_at=at,
    )
    session.execute(row)


def end_inspection(
    session: Session,
    case_id: int,
    *,
    result: str | None = None,
    inspectors: list[int] | None = None,
    at: datetime | None = None,
    publish_on: date | None = None,
) -> None:
    """Write down what was found and by whom, or when the result has to be public."""
    given = {
        "result": result,
        "inspectors": inspectors,
        "ended_at": at,
        "publish_on": publish_on,
    }
    values = {name: value for name, value in given.items() if value is not None}
    session.execute(update(inspection).where(inspection.c.case_id == case_id).values(**values))


def get_inspection(session: Session, case_id: int) -> Inspection:
    """Get the record of a case.

    Raises:
        NotFound: the case is no inspection.
    """
    found = find_inspection(session, case_id)
    if found is None:
        raise NotFound("这个案件不是部门检查。", code="no_inspection")
    return found


def find_inspection(session: Session, case_id: int) -> Inspection | None:
    """Find the record of a case; None for one that is no inspection, or plays in a scenario."""
    question: Select[Any] = select(*_FIELDS).where(inspection.c.case_id == case_id)
    row = session.execute(question).first()
    return None if row is None else Inspection(*row)


def last_inspected(session: Session, businesses: Collection[int]) -> dict[int, datetime]:
    """Return when businesses were inspected last; those that never were are left out."""
    question: Select[Any] = (
        select(inspection.c.business_id, func.max(inspection.c.ended_at))
        .where(inspection.c.business_id.in_(businesses), inspection.c.ended_at.is_not(None))
        .group_by(inspection.c.business_id)
    )
    return {int(key): at for key, at in session.execute(question)}


@dataclass(frozen=True, slots=True)
class PlannedInspection:
    """An inspection of a business that was planned and has begun, ended or not."""

    business_id: int
    plan_id: int
    ended_at: datetime | None


def list_recent(
    session: Session, businesses: Collection[int], *, since: datetime
) -> list[PlannedInspection]:
    """List planned inspections that are open or ended lately; who shows them hides what is."""
    question: Select[Any] = select(
        inspection.c.business_id, inspection.c.plan_id, inspection.c.ended_at
    ).where(
        inspection.c.business_id.in_(businesses),
        inspection.c.plan_id.is_not(None),
        or_(inspection.c.ended_at.is_(None), inspection.c.ended_at >= since),
    )
    rows = session.execute(question.order_by(inspection.c.case_id.desc()))
    return [PlannedInspection(*row) for row in rows]


def cases_of_plan(session: Session, plan_id: int, actor: Actor) -> dict[int, CaseOfPlan]:
    """Return the cases a plan opened that the actor may see, by business."""
    question: Select[Any] = (
        select(
            inspection.c.business_id,
            case_.c.number,
            case_.c.status,
            case_.c.outcome,
            inspection.c.inspectors,
            inspection.c.result,
            inspection.c.ended_at,
        )
        .select_from(case_.join(inspection, inspection.c.case_id == case_.c.id))
        .where(inspection.c.plan_id == plan_id, visible_case(actor))
        .order_by(case_.c.id)
    )
    return {row[0]: CaseOfPlan(*row[1:]) for row in session.execute(question)}


def list_items(session: Session, case_id: int) -> list[Item]:
    """List the lines that were filled in."""
    question: Select[Any] = select(*_ITEM_FIELDS).where(inspection_item.c.case_id == case_id)
    return [Item(*row) for row in session.execute(question.order_by(inspection_item.c.item))]


def put_item(session: Session, case_id: int, new: Item) -> None:
    """Write a line; its version is one more than what was there."""
    values = {
        "version": new.version,
        "answer": new.answer,
        "remark": new.remark,
        "photos": new.photos,
        "changed_by": new.changed_by,
        "changed_at": new.changed_at,
    }
    if new.version == 1:
        session.execute(insert(inspection_item).values(case_id=case_id, item=new.item, **values))
        return
    row = update(inspection_item).where(
        inspection_item.c.case_id == case_id, inspection_item.c.item == new.item
    )
    session.execute(row.values(**values))
