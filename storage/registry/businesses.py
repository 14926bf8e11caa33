"""The registry of food businesses, as far as cases need it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    exists,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.errors import Conflict, NotFound
from storage.moments import in_force
from storage.pages import DEFAULT_LIMIT, Page, clamped
from storage.people.actors import Actor
from storage.people.roles import ROLES
from storage.people.scope import under_area, under_areas, visible_case
from storage.places.tile_keys import GeoBox, tile_key, tiles_around
from storage.registry.completeness import change_of, lacks
from storage.registry.credentials import ends_between
from storage.tables import business, business_change, case_, holding, officer, post
from storage.texts import plain

BRIGHT: Final = "bright_kitchen"
"""The mark of a business whose kitchen may be watched (R12)."""

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
    is_here: bool = False
    """Only what stands in the areas themselves and in none below them."""
    bright: bool | None = None
    """With the mark of a bright kitchen, or without it."""
    open_for: Actor | None = None
    """With an open case this actor may see."""
    box: GeoBox | None = None
    """With a position inside."""


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
    return page_by_id(
        session,
        select(*_FIELDS).where(*conditions(having)),
        business.c.id,
        by_place(Business),
        cursor=cursor,
        limit=limit,
        oldest_first=True,
    )


def count_by_category(session: Session, having: BusinessFilter) -> dict[str, int]:
    """Count the businesses a filter holds for, by category."""
    question = select(business.c.category, func.count()).where(*conditions(having))
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


def conditions(having: BusinessFilter) -> Iterator[ColumnElement[bool]]:
    """Return what a business has to be for a filter to hold; lists and counts use it alike."""
    yield business.c.merged_into.is_(None)
    if having.areas is not None:
        yield under_areas(business.c.area_code, having.areas)
    if having.areas is not None and having.is_here:
        yield business.c.area_code.in_(having.areas)
    if having.category is not None:
        below = business.c.category.startswith(f"{having.category}.", autoescape=True)
        yield or_(business.c.category == having.category, below)
    if having.status is not None:
        yield business.c.status == having.status
    if having.flag is not None:
        yield is_marked(having.flag)
    if having.bright is not None:
        yield is_marked(BRIGHT) if having.bright else not_(is_marked(BRIGHT))
    if having.lacks is not None and having.on is not None:
        yield lacks(having.lacks, on=having.on)
    yield from _named_like(having.q)
    yield from _related(having)


def is_marked(flag: str) -> ColumnElement[bool]:
    """Filter the businesses with a mark."""
    return type_coerce(business.c.flags, Text).contains(f'"{flag}"', autoescape=True)


def in_box(box: GeoBox) -> ColumnElement[bool]:
    """Filter the businesses with a position in a box, by the ranges of the tiles around it."""
    ranges = (tile.keys for tile in tiles_around(box))
    return and_(
        or_(*(and_(business.c.tile_key >= a, business.c.tile_key < b) for a, b in ranges)),
        business.c.lat.between(box.south, box.north),
        business.c.lon.between(box.west, box.east),
    )


def _related(having: BusinessFilter) -> Iterator[ColumnElement[bool]]:
    if having.credential_ends_by is not None:
        yield ends_between(None, having.credential_ends_by)
    if having.open_for is not None:
        yield exists().where(
            case_.c.business_id == business.c.id,
            case_.c.status == "open",
            visible_case(having.open_for),
        )
    if having.box is not None:
        yield in_box(having.box)
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
        .values(**columns_of(new), version=1, created_at=at, updated_at=at)
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
        .values(**values, **_tile_of(session, business_id, values))
        .values(version=business.c.version + 1, updated_at=at)
        .returning(business.c.version)
    )
    return int(written.scalar_one())


def columns_of(new: NewBusiness) -> dict[str, Any]:
    """Return the columns of a business about to enter, with its place among the tiles of maps."""
    return {**asdict(new), "tile_key": tile_key(new.lat, new.lon)}


def _tile_of(
    session: Session, business_id: int, values: Mapping[str, object]
) -> dict[str, int | None]:
    """Return the tile of a position that changes, also when one half of it does."""
    if not values.keys() & {"lat", "lon"}:
        return {}
    position = select(business.c.lat, business.c.lon).where(business.c.id == business_id)
    found = session.execute(position).mappings().one()
    place: dict[str, Any] = {**found, **values}
    return {"tile_key": tile_key(place["lat"], place["lon"])}
