"""Visits of rounds: added once, never changed; who may see which."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, false, insert, or_, select

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.errors import NotFound
from storage.pages import DEFAULT_LIMIT, Page
from storage.people.actors import Actor
from storage.people.scope import under_area
from storage.places.links import list_links, origins
from storage.tables import business, case_, patrol, patrol_withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPatrol:
    """A visit to add; `visited_at` is the time that counts."""

    business_id: int
    area_code: str
    officer_id: int
    post_id: str
    result: str
    visited_at: datetime
    received_at: datetime
    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    distance: int | None = None
    looked_at: Sequence[str] = ()
    list_version: str
    photos: Sequence[str] = ()
    remark: str | None = None
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class Patrol:
    """One visit."""

    id: int
    business_id: int
    area_code: str
    officer_id: int
    post_id: str
    result: str
    visited_at: datetime
    received_at: datetime
    taken_at: datetime | None
    lat: float | None
    lon: float | None
    distance: int | None
    looked_at: list[str]
    list_version: str
    photos: list[str]
    remark: str | None
    case_id: int | None
    withdrawn_at: datetime | None
    """When its officer took it back; such a visit counts nowhere."""


@dataclass(frozen=True, slots=True)
class PatrolFilter:
    """Which visits; what is None does not narrow."""

    business: int | None = None
    officer: int | None = None
    area: str | None = None
    result: str | None = None


_WITHDRAWN = (
    select(patrol_withdrawal.c.withdrawn_at)
    .where(patrol_withdrawal.c.patrol_id == patrol.c.id)
    .correlate(patrol)
    .scalar_subquery()
    .label("withdrawn_at")
)
_FIELDS = (
    *(patrol.c[field.name] for field in fields(Patrol) if field.name != "withdrawn_at"),
    _WITHDRAWN,
)


def counts(visits: FromClause) -> ColumnElement[bool]:
    """Filter visits: those nobody took back."""
    taken_back = select(patrol_withdrawal.c.patrol_id).where(
        patrol_withdrawal.c.patrol_id == visits.c.id
    )
    return ~taken_back.correlate(visits).exists()


def withdraw_patrol(session: Session, patrol_id: int, *, at: datetime) -> None:
    """Put on file that a visit was taken back."""
    session.execute(insert(patrol_withdrawal).values(patrol_id=patrol_id, withdrawn_at=at))


def add_patrol(session: Session, new: NewPatrol) -> int:
    """Add a visit; return its id."""
    lists = {"looked_at": list(new.looked_at), "photos": list(new.photos)}
    values = {**asdict(new), **lists}
    made = session.execute(insert(patrol).values(values).returning(patrol.c.id))
    return int(made.scalar_one())


def get_patrol(session: Session, patrol_id: int, *, actor: Actor) -> Patrol:
    """Get a visit the actor may see; NotFound otherwise."""
    question = select(*_FIELDS).where(patrol.c.id == patrol_id, visible_patrol(actor))
    row = session.execute(question).first()
    if row is None:
        message = "没有这条巡查记录。"
        raise NotFound(message, code="patrol_not_found")
    return Patrol(*row)


def find_visit_of_case(session: Session, case_id: int) -> datetime | None:
    """Find when the visit began that a case comes from."""
    at: datetime | None = session.execute(
        select(patrol.c.visited_at).where(patrol.c.case_id == case_id)
    ).scalar()
    return at


def list_patrols(
    session: Session,
    wanted: PatrolFilter,
    *,
    actor: Actor,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Patrol]:
    """List the visits an actor may see, the newest first."""
    return page_by_id(
        session,
        select(*_FIELDS).where(visible_patrol(actor), *_narrowed(session, wanted)),
        patrol.c.id,
        by_place(Patrol),
        cursor=cursor,
        limit=limit,
    )


def visible_patrol(actor: Actor) -> ColumnElement[bool]:
    """Filter visits: of the actor's areas or made by them; a business sees none of its own.

    What only posts of a higher rank are to see of cases stays hidden with its visit (R21).
    """
    areas: list[Any] = [under_area(patrol.c.area_code, code) for code in actor.prefixes]
    hidden = exists().where(
        case_.c.id == patrol.c.case_id, case_.c.visible_from_rank > actor.sees_rank
    )
    theirs = or_(and_(or_(false(), *areas), ~hidden), patrol.c.officer_id == actor.id)
    if actor.business_id is None:
        return theirs
    return and_(theirs, patrol.c.business_id != actor.business_id)


def _narrowed(session: Session, wanted: PatrolFilter) -> list[ColumnElement[bool]]:
    columns = {"business": patrol.c.business_id, "officer": patrol.c.officer_id}
    equal = [
        column == getattr(wanted, name)
        for name, column in {**columns, "result": patrol.c.result}.items()
        if getattr(wanted, name) is not None
    ]
    return equal if wanted.area is None else [*equal, _of_area(session, wanted.area)]


def _of_area(session: Session, area: str) -> ColumnElement[bool]:
    """Made in the area, or under a former code of it in a shop that stands in it today."""
    stands = under_area(business.c.area_code, area)
    shop = exists().where(business.c.id == patrol.c.business_id, stands)
    former = [
        and_(under_area(patrol.c.area_code, origin.code), patrol.c.visited_at < link.made_at)
        for origin in origins(list_links(session), area)
        for link in origin.links[:1]
    ]
    return or_(under_area(patrol.c.area_code, area), and_(or_(false(), *former), shop))
