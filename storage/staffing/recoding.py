"""Carries a change of area codes into everything that is kept by area; cases keep their code.

Set by set, in the caller's transaction, so that its time follows what is there and all of it is
changed or nothing. Posts stay with their cases: the post of the new code follows the old one, and
its holders act in both (`post.followed_by`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from storage.database.session import Session
from storage.people.posts import post_id
from storage.people.roles import ROLES, stands_in_area
from storage.people.scope import under_area, under_areas
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.places.links import outermost
from storage.tables import (
    case_,
    fact_case,
    flag,
    holding,
    metadata,
    platform_center,
    platform_pairing,
    post,
    recurring,
    responsibility,
    staffing_gap,
    supervision,
    town_jurisdiction,
)

_KEPT: Final = {"area", "case_", "task", "flag", "patrol", "platform_center", "supervision"}
"""Tables with a code that is not simply replaced: history, or rows that are one for each area.

`patrol` is append-only; lists find a visit by where its shop stands today.
"""

_NAMES: Final = ("area_code", "village")

_FORMER: Final = "（原）"
"""Follows the title of a post that has a successor."""


class Recoding(NamedTuple):
    """A code that is replaced, with everything below it."""

    old: str
    new: str


def recode(session: Session, recodings: Sequence[Recoding], *, at: datetime) -> dict[str, int]:
    """Replace codes everywhere, the smallest area first; return how many rows changed, by table."""
    smallest_first = sorted(recodings, key=lambda one: -len(one.old))
    if not smallest_first:
        return {}
    counts = {"open_cases": _count_open_cases(session, smallest_first)}
    counts |= _follow_posts(session, smallest_first, at)
    counts["jurisdictions"] = _follow_jurisdictions(session, smallest_first)
    counts["platform_center"] = _follow_centers(session, smallest_first)
    counts["supervision"] = _recode_supervisions(session, smallest_first, at)
    _drop_gaps(session, smallest_first)
    _drop_double_flags(session, smallest_first)
    for column in [*recoded_columns(), flag.c.area_code, responsibility.c.unit]:
        name = str(column.table.name)
        counts[name] = counts.get(name, 0) + _replace(session, column, smallest_first)
    of_areas = recurring.c.subject_kind == "area"
    counts["recurring"] = _replace(session, recurring.c.subject, smallest_first, of_areas)
    return {name: count for name, count in counts.items() if count}


def share_facts(session: Session, old: str, shares: Iterable[tuple[str, int, int]]) -> int:
    """Move the cases that closed in a divided area to its parts, each its share."""
    moved = 0
    for new, first, before in shares:
        hundredth = fact_case.c.case_id % 100
        question = update(fact_case).where(
            under_area(fact_case.c.area_code, old), hundredth >= first, hundredth < before
        )
        moved += int(session.execute(question.values(area_code=new)).rowcount)
    return moved


def rename_posts(session: Session, place: str, before: str, after: str) -> int:
    """Let the titles of the posts of an area follow its name."""
    is_named = and_(post.c.place == place, post.c.title.startswith(before, autoescape=True))
    title = literal(after).concat(func.substr(post.c.title, len(before) + 1))
    return int(session.execute(update(post).where(is_named).values(title=title)).rowcount)


def copy_jurisdiction(session: Session, old: str, new: str) -> bool:
    """Let the units responsible for one town be responsible for another; False if there is none."""
    known = select(*town_jurisdiction.c).where(town_jurisdiction.c.town_code == old)
    row = session.execute(known).mappings().first()
    if row is None:
        return False
    there = town_jurisdiction.c.town_code == new
    if not session.execute(select(exists().where(there))).scalar():
        session.execute(insert(town_jurisdiction).values({**row, "town_code": new}))
    return True


def recoded_columns() -> list[Column[Any]]:
    """The columns of area codes of every register, those of new tables included."""
    return [
        table.c[name]
        for table in metadata.sorted_tables
        if table.name not in _KEPT
        for name in _NAMES
        if name in table.c
    ]


def _replace(
    session: Session,
    column: Column[Any],
    recodings: Iterable[Recoding],
    *conditions: ColumnElement[bool],
) -> int:
    changed = 0
    table: Table = column.table
    for old, new in recodings:
        code = literal(new).concat(func.substr(column, len(old) + 1))
        question = update(table).where(under_area(column, old), *conditions)
        changed += int(session.execute(question.values({column.name: code})).rowcount)
    return changed


def _drop_double_flags(session: Session, recodings: Iterable[Recoding]) -> None:
    """Remove a switch of an old area where the new one has its own."""
    own = flag.alias("own")
    for old, new in recodings:
        code = literal(new).concat(func.substr(flag.c.area_code, len(old) + 1))
        has_own = exists().where(own.c.name == flag.c.name, own.c.area_code == code)
        session.execute(delete(flag).where(under_area(flag.c.area_code, old), has_own))


def _drop_gaps(session: Session, recodings: Iterable[Recoding]) -> None:
    """Forget the gaps of old areas; they are looked for again in the new ones."""
    for old, _ in recodings:
        session.execute(delete(staffing_gap).where(under_area(staffing_gap.c.place, old)))


# ── posts and their holders ──────────────────────────────────────────────────────────────────────


def _follow_posts(session: Session, recodings: Sequence[Recoding], at: datetime) -> dict[str, int]:
    """Make the posts of the new codes, let them follow the old ones, and move their holders."""
    new_of = _new_posts(session, recodings)
    if not new_of:
        return {}
    _add_missing(session, recodings, new_of.values())
    pairs = [{"was": old, "becomes": row["id"]} for old, row in new_of.items()]
    follows = or_(post.c.id == bindparam("was"), post.c.followed_by == bindparam("was"))
    session.execute(update(post).where(follows).values(followed_by=bindparam("becomes")), pairs)
    former = post.c.title.concat(_FORMER)
    session.execute(update(post).where(post.c.id == bindparam("was")).values(title=former), pairs)
    started = (recurring.c.subject_kind == "post", recurring.c.subject == bindparam("was"))
    session.execute(update(recurring).where(*started).values(subject=bindparam("becomes")), pairs)
    moved = _move_holders(session, {old: row["id"] for old, row in new_of.items()}, at)
    return {"posts": len(pairs), "holdings": moved}


def _new_posts(session: Session, recodings: Iterable[Recoding]) -> dict[str, dict[str, Any]]:
    """The post of the new code for each post of an old one that still acts."""
    roles = [role for role in ROLES if stands_in_area(role)]
    new_of: dict[str, dict[str, Any]] = {}
    for old, new in recodings:
        here = (under_area(post.c.place, old), post.c.followed_by.is_(None))
        rows = session.execute(select(post).where(*here, post.c.role.in_(roles))).mappings()
        for row in rows:
            place = new + row["place"][len(old) :]
            made = {**row, "id": post_id(row["role"], place), "place": place}
            # The smallest area comes first: what was re-coded with it, its surroundings leave.
            new_of.setdefault(row["id"], made)
    return new_of


def _add_missing(
    session: Session, recodings: Iterable[Recoding], rows: Iterable[Mapping[str, Any]]
) -> None:
    around = outermost(new for _, new in recodings)
    lies = under_areas(post.c.place, around)
    known = set(session.execute(select(post.c.id).where(lies)).scalars())
    fresh = {row["id"]: dict(row) for row in rows if row["id"] not in known}
    if fresh:
        session.execute(insert(post), list(fresh.values()))


def _move_holders(session: Session, new_of: Mapping[str, str], at: datetime) -> int:
    """End holdings of posts that are followed, begin them where they went; the past stays."""
    followed = select(post.c.id).where(post.c.followed_by.is_not(None))
    lasting = and_(
        holding.c.post_id.in_(followed), or_(holding.c.until.is_(None), holding.c.until > at)
    )
    columns = [column for column in holding.c if column.name != "id"]
    rows = session.execute(select(*columns).where(lasting).order_by(holding.c.id)).mappings().all()
    held = _holders_of_followers(session)
    begun = []
    for row in rows:
        key = (new_of[row["post_id"]], row["officer_id"])
        if row["until"] is None and key in held:
            continue
        if row["until"] is None:
            held.add(key)
        begun.append({**row, "post_id": key[0], "since": max(row["since"], at)})
    ended = update(holding).where(lasting)
    # One that has not begun ends with its first moment: it was never held.
    session.execute(ended.where(holding.c.since > at).values(until=holding.c.since))
    session.execute(ended.where(holding.c.since <= at).values(until=at))
    if begun:
        session.execute(insert(holding), begun)
    return len(rows)


def _holders_of_followers(session: Session) -> set[tuple[str, int]]:
    followers = select(post.c.followed_by).where(post.c.followed_by.is_not(None))
    question = select(holding.c.post_id, holding.c.officer_id).where(
        holding.c.post_id.in_(followers), holding.c.until.is_(None)
    )
    return {(row.post_id, row.officer_id) for row in session.execute(question)}


# ── what is one for each area ────────────────────────────────────────────────────────────────────


def _follow_jurisdictions(session: Session, recodings: Iterable[Recoding]) -> int:
    """The units of a town stay responsible for it under its new code, and for its old cases."""
    length, followed = CODE_LENGTHS[AreaLevel.TOWN], 0
    for old, new in recodings:
        if len(old) > length:
            continue
        column = town_jurisdiction.c.town_code
        for town in session.execute(select(column).where(under_area(column, old))).scalars().all():
            followed += copy_jurisdiction(session, town, new + town[len(old) :])
    return followed


def _follow_centers(session: Session, recodings: Iterable[Recoding]) -> int:
    """A platform centre moves with its area; of merged ones, the one that is there remains."""
    moved = 0
    for old, new in recodings:
        here = under_area(platform_center.c.area_code, old)
        for row in session.execute(select(platform_center).where(here)).mappings().all():
            code = new + row["area_code"][len(old) :]
            is_there = select(exists().where(platform_center.c.area_code == code))
            if not session.execute(is_there).scalar():
                post_id = f"{row['post_id'].partition(':')[0]}:{code}"
                made = {**row, "area_code": code, "post_id": post_id}
                session.execute(insert(platform_center).values(made))
            session.execute(
                update(platform_pairing)
                .where(platform_pairing.c.center == row["area_code"])
                .values(center=code)
            )
            gone = platform_center.c.area_code == row["area_code"]
            session.execute(delete(platform_center).where(gone))
            moved += 1
    return moved


def _recode_supervisions(session: Session, recodings: Sequence[Recoding], at: datetime) -> int:
    """Officers go with their village; in a merged one nobody is counted twice."""
    column = supervision.c.village
    around = outermost(code for pair in recodings for code in pair)
    lies = under_areas(column, around)
    current = select(supervision.c.id, column, supervision.c.officer_id, supervision.c.position)
    rows = session.execute(
        current.where(lies, supervision.c.until.is_(None)).order_by(
            supervision.c.position, supervision.c.id
        )
    ).all()
    seen: dict[str, set[int]] = {}
    doubles, places = [], []
    for row in rows:
        officers = seen.setdefault(_becomes(row.village, recodings), set())
        if row.officer_id in officers:
            doubles.append(row.id)
            continue
        officers.add(row.officer_id)
        if row.position != len(officers):
            places.append({"row": row.id, "place": len(officers)})
    if doubles:
        gone = update(supervision).where(supervision.c.id.in_(doubles))
        session.execute(gone.values(until=at))
    if places:
        placed = update(supervision).where(supervision.c.id == bindparam("row"))
        session.execute(placed.values(position=bindparam("place")), places)
    return _replace(session, column, recodings)


def _becomes(code: str, recodings: Iterable[Recoding]) -> str:
    for old, new in recodings:
        if code.startswith(old):
            return new + code[len(old) :]
    return code


def _count_open_cases(session: Session, recodings: Iterable[Recoding]) -> int:
    around = outermost(old for old, _ in recodings)
    lies = under_areas(case_.c.area_code, around)
    question = select(func.count()).select_from(case_).where(lies, case_.c.status == "open")
    return int(session.execute(question).scalar_one())
