"""Closed periods of self-inspection, and how closely a business is watched because of them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, insert, or_, select

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.moments import Json, in_force
from storage.pages import DEFAULT_LIMIT, Page
from storage.people.actors import Actor
from storage.people.roles import GRID_ASSISTANTS
from storage.people.scope import under_areas
from storage.tables import business, case_, holding, intensity, officer, post, self_report, task

LOOKS_BACK: Final = 4
"""So many periods count."""

_OTHERS: Final = ("grid_report", "public_report", "department_inspection")
_TRUE: Final = ("resolved", "long_running", "case_lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSelfReport:
    """A period that is closed: done or missed."""

    business_id: int
    case_id: int
    obligation: str
    period: str
    outcome: str
    due_at: datetime
    closed_at: datetime
    found: Sequence[str]


@dataclass(frozen=True, slots=True)
class SelfReport:
    """One closed period."""

    id: int
    business_id: int
    business: str
    category: str
    area_code: str
    obligation: str
    period: str
    outcome: str
    due_at: datetime
    closed_at: datetime
    found: list[str]


@dataclass(frozen=True, slots=True)
class NewIntensity:
    """A change of how closely a business is watched."""

    business_id: int
    state: str
    since: datetime
    because: dict[str, Json]
    case_id: int


@dataclass(frozen=True, slots=True)
class Intensity:
    """How closely a business is watched, since when and why."""

    business_id: int
    business: str
    category: str
    area_code: str
    state: str
    since: datetime
    because: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PeriodStanding:
    """What the table of intensity is asked with."""

    missed: int
    found_by_others: int
    unrectified: int
    clean: int
    current: str


def add_self_report(session: Session, new: NewSelfReport) -> None:
    """Close a period; there is one row for each."""
    session.execute(insert(self_report).values({**asdict(new), "found": list(new.found)}))


def is_reported(session: Session, case_id: int) -> bool:
    """Whether the period of a case is closed."""
    question = select(self_report.c.id).where(self_report.c.case_id == case_id)
    return session.execute(question).first() is not None


def add_intensity(session: Session, new: NewIntensity) -> None:
    """Put a change on file."""
    session.execute(insert(intensity).values(asdict(new)))


def read_standing(
    session: Session, business_id: int, obligation: str, *, at: datetime
) -> PeriodStanding:
    """Read where a business stands after its newest closed period of an obligation."""
    columns = (self_report.c.outcome, self_report.c.closed_at, self_report.c.found)
    question: Select[Any] = (
        select(*columns, case_.c.opened_at)
        .join(case_, case_.c.id == self_report.c.case_id)
        .where(self_report.c.business_id == business_id, self_report.c.obligation == obligation)
    )
    rows = session.execute(question.order_by(self_report.c.id.desc()).limit(LOOKS_BACK)).all()
    since = min((row.opened_at for row in rows), default=at)
    admitted = {code for row in rows for code in row.found}
    others = _found_by_others(session, business_id, since=since, admitted=admitted)
    last = max(others.values(), default=None)
    clean = 0
    for row in rows:
        if row.outcome == "missed" or (last is not None and row.opened_at <= last):
            break
        clean += 1
    return PeriodStanding(
        missed=sum(row.outcome == "missed" for row in rows),
        found_by_others=len(others),
        unrectified=_unrectified(session, business_id, at=at),
        clean=clean,
        current=find_state(session, business_id),
    )


def find_state(session: Session, business_id: int) -> str:
    """Find how closely a business is watched; normal when nothing is on file."""
    question = select(intensity.c.state).where(intensity.c.business_id == business_id)
    state = session.execute(question.order_by(intensity.c.id.desc()).limit(1)).scalar()
    return str(state or "normal")


def states_of(session: Session, businesses: Collection[int]) -> dict[int, str]:
    """Return how closely businesses are watched; those that are not are left out."""
    newer = intensity.alias("newer")
    is_newest = ~exists().where(
        newer.c.business_id == intensity.c.business_id, newer.c.id > intensity.c.id
    )
    question = select(intensity.c.business_id, intensity.c.state).where(
        intensity.c.business_id.in_(businesses), is_newest
    )
    return {int(key): str(state) for key, state in session.execute(question)}


def list_history(session: Session, business_id: int) -> list[Intensity]:
    """List the changes of a business, the newest first."""
    question = _INTENSITY.where(intensity.c.business_id == business_id)
    return [Intensity(*row) for row in session.execute(question.order_by(intensity.c.id.desc()))]


def list_watched(session: Session, areas: Sequence[str], *, limit: int) -> list[Intensity]:
    """List the businesses of some areas that are watched more closely now."""
    newer = intensity.alias("newer")
    is_newest = ~exists().where(
        newer.c.business_id == intensity.c.business_id, newer.c.id > intensity.c.id
    )
    question = _INTENSITY.where(_within(areas), is_newest, intensity.c.state != "normal")
    rows = session.execute(question.order_by(intensity.c.since.desc()).limit(limit))
    return [Intensity(*row) for row in rows]


def list_reports(
    session: Session,
    *,
    actor: Actor,
    business_id: int | None = None,
    outcome: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[SelfReport]:
    """List closed periods of one's areas and of one's own business, the newest first."""
    theirs = or_(_within(actor.prefixes), business.c.id == (actor.business_id or 0))
    question = _REPORTS.where(theirs)
    if business_id is not None:
        question = question.where(self_report.c.business_id == business_id)
    if outcome is not None:
        question = question.where(self_report.c.outcome == outcome)
    return page_by_id(
        session, question, self_report.c.id, by_place(SelfReport), cursor=cursor, limit=limit
    )


def list_represented(session: Session) -> list[int]:
    """List the businesses somebody has an account for."""
    question = select(officer.c.business_id).where(officer.c.business_id.is_not(None))
    return sorted(session.execute(question.distinct()).scalars())


def list_accounts(session: Session, business_id: int) -> list[tuple[str, str]]:
    """List name and user name of the active accounts of a business."""
    question = select(officer.c.display_name, officer.c.username).where(
        officer.c.business_id == business_id, officer.c.active
    )
    return [(row[0], row[1]) for row in session.execute(question.order_by(officer.c.id))]


def holds_grid_post(session: Session, business_id: int, *, at: datetime) -> bool:
    """Whether somebody of a business holds a post of the grid."""
    question = (
        select(holding.c.id)
        .join(officer, officer.c.id == holding.c.officer_id)
        .join(post, post.c.id == holding.c.post_id)
        .where(officer.c.business_id == business_id, officer.c.active)
        .where(post.c.role.in_(sorted(GRID_ASSISTANTS)), in_force(holding, at))
    )
    return session.execute(question.limit(1)).first() is not None


_INTENSITY: Select[Any] = select(
    intensity.c.business_id,
    business.c.name,
    business.c.category,
    business.c.area_code,
    intensity.c.state,
    intensity.c.since,
    intensity.c.because,
).join(business, business.c.id == intensity.c.business_id)

_REPORTS: Select[Any] = select(
    self_report.c.id,
    self_report.c.business_id,
    business.c.name,
    business.c.category,
    business.c.area_code,
    self_report.c.obligation,
    self_report.c.period,
    self_report.c.outcome,
    self_report.c.due_at,
    self_report.c.closed_at,
    self_report.c.found,
).join(business, business.c.id == self_report.c.business_id)


def _within(areas: Sequence[str]) -> ColumnElement[bool]:
    return under_areas(business.c.area_code, areas)


def _found_by_others(
    session: Session, business_id: int, *, since: datetime, admitted: set[str]
) -> dict[str, datetime]:
    """Matters others found true that the business had not named, each once, with the last time."""
    rows = session.execute(
        select(case_.c.matter, func.max(case_.c.opened_at))
        .where(case_.c.business_id == business_id, case_.c.kind.in_(_OTHERS))
        .where(case_.c.opened_at >= since, case_.c.outcome.in_(_TRUE))
        .where(case_.c.matter.is_not(None))
        .group_by(case_.c.matter)
    )
    return {code: last for code, last in rows if code not in admitted}


def _unrectified(session: Session, business_id: int, *, at: datetime) -> int:
    """Orders to put something right whose date has passed without a proof."""
    question = (
        select(func.count(task.c.task_id))
        .join(case_, case_.c.id == task.c.case_id)
        .where(case_.c.business_id == business_id, task.c.state == "open")
        .where(task.c.task_id == "prove_rectification", task.c.due_at < at)
    )
    return int(session.execute(question).scalar_one())
