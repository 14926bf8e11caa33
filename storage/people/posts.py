"""Posts and who holds them; who acts next is drawn, not here."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    select,
)

from storage.database.session import Session
from storage.database.statements import rows_of
from storage.errors import NotFound
from storage.moments import in_force
from storage.people.roles import ROLES
from storage.places.areas import prefix_end
from storage.places.levels import CODE_LENGTHS, AreaLevel, town_of
from storage.places.units import UNIT_COLUMNS
from storage.tables import holding, officer, post, town_jurisdiction


class Post(NamedTuple):
    """One post: a role at a place. The place is an area code or the code of a unit."""

    id: str
    role: str
    place: str
    rank: int
    title: str


class Holder(NamedTuple):
    """An officer who holds a post at a given time."""

    id: int
    name: str
    business_id: int | None
    stands_in_for: int | None = None
    """Who is on leave and has them act in this post meanwhile."""


class Staffing(NamedTuple):
    """A post and who holds it."""

    post: Post
    holders: tuple[Holder, ...]

    def is_filled(
        self, *, without_business: int | None = None, without_officer: int | None = None
    ) -> bool:
        """Return whether the actor may act here.

        A business never acts on itself (R54), and nobody verifies their own work, nor that of whom
        they stand in for (R42).
        """
        return any(
            (without_officer is None or without_officer not in {person.id, person.stands_in_for})
            and (without_business is None or person.business_id != without_business)
            for person in self.holders
        )


POST_FIELDS = (post.c.id, post.c.role, post.c.place, post.c.rank, post.c.title)
"""What a `Post` is made of, in its order."""

HELD = in_force(holding, bindparam("at"))
"""Whether a holding is in force at the moment that is bound."""

_stand_in = holding.alias("stand_in")
# Who is on leave holds the post and is not there: what they took is free for their substitute.
_IS_THERE = ~exists().where(
    _stand_in.c.post_id == holding.c.post_id,
    _stand_in.c.stands_in_for == holding.c.officer_id,
    in_force(_stand_in, bindparam("at")),
)

STAFFED: Select[Any] = (
    select(
        *POST_FIELDS,
        officer.c.id,
        officer.c.display_name,
        officer.c.business_id,
        holding.c.stands_in_for,
    )
    .select_from(post)
    .outerjoin(
        holding,
        and_(
            # Whoever holds the post that follows this one acts here as well: its area has moved.
            holding.c.post_id == func.coalesce(post.c.followed_by, post.c.id),
            HELD,
            _IS_THERE,
        ),
    )
    .outerjoin(officer, and_(officer.c.id == holding.c.officer_id, officer.c.active))
    .order_by(officer.c.id)
)
"""Posts, each with a row for everybody who is there at the moment bound as `at`."""
_STAFFED_BY_ID = STAFFED.where(post.c.id == bindparam("post_id"))

_UNITS_OF_TOWN = select(*UNIT_COLUMNS.values()).where(
    town_jurisdiction.c.town_code == bindparam("town")
)


def _staffed_by_town(kind: str) -> Select[Any]:
    # The jurisdiction tree is not the area tree: the row of a town holds who is above it.
    unit = select(UNIT_COLUMNS[kind]).where(town_jurisdiction.c.town_code == bindparam("town"))
    return STAFFED.where(
        post.c.id == literal(f"{kind}:").concat(unit.scalar_subquery()), post.c.role == kind
    )


_STAFFED_BY_TOWN = {kind: _staffed_by_town(kind) for kind in UNIT_COLUMNS}


def reference_of(officer_id: int) -> str:
    """How case files and receivers of notifications name an officer."""
    return f"officer:{officer_id}"


def officer_of(reference: str) -> int | None:
    """The officer a reference names; None for a post."""
    kind, _, ident = reference.partition(":")
    return int(ident) if kind == "officer" and ident.isdecimal() else None


def post_id(role: str, place: str) -> str:
    """Return the id of the post of a role at a place."""
    return f"{role}:{place}"


def role_of(post_id: str) -> str:
    """Return the role a post id is made of."""
    return post_id.partition(":")[0]


def find_staffing(session: Session, role: str, area_code: str, *, at: datetime) -> Staffing | None:
    """Find the post of a role for an area and its holders, through the jurisdiction where needed.

    None when the area is too wide for the role, or when there is no such post.
    """
    kind = ROLES[role].place
    if kind in _STAFFED_BY_TOWN:
        town = town_of(area_code)
        rows = rows_of(session, _STAFFED_BY_TOWN[kind], {"town": town, "at": at})
        return _staffing(rows)
    if kind == "business":
        return None
    length = CODE_LENGTHS[AreaLevel[kind.upper()]]
    if len(area_code) < length:
        return None
    return find_staffing_of(session, post_id(role, area_code[:length]), at=at)


def find_staffing_of(session: Session, post_id: str, *, at: datetime) -> Staffing | None:
    """Find a post by its id, and its holders."""
    return _staffing(rows_of(session, _STAFFED_BY_ID, {"post_id": post_id, "at": at}))


def get_staffing_of(session: Session, post_id: str, *, at: datetime) -> Staffing:
    """Get a post by its id, and its holders; NotFound otherwise."""
    staffing = find_staffing_of(session, post_id, at=at)
    if staffing is None:
        message = f"没有岗位 {post_id}。"
        raise NotFound(message, code="post_not_found")
    return staffing


def find_staffings(
    session: Session, post_ids: Iterable[str], *, at: datetime
) -> dict[str, Staffing]:
    """Find several posts by their ids, and their holders; an unknown one is left out."""
    ids = sorted(set(post_ids))
    if not ids:
        return {}
    return {staffing.post.id: staffing for staffing in _staffings(session, ids, at)}


def responsible_posts(session: Session, roles: Iterable[str], area_code: str) -> dict[str, str]:
    """Return the id of the post of each role for an area, as `find_staffing` chooses it.

    A role whose posts are of a smaller place than the area, or of no place, is left out.
    """
    places = {role: ROLES[role].place for role in roles}
    units: dict[str, str] = {}
    if not UNIT_COLUMNS.keys().isdisjoint(places.values()):
        town = town_of(area_code)
        row = session.execute(_UNITS_OF_TOWN, {"town": town}).first()
        units = {} if row is None else dict(zip(UNIT_COLUMNS, row, strict=True))
    ids: dict[str, str] = {}
    for role, kind in places.items():
        if kind in UNIT_COLUMNS:
            if units.get(kind):
                ids[role] = post_id(kind, units[kind])
        elif kind != "business" and len(area_code) >= (
            length := CODE_LENGTHS[AreaLevel[kind.upper()]]
        ):
            ids[role] = post_id(role, area_code[:length])
    return ids


def find_post(session: Session, role: str, area_code: str, *, at: datetime) -> Post | None:
    """Find the post of a role for an area, filled or not."""
    staffing = find_staffing(session, role, area_code, at=at)
    return None if staffing is None else staffing.post


def list_holders(session: Session, post_id: str, *, at: datetime) -> tuple[Holder, ...]:
    """List who holds a post at a moment; empty when vacant or unknown."""
    staffing = find_staffing_of(session, post_id, at=at)
    return () if staffing is None else staffing.holders


def receiver_at(
    session: Session, post_id: str | None, officer_id: int | None, *, at: datetime
) -> str | None:
    """Return whom to notify of what an officer has or had in a post.

    The officer while they hold the post, whoever holds it once they have left; None for neither.
    """
    if officer_id is None or post_id is None:
        return post_id if officer_id is None else reference_of(officer_id)
    present = {holder.id for holder in list_holders(session, post_id, at=at)}
    return reference_of(officer_id) if officer_id in present else post_id


def list_posts(
    session: Session, *, role: str | None = None, place: str | None = None, limit: int = 200
) -> list[Post]:
    """List posts by role and by the beginning of their place, in order of id."""
    question = select(*POST_FIELDS).order_by(post.c.id).limit(limit)
    if role is not None:
        question = question.where(post.c.role == role)
    if place is not None:
        question = question.where(post.c.place.startswith(place, autoescape=True))
    return [Post(*row) for row in session.execute(question)]


def list_county_towns(session: Session, area_code: str) -> list[str]:
    """List one town of every county bureau responsible within an area.

    The jurisdiction is not the area tree: within one county of the tree several bureaus may act.
    """
    town = town_of(area_code)
    question = (
        select(func.min(town_jurisdiction.c.town_code))
        .where(town_jurisdiction.c.town_code >= town)
        .where(town_jurisdiction.c.town_code < prefix_end(town))
        .group_by(town_jurisdiction.c.jurisdiction_code)
        .order_by(town_jurisdiction.c.jurisdiction_code)
    )
    return list(session.execute(question).scalars())


def list_holder_ids(
    session: Session, post_ids: Iterable[str], *, at: datetime
) -> dict[str, set[int]]:
    """Return the holders of several posts at a time; a vacant or unknown post is left out."""
    ids = sorted(set(post_ids))
    if not ids:
        return {}
    question = (
        select(post.c.id, holding.c.officer_id)
        .join(holding, holding.c.post_id == func.coalesce(post.c.followed_by, post.c.id))
        .join(officer, officer.c.id == holding.c.officer_id)
        .where(post.c.id.in_(ids), HELD, _IS_THERE, officer.c.active)
    )
    found: dict[str, set[int]] = {}
    for post_id, officer_id in session.execute(question, {"at": at}):
        found.setdefault(post_id, set()).add(officer_id)
    return found


def list_staffed(
    session: Session, role: str, area_code: str, *, near: str, at: datetime, limit: int = 200
) -> list[Staffing]:
    """List the posts of a role within an area and their holders, those nearest to `near` first.

    For roles whose posts are in villages, grids or units; of more than `limit` the nearest.
    """
    village = near[: CODE_LENGTHS[AreaLevel.VILLAGE]]
    is_near = and_(post.c.place >= village, post.c.place < prefix_end(village))
    chosen = (
        select(post.c.id)
        .where(post.c.role == role, post.c.place >= area_code, post.c.place < prefix_end(area_code))
        .order_by(case((is_near, 0), else_=1), post.c.id)
        .limit(limit)
    )
    staffings = _staffings(session, chosen, at)
    return sorted(staffings, key=lambda staffing: not staffing.post.place.startswith(village))


def _staffings(session: Session, ids: Any, at: datetime) -> list[Staffing]:
    """Find posts by ids, listed or selected, with their holders, in order of id."""
    rows = session.execute(STAFFED.where(post.c.id.in_(ids)), {"at": at}).all()
    of_post = groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0])
    return [one for _, its in of_post if (one := _staffing(its)) is not None]


def _staffing(rows: Iterable[Any]) -> Staffing | None:
    post_: Post | None = None
    holders = []
    for row in rows:
        post_ = Post(*row[:5])
        if row[5] is not None:
            holders.append(Holder(row[5], row[6], row[7], row[8]))
    return None if post_ is None else Staffing(post_, tuple(holders))
