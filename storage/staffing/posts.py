"""Posts as the directory lists them: by area and role, filled or vacant, with their holders."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import in_force
from storage.pages import Page, clamped, page_of, read_cursor
from storage.people.acquaintance import place_near
from storage.people.actors import Actor
from storage.people.posts import Post
from storage.people.roles import ROLES
from storage.people.scope import under_area
from storage.places.units import in_unit_of
from storage.staffing.holdings import Holding, list_holdings
from storage.tables import holding, officer, post, town_jurisdiction

_FIELDS = (post.c.id, post.c.role, post.c.place, post.c.rank, post.c.title)


@dataclass(frozen=True, slots=True)
class PostFilter:
    """Which posts; None is any."""

    area: str | None = None
    role: str | None = None
    vacant: bool | None = None


@dataclass(frozen=True, slots=True)
class ListedPost:
    """A post and who holds it now or from a later day on."""

    id: str
    role: str
    place: str
    rank: int
    title: str
    holders: list[Holding] = field(default_factory=list)


def list_posts(
    session: Session,
    wanted: PostFilter,
    *,
    actor: Actor,
    at: datetime,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ListedPost]:
    """List the posts an actor may look up, in order of id, with their holders."""
    limit = clamped(limit)
    question = select(*_FIELDS).where(visible_post(actor), *_matching(wanted, at))
    if cursor is not None:
        question = question.where(post.c.id > read_cursor(cursor, [str])[0])
    rows = session.execute(question.order_by(post.c.id).limit(limit + 1)).all()
    held: dict[str, list[Holding]] = {}
    for one in list_holdings(session, post_ids=[row.id for row in rows], overlapping=(at, None)):
        held.setdefault(one.post_id, []).append(one)
    posts = [ListedPost(*row, held.get(row.id, [])) for row in rows]
    return page_of(posts, limit, lambda listed: [listed.id])


def get_post(session: Session, post_id: str, *, actor: Actor) -> Post:
    """Get a post the actor may look up; NotFound otherwise."""
    question = select(*_FIELDS).where(post.c.id == post_id, visible_post(actor))
    row = session.execute(question).first()
    if row is None:
        message = "没有这个岗位，或者您无权查看。"
        raise NotFound(message, code="post_not_found")
    return Post(*row)


def visible_post(actor: Actor) -> ColumnElement[bool]:
    """Filter posts: of one's areas or above them; all of them for who only keeps accounts."""
    if finds_everybody(actor):
        return true()
    return or_(post.c.id.in_(actor.post_ids), place_near(actor))


def finds_everybody(actor: Actor) -> bool:
    """Return whether the actor fills posts without having areas: the system administrator."""
    return not actor.prefixes and any(ROLES[held.role].appoints for held in actor.posts)


def within(area_code: str) -> ColumnElement[bool]:
    """Filter posts by an area: of its subtree, or of a unit responsible for one of its towns."""
    towns = under_area(town_jurisdiction.c.town_code, area_code)
    return or_(under_area(post.c.place, area_code), in_unit_of(post.c.place, towns))


def _matching(wanted: PostFilter, at: datetime) -> list[ColumnElement[Any]]:
    found: list[ColumnElement[Any]] = [post.c.followed_by.is_(None)]
    if wanted.area is not None:
        found.append(within(wanted.area))
    if wanted.role is not None:
        found.append(post.c.role == wanted.role)
    if wanted.vacant is not None:
        held = exists().where(
            and_(
                holding.c.post_id == post.c.id,
                in_force(holding, at),
                officer.c.id == holding.c.officer_id,
                officer.c.active,
            )
        )
        found.append(~held if wanted.vacant else held)
    return found
