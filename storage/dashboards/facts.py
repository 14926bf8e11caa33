"""One fact for each closed case: kept beside the cases, read by period; never written by a step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, insert, or_, select

from storage.cases.cases import CASE_FIELDS, Case
from storage.database.session import Session
from storage.moments import Json, in_china
from storage.people.actors import Actor
from storage.people.scope import under_area, visible_case
from storage.tables import case_, fact_case

_OVERLAP: Final = timedelta(hours=1)
"""Longer than any transaction: what closed earlier and was committed later is still found."""


class Fact(NamedTuple):
    """What the statistics know of one closed case; `minutes` are minutes of office time."""

    case_id: int
    area_code: str
    opened_at: datetime
    closed_at: datetime
    kind: str
    source: str
    channel: str | None
    matter: str | None
    accepting_party: str | None
    outcome: str | None
    handled_level: str | None
    collector: int | None
    passes: int
    pass_reasons: Json
    failed_verifications: int
    reopened: int
    is_eligible: bool
    is_self_resolved: bool
    minutes: int
    minutes_by_level: Json


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From a moment on, and before another."""

    since: datetime
    before: datetime

    @property
    def days(self) -> tuple[date, date]:
        """Its first and its last day, in the zone of the city."""
        last = self.before - timedelta(microseconds=1)
        return in_china(self.since).date(), in_china(last).date()


_FIELDS = tuple(fact_case.c[name] for name in Fact._fields)

# A case that was reopened since keeps its old fact until it closes again; it counts for nothing.
_IS_CURRENT = and_(case_.c.status == "closed", case_.c.closed_at == fact_case.c.closed_at)
_CLOSED: Select[Any] = select(*_FIELDS).join(case_, case_.c.id == fact_case.c.case_id)

_UNDERIVED: Select[Any] = (
    select(*CASE_FIELDS)
    .outerjoin(fact_case, fact_case.c.case_id == case_.c.id)
    .where(
        case_.c.status == "closed",
        case_.c.is_listed,
        case_.c.closed_at >= bindparam("since"),
        or_(fact_case.c.case_id.is_(None), fact_case.c.closed_at != case_.c.closed_at),
    )
    .order_by(case_.c.closed_at, case_.c.id)
    .limit(bindparam("most"))
)
_LATEST = select(func.max(fact_case.c.closed_at))


def list_underived(session: Session, *, limit: int) -> list[Case]:
    """List closed cases without their fact, the first closed first, from the last fact on."""
    latest = session.execute(_LATEST).scalar_one()
    since = datetime.fromisoformat("1970-01-01T00:00:00+00:00") if latest is None else latest
    names = {"since": since - _OVERLAP, "most": limit}
    return [Case(*row) for row in session.execute(_UNDERIVED, names)]


def put_facts(session: Session, facts: Sequence[Fact]) -> None:
    """Put facts in, in the place of those of the same cases."""
    if not facts:
        return
    session.execute(
        delete(fact_case).where(fact_case.c.case_id.in_([fact.case_id for fact in facts]))
    )
    session.execute(insert(fact_case), [fact._asdict() for fact in facts])


def forget_facts(session: Session) -> None:
    """Remove every fact, before they are derived again."""
    session.execute(delete(fact_case))


def list_every_fact(session: Session) -> list[Fact]:
    """List every fact that counts in the order of cases, for a comparison."""
    question = _CLOSED.where(_IS_CURRENT).order_by(fact_case.c.case_id)
    return [Fact(*row) for row in session.execute(question)]


def list_facts(
    session: Session, *, actor: Actor, area: str | None = None, closed: TimeRange | None = None
) -> list[Fact]:
    """List the facts of cases an actor may see that closed within a period."""
    conditions = _conditions(actor, area)
    if closed is not None:
        conditions += _within(fact_case.c.closed_at, closed)
    return [Fact(*row) for row in session.execute(_CLOSED.where(*conditions))]


def list_opened(
    session: Session, *, actor: Actor, area: str | None = None, opened: TimeRange
) -> list[datetime]:
    """List when the cases that are closed by now were opened, of those opened within a period."""
    question = (
        select(fact_case.c.opened_at)
        .join(case_, case_.c.id == fact_case.c.case_id)
        .where(*_conditions(actor, area), *_within(fact_case.c.opened_at, opened))
    )
    return list(session.execute(question).scalars())


def list_filed(
    session: Session, *, actor: Actor, area: str | None = None, opened: TimeRange
) -> list[str]:
    """List the areas of the cases opened within a period, open or closed by now, one a case."""
    within = [] if area is None else [under_area(case_.c.area_code, area)]
    question = select(case_.c.area_code).where(
        visible_case(actor), *within, *_within(case_.c.opened_at, opened)
    )
    return list(session.execute(question).scalars())


def _conditions(actor: Actor, area: str | None) -> list[ColumnElement[bool]]:
    within = [] if area is None else [under_area(fact_case.c.area_code, area)]
    return [_IS_CURRENT, visible_case(actor), *within]


def _within(column: Any, span: TimeRange) -> Iterable[ColumnElement[bool]]:
    return column >= span.since, column < span.before
