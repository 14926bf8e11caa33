"""Changes to the directory: accounts, posts, who holds what; questions are in `people`."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, exists, func, insert, select, update

from storage.database.session import Session
from storage.errors import Conflict
from storage.people.posts import Post, post_id
from storage.people.roles import ROLES, Role
from storage.places.levels import LEVELS, rank
from storage.tables import area, business, holding, officer, org_unit, post


class Account(NamedTuple):
    """An account as a list of people is compared with it."""

    id: int
    username: str
    name: str
    rights: frozenset[str]
    post_ids: frozenset[str]
    phone: str | None = None
    unit: str | None = None
    business_id: int | None = None


def add_officer(
    session: Session,
    *,
    username: str,
    name: str,
    password_hash: str,
    at: datetime,
    business_id: int | None = None,
    rights: Iterable[str] = (),
    is_name_free: bool = False,
) -> int:
    """Add an account and return its id; Conflict when the user name is taken.

    A list has compared its names with all accounts at once and says `is_name_free`: a look at
    every account for each of its rows would cost the square of both.
    """
    if (
        not is_name_free
        and session.execute(
            select(exists().where(func.lower(officer.c.username) == username.lower()))
        ).scalar()
    ):
        message = f"用户名 {username} 已被使用，请换一个。"
        raise Conflict(message, code="username_taken")
    made = session.execute(
        insert(officer)
        .values(
            username=username,
            display_name=name,
            password_hash=password_hash,
            business_id=business_id,
            rights=sorted(rights),
            token_version=1,
            active=True,
            created_at=at,
        )
        .returning(officer.c.id)
    )
    return int(made.scalar_one())


def add_post(session: Session, role: str, place: str, *, title: str | None = None) -> Post:
    """Add the post of a role at a place; return the existing one when it is there already."""
    key = post_id(role, place)
    row = session.execute(select(post).where(post.c.id == key)).first()
    if row is not None:
        return Post(row.id, row.role, row.place, row.rank, row.title)
    made = Post(
        key,
        role,
        place,
        rank(role, unit_kind=_tier_of(session, place) if role == "enforcement" else None),
        title or _title(session, role, place),
    )
    session.execute(
        insert(post).values(
            id=made.id, role=made.role, place=made.place, rank=made.rank, title=made.title
        )
    )
    return made


def hold(session: Session, post_id: str, officer_id: int, *, since: datetime) -> None:
    """Let an officer hold a post from a moment on; holding it already changes nothing."""
    current = and_(
        holding.c.post_id == post_id,
        holding.c.officer_id == officer_id,
        holding.c.until.is_(None),
    )
    if session.execute(select(exists().where(current))).scalar():
        return
    session.execute(
        insert(holding).values(post_id=post_id, officer_id=officer_id, since=since, until=None)
    )


def leave(session: Session, post_id: str, *, until: datetime, officer_id: int | None = None) -> int:
    """End the holding of a post, of one officer or of all; return the number ended."""
    question = update(holding).where(holding.c.post_id == post_id, holding.c.until.is_(None))
    if officer_id is not None:
        question = question.where(holding.c.officer_id == officer_id)
    return int(session.execute(question.values(until=until)).rowcount)


def list_accounts(session: Session, officer_ids: Collection[int] | None = None) -> list[Account]:
    """List accounts, or all of them, with rights and the posts they hold, in order of id."""
    held: dict[int, set[str]] = {}
    current = select(holding.c.officer_id, holding.c.post_id).where(holding.c.until.is_(None))
    people = select(
        officer.c.id,
        officer.c.username,
        officer.c.display_name,
        officer.c.rights,
        officer.c.phone,
        officer.c.employer_unit,
        officer.c.business_id,
    ).order_by(officer.c.id)
    if officer_ids is not None:
        current = current.where(holding.c.officer_id.in_(list(officer_ids)))
        people = people.where(officer.c.id.in_(list(officer_ids)))
    for officer_id, key in session.execute(current):
        held.setdefault(officer_id, set()).add(key)
    rows = session.execute(people)
    return [
        Account(
            row.id,
            row.username,
            row.display_name,
            frozenset(row.rights),
            frozenset(held.get(row.id, ())),
            row.phone,
            row.employer_unit,
            row.business_id,
        )
        for row in rows
    ]


def correct_officer(session: Session, officer_id: int, *, name: str, rights: Iterable[str]) -> None:
    """Bring the name and the rights of an account up to date."""
    session.execute(
        update(officer)
        .where(officer.c.id == officer_id)
        .values(display_name=name, rights=sorted(rights))
    )


def switch_officer(session: Session, officer_id: int, *, active: bool) -> None:
    """Switch an account on or off; its tokens are void from now on either way."""
    session.execute(
        update(officer)
        .where(officer.c.id == officer_id)
        .values(active=active, token_version=officer.c.token_version + 1)
    )


def set_password(session: Session, officer_id: int, password_hash: str) -> None:
    """Set the password of an account; its tokens are void from now on."""
    session.execute(
        update(officer)
        .where(officer.c.id == officer_id)
        .values(password_hash=password_hash, token_version=officer.c.token_version + 1)
    )


def revoke_tokens(session: Session, officer_id: int) -> None:
    """Make every token of an officer void."""
    session.execute(
        update(officer)
        .where(officer.c.id == officer_id)
        .values(token_version=officer.c.token_version + 1)
    )


def _title(session: Session, role: str, place: str) -> str:
    if ROLES[role].place == "business" and place.isdecimal():
        named_so = select(business.c.name).where(business.c.id == int(place))
        shop = session.execute(named_so).scalar()
        return f"{shop or place}（主体）"
    named = session.execute(
        select(area.c.name).where(area.c.code == place).order_by(area.c.valid_from.desc()).limit(1)
    ).scalar()
    return title_at(named or place, ROLES[role])


def title_at(place: str, role: Role) -> str:
    """The place and the role, its level not said twice: 第1网格 and 网格员 are 第1网格员."""
    level = next(
        (level.name_zh for level in LEVELS.values() if level.level.name.lower() == role.place), ""
    )
    # A level with other words in brackets says kinds of places, which bear names of their own.
    if level and (place.endswith(level) or "（" in level):
        for said in (f"{level}级", level):
            if role.name_zh.startswith(said):
                return f"{place}{role.name_zh.removeprefix(said)}"
    return f"{place}{role.name_zh}"


def _tier_of(session: Session, unit_code: str) -> str | None:
    unit_rank = session.execute(
        select(org_unit.c.rank).where(org_unit.c.code == unit_code)
    ).scalar()
    return "county" if unit_rank == rank("county") else None
