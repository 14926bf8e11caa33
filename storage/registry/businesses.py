"""The registry of food businesses, as far as cases need it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime

from sqlalchemy import ColumnElement, insert, literal_column, or_, select, union_all, update

from storage.database.session import Session
from storage.errors import Conflict, NotFound
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.scope import under_area
from storage.tables import business


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
    limit = clamped(limit)
    question = select(*_FIELDS).where(business.c.merged_into.is_(None))
    question = question.order_by(business.c.id).limit(limit + 1)
    if area is not None:
        question = question.where(under_area(business.c.area_code, area))
    if category is not None:
        question = question.where(
            or_(business.c.category == category, business.c.category.startswith(f"{category}."))
        )
    if status is not None:
        question = question.where(business.c.status == status)
    question = question.where(*_named_like(q))
    if cursor is not None:
        question = question.where(business.c.id > read_cursor(cursor, [int])[0])
    return page_of(
        [Business(*row) for row in session.execute(question)],
        limit,
        lambda business_: [business_.id],
    )


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
) -> None:
    """Bring fields of a business up to date."""
    session.execute(
        update(business)
        .where(business.c.id == business_id)
        .values(**values, version=business.c.version + 1, updated_at=at)
    )
