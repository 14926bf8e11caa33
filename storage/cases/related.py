"""Cases that have to do with each other: repeats, possible duplicates, links."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    insert,
    literal_column,
    select,
    true,
    union_all,
)

from storage.cases.cases import CASE_FIELDS, Case
from storage.database.session import Session
from storage.people.actors import Actor
from storage.people.scope import under_area, visible_case
from storage.tables import case_, case_link

DUPLICATE_OF = "duplicate_of"
"""The link of a case that ended as a duplicate, to its original."""
MOST_ENDING_ALIKE = 6
"""More cases with the same last digits than anybody chooses among."""


def list_repeats(
    session: Session, *, business_id: int, matter: str, since: datetime, but: int | None = None
) -> list[Case]:
    """List cases of the same business and matter since a moment, newest first."""
    question = (
        select(*CASE_FIELDS)
        .where(
            case_.c.business_id == business_id,
            case_.c.matter == matter,
            case_.c.opened_at >= since,
        )
        .order_by(case_.c.id.desc())
        .limit(20)
    )
    if but is not None:
        question = question.where(case_.c.id != but)
    return [Case(*row) for row in session.execute(question)]


def list_alike(
    session: Session, *, matter: str, area: str, since: datetime, but: int | None = None
) -> list[Case]:
    """List cases of the same matter in a subtree of areas since a moment, newest first."""
    question = (
        select(*CASE_FIELDS)
        .where(
            case_.c.matter == matter,
            case_.c.opened_at >= since,
            under_area(case_.c.area_code, area),
        )
        .order_by(case_.c.id.desc())
        .limit(50)
    )
    if but is not None:
        question = question.where(case_.c.id != but)
    return [Case(*row) for row in session.execute(question)]


def list_own_open(
    session: Session,
    officer: int,
    *,
    matter: str,
    area: str,
    business_id: int | None,
    since: datetime,
) -> list[Case]:
    """List the open cases an officer collected since a moment, of a matter at one place.

    The place is the business, where there is one, else the area without a business.
    """
    question = (
        select(*CASE_FIELDS)
        .where(
            case_.c.collector_officer == officer,
            case_.c.status == "open",
            case_.c.matter == matter,
            case_.c.opened_at >= since,
            case_.c.business_id.is_not_distinct_from(business_id),
        )
        .order_by(case_.c.id.desc())
        .limit(3)
    )
    if business_id is None:
        question = question.where(case_.c.area_code == area)
    return [Case(*row) for row in session.execute(question)]


def list_open_ending_in(
    session: Session, digits: str, *, area: str, but: int, actor: Actor
) -> list[Case]:
    """List the open cases of an area with these last digits, newest first, that an actor sees."""
    question = (
        select(*CASE_FIELDS)
        .where(
            case_.c.status == "open",
            case_.c.id != but,
            case_.c.number.endswith(digits, autoescape=True),
            under_area(case_.c.area_code, area),
            visible_case(actor),
        )
        .order_by(case_.c.id.desc())
        .limit(MOST_ENDING_ALIKE)
    )
    return [Case(*row) for row in session.execute(question)]


def list_open_around(session: Session, *, actor: Actor, since: datetime) -> list[Case]:
    """List the open cases with a position, opened since a moment, that an actor may see."""
    question = (
        select(*CASE_FIELDS)
        .where(
            case_.c.status == "open",
            case_.c.opened_at >= since,
            case_.c.location.is_not(None),
            visible_case(actor),
        )
        .order_by(case_.c.id)
    )
    return [Case(*row) for row in session.execute(question)]


def list_seen(session: Session, ids: Collection[int], *, actor: Actor) -> set[int]:
    """List which of these cases an actor may see."""
    question = select(case_.c.id).where(case_.c.id.in_(ids), visible_case(actor))
    return set(session.scalars(question)) if ids else set()


def link_cases(session: Session, case_id: int, other_id: int, *, kind: str, at: datetime) -> None:
    """Link two cases: `duplicate_of`, `split_from`, `merged_into`, `same_submission`.

    A link that is there already stays as it is: a reopened case may end as the same duplicate.
    """
    known = select(case_link.c.kind).where(
        case_link.c.case_id == case_id, case_link.c.other_id == other_id, case_link.c.kind == kind
    )
    if session.execute(known).first() is None:
        session.execute(
            insert(case_link).values(case_id=case_id, other_id=other_id, kind=kind, created_at=at)
        )


def list_links(
    session: Session, case_id: int, *, actor: Actor | None = None
) -> list[tuple[Case, str, bool]]:
    """List linked cases with the kind of link, and whether the link goes out from `case_id`.

    With an `actor` only those they may see.
    """
    seen = true() if actor is None else visible_case(actor)
    question = union_all(
        _linked("out", there=case_link.c.other_id).where(case_link.c.case_id == case_id, seen),
        _linked("in", there=case_link.c.case_id).where(case_link.c.other_id == case_id, seen),
    )
    links = [(Case(*row[:-2]), row[-2], row[-1] == "out") for row in session.execute(question)]
    return sorted(links, key=lambda link: (not link[2], link[0].id))


def _linked(way: str, *, there: ColumnElement[Any]) -> Select[Any]:
    return select(*CASE_FIELDS, case_link.c.kind, literal_column(f"'{way}'")).join(
        case_link, case_.c.id == there
    )
