"""Who is in posts now and how to ring them: for an emergency, and for the section of the directory.

There is no roster: whoever holds a post is on call for it, stand-ins of a leave instead of who is
away. Who may read a name and a telephone number is the directory's rule; of an emergency one works
on, the names and numbers of those who have to act are read by everybody who does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, select, true

from storage.database.session import Session
from storage.people.acquaintance import place_near
from storage.people.actors import Actor
from storage.people.posts import STAFFED, Post
from storage.people.roles import roles_of_emergencies
from storage.staffing.people import may_ring, visible_person
from storage.tables import case_, officer, post, task

MOST_POSTS: Final = 200
"""More posts than one city has that are told of emergencies; the directory finds the others."""


@dataclass(frozen=True, slots=True)
class PersonOnCall:
    """Somebody in a post; `phone` is None where none is on file or the reader may not see it."""

    id: int
    name: str
    phone: str | None
    stands_in: bool
    """Whether they act for somebody on leave."""


@dataclass(frozen=True, slots=True)
class PostOnCall:
    """A post and the people in it whom the reader may find."""

    id: str
    role: str
    title: str
    people: tuple[PersonOnCall, ...]
    is_vacant: bool
    """Whether nobody at all is in it."""


def list_on_call(
    session: Session, post_ids: Iterable[str | None], *, actor: Actor, at: datetime
) -> list[PostOnCall]:
    """List who is in posts, in the order in which these are named."""
    wanted = list(dict.fromkeys(one for one in post_ids if one))
    if not wanted:
        return []
    found = {one.id: one for one in _read(session, post.c.id.in_(wanted), actor, at)}
    return [found[one] for one in wanted if one in found]


def list_on_call_for(
    session: Session, number: str, *, actor: Actor, at: datetime
) -> list[PostOnCall]:
    """List who is in the posts that have an open task of an emergency the actor sees.

    Whoever works on it rings the others, in their directory or not: nobody waits for a number.
    """
    holding_one = (
        select(task.c.post_id)
        .join(case_, case_.c.id == task.c.case_id)
        .where(case_.c.number == number, case_.c.priority == "urgent", task.c.state == "open")
        .correlate(None)
    )
    return _read(session, post.c.id.in_(holding_one), actor, at, has_to_act=True)


def list_told_of_emergencies(session: Session, *, actor: Actor, at: datetime) -> list[PostOnCall]:
    """List the posts of the actor's areas and above that are told of emergencies, by role."""
    roles = roles_of_emergencies()
    near = (
        select(post.c.id)
        .where(post.c.role.in_(roles), post.c.followed_by.is_(None), place_near(actor))
        .order_by(post.c.id)
        .limit(MOST_POSTS)
        .correlate(None)
    )
    found = _read(session, post.c.id.in_(near), actor, at)
    return sorted(found, key=lambda one: roles.index(one.role))


def _read(
    session: Session,
    chosen: ColumnElement[bool],
    actor: Actor,
    at: datetime,
    *,
    has_to_act: bool = False,
) -> list[PostOnCall]:
    """Read posts with their people, in order of id, in one statement."""
    found, rung = visible_person(actor, at), may_ring(actor, at)
    if has_to_act:
        found = rung = true()
    # Tables of their own: the filters of the directory ask for posts and holdings themselves.
    seen = select(officer.c.id).where(found).subquery()
    ring = select(officer.c.id, officer.c.phone).where(rung).subquery()
    question = (
        STAFFED.add_columns(seen.c.id, ring.c.phone)
        .outerjoin(seen, seen.c.id == officer.c.id)
        .outerjoin(ring, ring.c.id == officer.c.id)
        .where(chosen)
    )
    rows = sorted(session.execute(question, {"at": at}), key=lambda row: row[0])
    return [_post(list(its)) for _, its in groupby(rows, key=lambda row: row[0])]


def _post(rows: list[Any]) -> PostOnCall:
    named = Post(*rows[0][:5])
    people: dict[int, PersonOnCall] = {}
    for row in rows:
        if row[9] is None:
            continue
        # Who holds the post anyway is in it, whomever of their colleagues they stand in for.
        own = row[5] in people and not people[row[5]].stands_in
        stands_in = row[8] is not None and not own
        people[row[5]] = PersonOnCall(row[5], row[6], row[10], stands_in)
    return PostOnCall(named.id, named.role, named.title, tuple(people.values()), rows[0][5] is None)
