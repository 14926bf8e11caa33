"""Plans of inspections: rows without a case or a number before they start (R21)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, insert, or_, select, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.people.scope import under_areas
from storage.tables import (
    business,
    double_random_draw,
    inspection_plan,
    inspection_plan_change,
)

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class InspectionPlan:
    """Which businesses are inspected by whom and when, and who may know before it starts."""

    id: int
    kind: str
    title: str
    post: str
    businesses: list[int]
    inspectors: list[int]
    since: date
    until: date
    visible_from_rank: int | None
    embargo_until: datetime | None
    state: str
    created_by: int
    created_at: datetime
    started_at: datetime | None
    version: int

    def is_hidden(self, now: datetime) -> bool:
        """Whether only its planners and the ranks from `visible_from_rank` may know of it.

        One that was cancelled stays hidden: it may be planned once more.
        """
        waits = self.embargo_until is not None and self.embargo_until > now
        return self.visible_from_rank is not None and (self.state != "started" or waits)


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What a plan was before a change, and why it was changed, drawn again or cancelled."""

    plan_id: int
    version: int
    """That of the plan after the change."""
    kind: str
    """`changed`, `drawn` or `cancelled`."""
    reason: str
    before: dict[str, Any]
    changed_by: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn of whom by which seed."""

    seed: str
    population_hash: str
    population: dict[str, list[int]]
    drawn: dict[str, list[int]]
    at: datetime


_FIELDS = tuple(
    inspection_plan.c[name]
    for name in (
        "id",
        "kind",
        "title",
        "post",
        "businesses",
        "inspectors",
        "since",
        "until",
        "visible_from_rank",
        "embargo_until",
        "state",
        "created_by",
        "created_at",
        "started_at",
        "version",
    )
)
_CHANGE_FIELDS = tuple(inspection_plan_change.c[name] for name in PlanChange.__dataclass_fields__)


def get_plan(session: Session, plan_id: int, *, lock: bool = False) -> InspectionPlan:
    """Get a plan, locked against a second start where asked.

    Raises:
        NotFound: there is no such plan.
    """
    question: Select[Any] = select(*_FIELDS).where(inspection_plan.c.id == plan_id)
    row = session.execute(question.with_for_update() if lock else question).first()
    if row is None:
        raise no_such_plan()
    return InspectionPlan(*row)


def no_such_plan() -> NotFound:
    """Return the one refusal of a plan that is not there and of one that is hidden."""
    return NotFound("没有这个检查计划。", code="no_such_plan")


def add_plan(session: Session, values: Mapping[str, Any]) -> InspectionPlan:
    """Add a plan and return it."""
    row = insert(inspection_plan).values(**values, state="planned", version=1)
    key = session.execute(row.returning(inspection_plan.c.id)).scalar_one()
    return get_plan(session, int(key))


def change_plan(session: Session, change: PlanChange, values: Mapping[str, Any]) -> InspectionPlan:
    """Write what is new of a plan, with what it was before; return the plan."""
    row = update(inspection_plan).where(inspection_plan.c.id == change.plan_id)
    session.execute(row.values(**values, version=change.version))
    kept = {name: getattr(change, name) for name in PlanChange.__dataclass_fields__}
    session.execute(insert(inspection_plan_change).values(**kept))
    return get_plan(session, change.plan_id)


def list_changes(session: Session, plan_id: int) -> list[PlanChange]:
    """List what was changed of a plan, the first change first."""
    question: Select[Any] = select(*_CHANGE_FIELDS).where(
        inspection_plan_change.c.plan_id == plan_id
    )
    rows = session.execute(question.order_by(inspection_plan_change.c.version))
    return [PlanChange(*row) for row in rows]


def mark_started(session: Session, plan_id: int, *, at: datetime) -> None:
    """Write down that the inspections of a plan have begun."""
    row = update(inspection_plan).where(inspection_plan.c.id == plan_id)
    session.execute(row.values(state="started", started_at=at))


def list_plans(session: Session, *, state: str | None = None) -> list[InspectionPlan]:
    """List plans, newest first; whoever shows them leaves out what is hidden."""
    question: Select[Any] = select(*_FIELDS).order_by(inspection_plan.c.id.desc())
    if state is not None:
        question = question.where(inspection_plan.c.state == state)
    return [InspectionPlan(*row) for row in session.execute(question.limit(MOST_SHOWN))]


def plans_by_id(session: Session, keys: Collection[int]) -> list[InspectionPlan]:
    """Return some plans; whoever shows them leaves out what is hidden."""
    rows = session.execute(select(*_FIELDS).where(inspection_plan.c.id.in_(keys)))
    return [InspectionPlan(*row) for row in rows]


def areas_of(session: Session, businesses: Sequence[int]) -> dict[int, str]:
    """Return where businesses are."""
    question: Select[Any] = select(business.c.id, business.c.area_code).where(
        business.c.id.in_(businesses)
    )
    return {int(key): str(code) for key, code in session.execute(question)}


def list_population(
    session: Session, areas: Sequence[str], *, category: str | None = None
) -> list[int]:
    """List the operating businesses of some areas by id, those a draw draws from."""
    question: Select[Any] = select(business.c.id).where(
        business.c.status == "operating",
        business.c.merged_into.is_(None),
        under_areas(business.c.area_code, areas),
    )
    if category is not None:
        is_own, below = business.c.category == category, f"{category}."
        question = question.where(or_(is_own, business.c.category.startswith(below)))
    return list(session.scalars(question.order_by(business.c.id)))


def add_draw(session: Session, plan_id: int, draw: Draw) -> None:
    """Keep a draw beside those before it, so that anybody can draw again."""
    row = insert(double_random_draw).values(
        plan_id=plan_id,
        number=len(list_draws(session, plan_id)) + 1,
        seed=draw.seed,
        population_hash=draw.population_hash,
        population=draw.population,
        drawn=draw.drawn,
        at=draw.at,
    )
    session.execute(row)


def find_draw(session: Session, plan_id: int) -> Draw | None:
    """Find the draw that holds of a plan; None for one whose businesses were chosen by hand."""
    return next(reversed(list_draws(session, plan_id)), None)


def list_draws(session: Session, plan_id: int) -> list[Draw]:
    """List every draw of a plan, the first one first; the last one holds."""
    question: Select[Any] = select(
        double_random_draw.c.seed,
        double_random_draw.c.population_hash,
        double_random_draw.c.population,
        double_random_draw.c.drawn,
        double_random_draw.c.at,
    ).where(double_random_draw.c.plan_id == plan_id)
    rows = session.execute(question.order_by(double_random_draw.c.number))
    return [Draw(*row) for row in rows]
