"""The cases enforcement files on leads, each tied to the case it came from (R25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, or_, select, update

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.pages import DEFAULT_LIMIT, Page
from storage.people.actors import Actor
from storage.people.scope import visible_case
from storage.tables import case_, enforcement_case


@dataclass(frozen=True, slots=True)
class EnforcementCase:
    """What a brigade filed, and what it decided; `origin` is the case the lead came from."""

    id: int
    number: str
    unit: str
    origin: str
    title: str
    area: str
    filed_at: datetime
    officers: list[str]
    state: str
    decided_at: datetime | None
    measure: str | None
    document: str | None
    fine_fen: int | None
    confiscation_fen: int | None


_FIELDS = (
    enforcement_case.c.id,
    enforcement_case.c.number,
    enforcement_case.c.unit,
    case_.c.number,
    case_.c.title,
    case_.c.area_code,
    enforcement_case.c.filed_at,
    enforcement_case.c.officers,
    enforcement_case.c.state,
    enforcement_case.c.decided_at,
    enforcement_case.c.measure,
    enforcement_case.c.document,
    enforcement_case.c.fine_fen,
    enforcement_case.c.confiscation_fen,
)


def is_number_taken(session: Session, unit: str, number: str) -> bool:
    """Whether a unit has filed a case under this number."""
    question = select(enforcement_case.c.id).where(
        enforcement_case.c.unit == unit, enforcement_case.c.number == number
    )
    return session.execute(question).first() is not None


def add_enforcement_case(
    session: Session, *, number: str, unit: str, origin_id: int, filed_by: int, at: datetime
) -> int:
    """Add a case that is investigated from now on; return its key."""
    row = insert(enforcement_case).values(
        number=number,
        unit=unit,
        origin_case=origin_id,
        filed_at=at,
        filed_by=filed_by,
        officers=[],
        state="open",
    )
    return int(session.execute(row.returning(enforcement_case.c.id)).scalar_one())


def put_officers(session: Session, case_id: int, officers: Sequence[str]) -> None:
    """Write down who investigates."""
    row = update(enforcement_case).where(enforcement_case.c.id == case_id)
    session.execute(row.values(officers=list(officers)))


def put_decision(
    session: Session,
    case_id: int,
    *,
    measure: str,
    document: str | None,
    fine_fen: int | None,
    confiscation_fen: int | None,
    at: datetime,
) -> None:
    """Write down what was decided."""
    row = update(enforcement_case).where(enforcement_case.c.id == case_id)
    session.execute(
        row.values(
            measure=measure,
            document=document,
            fine_fen=fine_fen,
            confiscation_fen=confiscation_fen,
            decided_at=at,
            state="decided",
        )
    )


def list_enforcement_cases(
    session: Session,
    actor: Actor,
    *,
    state: str | None = None,
    origin: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[EnforcementCase]:
    """List those of the actor's own unit or of cases the actor may see, newest first."""
    of_unit = enforcement_case.c.unit.in_(actor.post_ids)
    question: Select[Any] = (
        select(*_FIELDS)
        .join(case_, case_.c.id == enforcement_case.c.origin_case)
        .where(or_(of_unit, visible_case(actor)))
    )
    if state is not None:
        question = question.where(enforcement_case.c.state == state)
    if origin is not None:
        question = question.where(case_.c.number == origin)
    return page_by_id(
        session,
        question,
        enforcement_case.c.id,
        by_place(EnforcementCase),
        cursor=cursor,
        limit=limit,
    )
