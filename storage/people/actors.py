"""Officers: their accounts, and what they may do and see in the posts they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select, union, union_all

from storage.database.session import Session
from storage.database.statements import rows_of
from storage.errors import NotFound
from storage.people.posts import HELD, POST_FIELDS, Post, reference_of
from storage.people.roles import ROLES
from storage.places.levels import top_rank
from storage.places.units import UNIT_COLUMNS
from storage.tables import area_link, holding, officer, post, town_jurisdiction


@dataclass(frozen=True, slots=True)
class Officer:
    """One account as the sign-in needs it."""

    id: int
    username: str
    name: str
    password_hash: str
    business_id: int | None
    token_version: int
    active: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """An officer, as used by everything behind the sign-in."""

    id: int
    username: str
    name: str
    business_id: int | None
    posts: tuple[Post, ...]
    rights: frozenset[str]
    prefixes: tuple[str, ...]
    """Area codes whose whole subtree is visible to this actor."""
    token_version: int = 0
    stand_ins: Mapping[str, int] = field(default_factory=dict)
    """Posts they act in for somebody on leave, and for whom."""

    @property
    def post_ids(self) -> tuple[str, ...]:
        """The ids of the posts."""
        return tuple(post_.id for post_ in self.posts)

    @property
    def roles(self) -> frozenset[str]:
        """The roles of the posts."""
        return frozenset(post_.role for post_ in self.posts)

    @property
    def reference(self) -> str:
        """How a case file names this actor."""
        return reference_of(self.id)

    @property
    def sees_rank(self) -> int:
        """Up to which rank cases of the actor's areas are shown; the supervisor's is the city's."""
        ranks = [post_.rank or top_rank() for post_ in self.posts if ROLES[post_.role].sees_area]
        return max(ranks, default=0)

    @property
    def own_business_posts(self) -> tuple[str, ...]:
        """Posts in which the actor speaks for the actor's own business, and for no other."""
        if self.business_id is None:
            return ()
        place = str(self.business_id)
        return tuple(
            post_.id
            for post_ in self.posts
            if post_.place == place and ROLES[post_.role].place == "business"
        )

    def holds(self, post_id: str | None) -> bool:
        """Return whether this actor holds a post."""
        return post_id is not None and any(post_.id == post_id for post_ in self.posts)


_AFTER_DIGITS = ":"
"""Sorts after every digit."""


_PERSON = select(officer).where(officer.c.id == bindparam("officer_id"))


_HELD_BY = and_(holding.c.officer_id == bindparam("officer_id"), HELD)


_POSTS_AND_ABSENT = (*POST_FIELDS, holding.c.stands_in_for)


_POSTS_OF = union_all(
    select(*_POSTS_AND_ABSENT).join(holding, post.c.id == holding.c.post_id).where(_HELD_BY),
    # Who holds the post that follows this one acts here as well.
    select(*_POSTS_AND_ABSENT)
    .join(holding, post.c.followed_by == holding.c.post_id)
    .where(_HELD_BY),
)


_ACCOUNT = select(
    officer.c.id,
    officer.c.username,
    officer.c.display_name,
    officer.c.password_hash,
    officer.c.business_id,
    officer.c.token_version,
    officer.c.active,
).where(officer.c.username == bindparam("username"))


def load_actor(session: Session, officer_id: int, *, at: datetime) -> Actor:
    """Load an officer with posts, rights and scope; NotFound when unknown or switched off."""
    person = session.execute(_PERSON, {"officer_id": officer_id}).first()
    if person is None or not person.active:
        message = "账号不存在或已停用。"
        raise NotFound(message, code="officer_not_found")
    # One row a holding: the database would sort all posts to group them, which costs more.
    held = rows_of(session, _POSTS_OF, {"officer_id": officer_id, "at": at})
    posts = tuple(sorted({Post._make(row[:5]) for row in held}))
    return Actor(
        id=person.id,
        username=person.username,
        name=person.display_name,
        business_id=person.business_id,
        posts=posts,
        rights=frozenset(person.rights),
        prefixes=_prefixes(session, posts),
        token_version=person.token_version,
        stand_ins=_stand_ins(held) if any(row[5] for row in held) else {},
    )


def find_officer(session: Session, username: str) -> Officer | None:
    """Find an account by its user name, for the sign-in."""
    row = session.execute(_ACCOUNT, {"username": username}).first()
    return None if row is None else Officer(*row)


def find_token_version(session: Session, officer_id: int) -> int | None:
    """Find the version below which tokens of an officer are void; None when switched off."""
    row = session.execute(_PERSON, {"officer_id": officer_id}).first()
    return None if row is None or not row.active else int(row.token_version)


def list_names(session: Session, officer_ids: Iterable[int]) -> dict[int, str]:
    """Return the display names of officers by id."""
    ids = sorted(set(officer_ids))
    if not ids:
        return {}
    rows = session.execute(
        select(officer.c.id, officer.c.display_name).where(officer.c.id.in_(ids))
    )
    return {row.id: row.display_name for row in rows}


def _stand_ins(held: Iterable[Any]) -> dict[str, int]:
    """Return for whom somebody acts in posts they do not hold themselves."""
    stand_ins: dict[str, int] = {}
    for row in held:
        absent = row[5] or 0
        stand_ins[row[0]] = min(absent, stand_ins.get(row[0], absent))
    return {post_id: absent for post_id, absent in stand_ins.items() if absent}


def _prefixes(session: Session, posts: tuple[Post, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for post_ in posts:
        role = ROLES.get(post_.role)
        if role is None or not role.sees_area:
            continue
        if role.place in UNIT_COLUMNS:
            seen.update(_towns_of(session, role.place, post_.place))
        else:
            seen.add(post_.place)
    widest: list[str] = []
    for code in sorted(seen):
        # In this order what lies within an area stands right behind it.
        if not widest or not code.startswith(widest[-1]):
            widest.append(code)
    return tuple(widest)


def _towns_of(session: Session, kind: str, unit_code: str) -> list[str]:
    theirs = UNIT_COLUMNS[kind] == unit_code
    towns = select(town_jurisdiction.c.town_code).where(theirs)
    # What lay elsewhere before its code changed; a part of a split area took no case with it.
    came = select(area_link.c.old).join(
        town_jurisdiction,
        and_(
            area_link.c.new >= town_jurisdiction.c.town_code,
            area_link.c.new < town_jurisdiction.c.town_code.concat(_AFTER_DIGITS),
        ),
    )
    return list(
        session.execute(union(towns, came.where(theirs, area_link.c.share_from == 0))).scalars()
    )
