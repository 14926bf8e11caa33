"""The directory: who may be found by whom, and the accounts behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import in_force
from storage.pages import Page, clamped, page_of, read_cursor
from storage.people.acquaintance import works_near
from storage.people.actors import Actor
from storage.people.scope import under_area, under_areas
from storage.places.units import in_unit_of
from storage.staffing.holdings import Holding, list_holdings
from storage.staffing.posts import finds_everybody, within
from storage.tables import holding, officer, post, town_jurisdiction

GUARDS: Final = frozenset({"admin_security"})
"""Who looks over the accounts and settles what threatens one."""


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people; None is any. `area` is a code and includes its whole subtree and its units."""

    q: str | None = None
    role: str | None = None
    area: str | None = None
    field_officer: bool | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Employee:
    """One person of the directory; `phone` is None where the reader may not see it."""

    id: int
    username: str
    name: str
    phone: str | None
    email: str | None
    business_id: int | None
    employer_unit: str | None
    field_officer: bool
    active: bool
    created_at: datetime
    token_version: int
    holdings: list[Holding] = field(default_factory=list)
    """What they hold now and from a later day on."""


_FIELDS = (
    officer.c.id,
    officer.c.username,
    officer.c.display_name,
    officer.c.phone,
    officer.c.email,
    officer.c.business_id,
    officer.c.employer_unit,
    officer.c.field_officer,
    officer.c.active,
    officer.c.created_at,
    officer.c.token_version,
)


def list_people(
    session: Session,
    wanted: PeopleFilter,
    *,
    actor: Actor,
    at: datetime,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Employee]:
    """List the people an actor may find, in order of id, with what they hold."""
    limit = clamped(limit)
    question = (
        select(*_FIELDS)
        .where(visible_person(actor, at), *_matching(wanted, at))
        .order_by(officer.c.id)
        .limit(limit + 1)
    )
    if cursor is not None:
        question = question.where(officer.c.id > read_cursor(cursor, [int])[0])
    people = _with_holdings(session, session.execute(question).all(), actor, at)
    return page_of(people, limit, lambda person: [person.id])


def count_people(session: Session, wanted: PeopleFilter, *, actor: Actor, at: datetime) -> int:
    """Count the people an actor may find."""
    question = select(func.count()).select_from(officer)
    found = question.where(visible_person(actor, at), *_matching(wanted, at))
    return int(session.execute(found).scalar_one())


def get_person(session: Session, officer_id: int, *, actor: Actor, at: datetime) -> Employee:
    """Get somebody the actor may find; NotFound otherwise."""
    question = select(*_FIELDS).where(officer.c.id == officer_id, visible_person(actor, at))
    rows = session.execute(question).all()
    if not rows:
        message = "没有这个人员，或者您无权查看。"
        raise NotFound(message, code="person_not_found")
    return _with_holdings(session, rows, actor, at)[0]


def guards_accounts(actor: Actor) -> bool:
    """Whether the actor looks over every account, without keeping any."""
    return bool(actor.roles & GUARDS)


def visible_person(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Filter people: oneself, who works in one's areas or above them, who is employed there.

    Who fills posts without having areas and who guards the accounts find everybody.
    """
    if finds_everybody(actor) or guards_accounts(actor):
        return true()
    if not actor.prefixes:
        return officer.c.id == actor.id
    return or_(officer.c.id == actor.id, works_near(actor, at), _employed(actor.prefixes))


def may_ring(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Filter people: those whose telephone number the actor reads, of those they find.

    A telephone number goes with the area; who only keeps the accounts has none to call.
    """
    return visible_person(actor, at) if actor.prefixes else officer.c.id == actor.id


def list_representatives(
    session: Session, business_ids: Iterable[int], *, at: datetime
) -> list[Employee]:
    """List the active accounts that act for businesses, with what they hold."""
    ids = sorted(set(business_ids))
    question = select(*_FIELDS).where(officer.c.business_id.in_(ids), officer.c.active)
    rows = session.execute(question.order_by(officer.c.id)).all()
    held: dict[int, list[Holding]] = {}
    for one in list_holdings(session, officer_ids=[row[0] for row in rows], overlapping=(at, None)):
        held.setdefault(one.officer_id, []).append(one)
    return [replace(Employee(*row), holdings=held.get(row[0], [])) for row in rows]


def find_by_phone(session: Session, phone: str, *, but: int | None = None) -> int | None:
    """Find the account that has a telephone number, other than one."""
    question = select(officer.c.id).where(officer.c.phone == phone, officer.c.id != (but or 0))
    found: int | None = session.execute(question.limit(1)).scalar()
    return found


def change_person(session: Session, officer_id: int, values: Mapping[str, Any]) -> None:
    """Change columns of an account."""
    if values:
        session.execute(update(officer).where(officer.c.id == officer_id).values(**values))


def employ(session: Session, officer_id: int, place: str) -> None:
    """Say where an officer belongs, unless that is on file already."""
    question = update(officer).where(officer.c.id == officer_id, officer.c.employer_unit.is_(None))
    session.execute(question.values(employer_unit=place))


def _employed(prefixes: tuple[str, ...]) -> ColumnElement[bool]:
    towns = under_areas(town_jurisdiction.c.town_code, prefixes)
    of_units = in_unit_of(officer.c.employer_unit, towns)
    return or_(*(under_area(officer.c.employer_unit, code) for code in prefixes), of_units)


def _matching(wanted: PeopleFilter, at: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        names = (officer.c.display_name, officer.c.username)
        named = (name.icontains(wanted.q, autoescape=True) for name in names)
        found.append(or_(*named, _holds_titled(wanted.q, at)))
    if wanted.field_officer is not None:
        found.append(officer.c.field_officer == wanted.field_officer)
    if wanted.active is not None:
        found.append(officer.c.active == wanted.active)
    if wanted.role is not None or wanted.area is not None:
        found.append(_holding(wanted, at))
    return found


def _holds_titled(q: str, at: datetime) -> ColumnElement[bool]:
    return exists().where(
        holding.c.officer_id == officer.c.id,
        holding.c.post_id == post.c.id,
        post.c.title.icontains(q, autoescape=True),
        in_force(holding, at),
    )


def _holding(wanted: PeopleFilter, at: datetime) -> ColumnElement[bool]:
    held = and_(
        holding.c.officer_id == officer.c.id,
        holding.c.post_id == post.c.id,
        in_force(holding, at),
    )
    question = exists().where(held)
    if wanted.role is not None:
        question = question.where(post.c.role == wanted.role)
    return question if wanted.area is None else question.where(within(wanted.area))


def _with_holdings(session: Session, rows: Any, actor: Actor, at: datetime) -> list[Employee]:
    held: dict[int, list[Holding]] = {}
    ids = [row[0] for row in rows]
    if ids:
        for one in list_holdings(session, officer_ids=ids, overlapping=(at, None)):
            held.setdefault(one.officer_id, []).append(one)
    people = [replace(Employee(*row), holdings=held.get(row[0], [])) for row in rows]
    if actor.prefixes:
        return people
    # As `may_ring` says.
    return [one if one.id == actor.id else replace(one, phone=None) for one in people]
