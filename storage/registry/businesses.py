"""The registry of food businesses, as far as cases need it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy import (
    ColumnElement,
    Text,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)

from storage.database.session import Session
from storage.errors import Conflict, NotFound
from storage.moments import in_force
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.roles import ROLES
from storage.people.scope import under_area, under_areas
from storage.registry.completeness import change_of, lacks
from storage.registry.credentials import ends_between
from storage.tables import business, business_change, holding, officer, post
from storage.texts import plain

Change = Literal["added", "changed", "ceased", "deregistered"]
CHANGES: Final[tuple[Change, ...]] = ("added", "changed", "ceased", "deregistered")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBusiness:
    """A business about to enter the registry; an unlicensed one has no codes."""

    name: str
    category: str
    area_code: str
    credit_code: str | None = None
    licence_number: str | None = None
    address: str | None = None
    scope: str | None = None
    person_in_charge: str | None = None
    phone: str | None = None
    lat: float | None = None
    lon: float | None = None
    status: str = "operating"
    flags: list[str] = field(default_factory=list)
    photo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessFilter:
    """Which businesses; None is any. Areas include their whole subtrees."""

    areas: Sequence[str] | None = None
    category: str | None = None
    """With its subtypes."""
    status: str | None = None
    flag: str | None = None
    q: str | None = None
    """A part of name or address."""
    in_post_at: datetime | None = None
    """Somebody of the business holds a post of the grid or of a unit at this moment (R54)."""
    credential_ends_by: date | None = None
    """A valid credential ends on this day or before."""
    lacks: str | None = None
    """What is missing, a name of `completeness.LACKING`."""
    on: date | None = None
    """The day by which credentials end."""
    changed: tuple[datetime, datetime] | None = None
    """Changed from the first moment on, before the second."""
    change: Change | None = None
    """Only changes of this kind."""


@dataclass(frozen=True, slots=True)
class Business:
    """One business; person in charge and phone are for staff only (R10)."""

    id: int
    name: str
    credit_code: str | None
    licence_number: str | None
    category: str
    area_code: str
    address: str | None
    scope: str | None
    person_in_charge: str | None
    phone: str | None
    lat: float | None
    lon: float | None
    status: str
    flags: list[str]
    version: int
    created_at: datetime
    updated_at: datetime
    origins: dict[str, str] | None
    """By field the source its value comes from; None for a row older than that record."""
    merged_into: int | None
    photo: str | None
    """The upload that shows its front."""


_FIELDS = tuple(business.c[field.name] for field in fields(Business))


def find_business(session: Session, business_id: int) -> Business | None:
    """Find a business by id."""
    row = session.execute(select(*_FIELDS).where(business.c.id == business_id)).first()
    return None if row is None else Business(*row)


def get_business(session: Session, business_id: int) -> Business:
    """Get a business by id; NotFound otherwise."""
    found = find_business(session, business_id)
    if found is None:
        message = "主体库里没有这个食品主体。"
        raise NotFound(message, code="unknown_business")
    return found


def list_by_mark(session: Session, mark: str, *, limit: int = 2) -> list[Business]:
    """List businesses by their number, their credit code, or their whole name."""
    named, mark = mark, plain(mark)
    marks = [business.c.credit_code == mark.upper(), business.c.name == named]
    if mark.isascii() and mark.isdecimal() and len(mark) <= len("999999999"):
        marks.append(business.c.id == int(mark))
    question = select(*_FIELDS).where(or_(*marks), business.c.merged_into.is_(None))
    rows = session.execute(question.order_by(business.c.id).limit(limit))
    return [Business(*row) for row in rows]


def categories_of(session: Session, business_ids: Iterable[int]) -> dict[int, str]:
    """Return the category of each of these businesses."""
    question = select(business.c.id, business.c.category)
    rows = session.execute(question.where(business.c.id.in_(sorted(set(business_ids)))))
    return {row.id: row.category for row in rows}


def find_by_credit_code(session: Session, credit_code: str) -> Business | None:
    """Find a business by its unified social credit code."""
    row = session.execute(select(*_FIELDS).where(business.c.credit_code == credit_code)).first()
    return None if row is None else Business(*row)


def list_businesses(
    session: Session,
    *,
    area: str | None = None,
    category: str | None = None,
    status: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Business]:
    """List businesses of a subtree of areas by category, status and a part of name or address."""
    having = BusinessFilter(
        areas=None if area is None else [area], category=category, status=status, q=q
    )
    return search_businesses(session, having, cursor=cursor, limit=limit)


def search_businesses(
    session: Session,
    having: BusinessFilter,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Business]:
    """List the businesses a filter holds for, in order of their number."""
    limit = clamped(limit)
    question = select(*_FIELDS).where(*_conditions(having))
    if cursor is not None:
        question = question.where(business.c.id > read_cursor(cursor, [int])[0])
    return page_of(
        [
            Business(*row)
            for row in session.execute(question.order_by(business.c.id).limit(limit + 1))
        ],
        limit,
        lambda business_: [business_.id],
    )


def count_by_category(session: Session, having: BusinessFilter) -> dict[str, int]:
    """Count the businesses a filter holds for, by category."""
    question = select(business.c.category, func.count()).where(*_conditions(having))
    rows = session.execute(question.group_by(business.c.category))
    return {category: int(number) for category, number in rows}


def list_of_areas(
    session: Session, areas: Sequence[str], *, q: str | None, limit: int
) -> list[Business]:
    """List businesses of several subtrees, those of the first one first, in one statement."""
    if not areas:
        return []
    parts = []
    for place, code in enumerate(areas):
        part = select(*_FIELDS, literal_column(str(place)).label("place"))
        part = part.where(under_area(business.c.area_code, code), *_named_like(q))
        part = part.where(business.c.merged_into.is_(None))
        parts.append(part.order_by(business.c.id).limit(clamped(limit)).subquery().select())
    every = union_all(*parts).subquery()
    question = select(every).order_by(every.c.place, every.c.id).limit(limit)
    return [Business(*row[:-1]) for row in session.execute(question)]


def _conditions(having: BusinessFilter) -> Iterator[ColumnElement[bool]]:
    yield business.c.merged_into.is_(None)
    if having.areas is not None:
        yield under_areas(business.c.area_code, having.areas)
    if having.category is not None:
        below = business.c.category.startswith(f"{having.category}.", autoescape=True)
        yield or_(business.c.category == having.category, below)
    if having.status is not None:
        yield business.c.status == having.status
    if having.flag is not None:
        yield type_coerce(business.c.flags, Text).contains(f'"{having.flag}"', autoescape=True)
    if having.lacks is not None and having.on is not None:
        yield lacks(having.lacks, on=having.on)
    yield from _named_like(having.q)
    yield from _related(having)


def _related(having: BusinessFilter) -> Iterator[ColumnElement[bool]]:
    if having.credential_ends_by is not None:
        yield ends_between(None, having.credential_ends_by)
    if having.in_post_at is not None:
        yield _holds_a_post(having.in_post_at)
    if having.changed is not None:
        since, until = having.changed
        kinds = [] if having.change is None else [change_of(having.change)]
        yield exists().where(
            business_change.c.business_id == business.c.id,
            business_change.c.at >= since,
            business_change.c.at < until,
            *kinds,
        )


def _holds_a_post(at: datetime) -> ColumnElement[bool]:
    speaks_for_itself = [role.id for role in ROLES.values() if role.place == "business"]
    return exists().where(
        officer.c.business_id == business.c.id,
        holding.c.officer_id == officer.c.id,
        post.c.id == holding.c.post_id,
        post.c.role.not_in(speaks_for_itself),
        in_force(holding, at),
    )


def list_in_post(session: Session, areas: Sequence[str], *, at: datetime) -> list[Business]:
    """List the businesses of some areas that hold a post other than their own."""
    if not areas:
        return []
    inside = under_areas(business.c.area_code, areas)
    question = select(*_FIELDS).where(inside, _holds_a_post(at), business.c.merged_into.is_(None))
    return [Business(*row) for row in session.execute(question.order_by(business.c.id).limit(500))]


def _named_like(q: str | None) -> list[ColumnElement[bool]]:
    if not q:
        return []
    named = business.c.name.icontains(q, autoescape=True)
    return [or_(named, business.c.address.icontains(q, autoescape=True))]


def add_business(session: Session, new: NewBusiness, *, at: datetime) -> int:
    """Add a business and return its id; Conflict when its credit code is there already."""
    if new.credit_code is not None and find_by_credit_code(session, new.credit_code):
        message = "这个统一社会信用代码已经登记。"
        raise Conflict(message, code="credit_code_taken")
    made = session.execute(
        insert(business)
        .values(**asdict(new), version=1, created_at=at, updated_at=at)
        .returning(business.c.id)
    )
    return int(made.scalar_one())


def update_business(
    session: Session, business_id: int, values: Mapping[str, object], *, at: datetime
) -> int:
    """Bring fields of a business up to date; return its new version."""
    written = session.execute(
        update(business)
        .where(business.c.id == business_id)
        .values(**values, version=business.c.version + 1, updated_at=at)
        .returning(business.c.version)
    )
    return int(written.scalar_one())
