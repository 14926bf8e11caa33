"""Plans of inspections: rows without a case or a number before they start (R21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, insert, or_, select, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.people.scope import under_areas
from storage.tables import business, double_random_draw, inspection_plan

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

    def is_hidden(self, now: datetime) -> bool:
        """Whether only its planners and the ranks from `visible_from_rank` may know of it."""
        waits = self.embargo_until is not None and self.embargo_until > now
        return self.visible_from_rank is not None and (self.state == "planned" or waits)


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
    )
)


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
    row = insert(inspection_plan).values(**values, state="planned")
    key = session.execute(row.returning(inspection_plan.c.id)).scalar_one()
    return get_plan(session, int(key))


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
    """Keep a draw, so that anybody can draw again."""
    row = insert(double_random_draw).values(
        plan_id=plan_id,
        seed=draw.seed,
        population_hash=draw.population_hash,
        population=draw.population,
        drawn=draw.drawn,
        at=draw.at,
    )
    session.execute(row)


def find_draw(session: Session, plan_id: int) -> Draw | None:
    """Find the draw of a plan; None for one whose businesses were chosen by hand."""
    question: Select[Any] = select(
        double_random_draw.c.seed,
        double_random_draw.c.population_hash,
        double_random_draw.c.population,
        double_random_draw.c.drawn,
        double_random_draw.c.at,
    ).where(double_random_draw.c.plan_id == plan_id)
    row = session.execute(question).first()
    return None if row is None else Draw(*row)
