"""People from a file: their accounts, and the posts they hold from now on."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

from storage.database.session import Session
from storage.errors import NotFound
from storage.imports.rows import Imported, Row, Table, parse, place_of, unrepeated
from storage.moments import in_china
from storage.people import staffing
from storage.people.posts import post_id
from storage.people.rights import RIGHTS
from storage.people.roles import ROLE_OF_NAME, ROLES, Place
from storage.people.staffing import Account
from storage.places import areas
from storage.places.levels import LEVELS, AreaLevel
from storage.places.units import list_units
from storage.registry import businesses
from storage.texts import plain

Progress = Callable[[Sequence[Any]], Iterable[Any]]

KINDS_OF_UNITS: Final[dict[Place, frozenset[str]]] = {
    "station": frozenset({"station"}),
    "county": frozenset({"county", "zone_committee"}),
    "enforcement": frozenset({"enforcement"}),
}
"""Which units a post of a role may stand at, by the place of the role."""

NONE: Final = frozenset({"无", "none", "-"})
"""The value in the column of posts for a person without a post."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One account with all the posts it holds; rights are None when the file has no such column."""

    username: str
    name: str
    posts: tuple[tuple[str, str], ...]
    rights: frozenset[str] | None


def import_people(
    session: Session,
    table: Table,
    *,
    hash_password: Callable[[str], str],
    now: datetime,
    progress: Progress = list,
) -> Imported:
    """Add the people of a file; those who have an account hold the posts of the file instead.

    Raises:
        ImportRefusedError: rows are wrong, all of them named.
    """
    done = Imported(len(table.rows))
    reading = _PeopleReading(session, now, has_rights=table.has("rights"))
    parsed = parse(table.rows, reading.person)
    parsed = unrepeated(parsed, lambda person: person.username.casefold(), "用户名", done.warnings)
    accounts = {account.username.casefold(): account for account in staffing.list_accounts(session)}
    for row, person in progress(parsed):
        known = accounts.get(person.username.casefold())
        if known is None:
            known = _account(session, person, hash_password, done, now=now)
            _replace_posts(session, known, person, now=now)
            done.added += 1
            continue
        changes = _correct(session, known, person)
        changes += _replace_posts(session, known, person, now=now)
        done.changed += bool(changes)
        done.changes += [f"{place_of(row.number)} {known.username}：{text}" for text in changes]
    done.warnings += _left_vacant(session, accounts.values(), now=now)
    return done


@dataclass(frozen=True, slots=True)
class _PeopleReading:
    """Turns rows into people, cell by cell."""

    session: Session
    now: datetime
    has_rights: bool

    def person(self, row: Row) -> PersonRow:
        username = plain(row.required("username"))
        if " " in username:
            row.refuse("username", f"“{username}”含空格，请去掉 (a user name has no blanks)")
        return PersonRow(username, row.required("name"), self._posts(row), self._rights(row))

    def _posts(self, row: Row) -> tuple[tuple[str, str], ...]:
        if row.text("posts") in NONE:
            return ()
        texts = [text.strip() for text in plain(row.text("posts")).split(";")]
        if not any(texts):
            row.refuse("posts", "不能为空；不担任任何岗位请写“无” (empty: write 无 for no post)")
        return tuple(dict.fromkeys(self._post(row, text) for text in texts if text))

    def _post(self, row: Row, text: str) -> tuple[str, str]:
        word, colon, place = (part.strip() for part in text.partition(":"))
        role = ROLE_OF_NAME.get(word, word)
        if not colon or not place:
            row.refuse("posts", f"“{text}”不是岗位，请写成 角色:地点 (write role:place)")
        if role not in ROLES:
            known = "、".join(f"{role.id} {role.name_zh}" for role in ROLES.values())
            row.refuse("posts", f"没有角色“{word}”，可用 (roles)：{known}")
        return role, self._place(row, role, place)

    def _place(self, row: Row, role: str, place: str) -> str:
        kind = ROLES[role].place
        if kind in KINDS_OF_UNITS:
            return self._unit(row, role, place)
        if kind == "business":
            return self._business(row, place)
        level = AreaLevel[kind.upper()]
        try:
            area = areas.get_area(self.session, place, on=in_china(self.now).date())
        except NotFound as error:
            return row.refuse(
                "posts", f"{role}:{place}：{error.message.rstrip('。')} (unknown area)"
            )
        if area.level is not level:
            row.refuse(
                "posts",
                f"{ROLES[role].name_zh}设在{LEVELS[level].name_zh}（{level.code_length} 位代码），"
                f"{place} 是{LEVELS[area.level].name_zh} (the place is of another level)",
            )
        return area.code

    def _unit(self, row: Row, role: str, place: str) -> str:
        kinds = KINDS_OF_UNITS[ROLES[role].place]
        units = {unit.code: unit.name for unit in list_units(self.session) if unit.kind in kinds}
        if place not in units:
            near = get_close_matches(place, units, n=5, cutoff=0.0)
            shown = "、".join(f"{code} {units[code]}" for code in near)
            row.refuse("posts", f"{role} 没有单位 {place}，最接近的是 (nearest units)：{shown}")
        return place

    def _business(self, row: Row, place: str) -> str:
        known = place.isascii() and place.isdigit() and len(place) <= len("999999999")
        if not known or businesses.find_business(self.session, int(place)) is None:
            row.refuse("posts", f"没有编号为 {place} 的食品主体 (no such business)")
        return str(int(place))

    def _rights(self, row: Row) -> frozenset[str] | None:
        if not self.has_rights:
            return None
        given = [text.strip() for text in plain(row.text("rights")).split(";")]
        rights = frozenset(text for text in given if text)
        unknown = sorted(rights - RIGHTS.keys())
        if unknown:
            known = "、".join(f"{right} {name}" for right, name in RIGHTS.items())
            row.refuse("rights", f"没有权限“{'、'.join(unknown)}”，可用 (rights)：{known}")
        return rights


def _account(
    session: Session,
    person: PersonRow,
    hash_password: Callable[[str], str],
    done: Imported,
    *,
    now: datetime,
) -> Account:
    password = secrets.token_urlsafe(12)
    done.passwords[person.username] = password
    rights = person.rights or frozenset()
    officer_id = staffing.add_officer(
        session,
        username=person.username,
        name=person.name,
        password_hash=hash_password(password),
        at=now,
        rights=rights,
    )
    return Account(officer_id, person.username, person.name, rights, frozenset())


def _correct(session: Session, known: Account, person: PersonRow) -> list[str]:
    rights = known.rights if person.rights is None else person.rights
    changes = []
    if known.name != person.name:
        changes.append(f"姓名 {known.name} → {person.name} (name)")
    if known.rights != rights:
        before, after = (";".join(sorted(those)) or "无" for those in (known.rights, rights))
        changes.append(f"权限 {before} → {after} (rights)")
    if changes:
        staffing.correct_officer(session, known.id, name=person.name, rights=rights)
    return changes


def _replace_posts(
    session: Session, known: Account, person: PersonRow, *, now: datetime
) -> list[str]:
    wanted = {post_id(role, place) for role, place in person.posts}
    ended, begun = sorted(known.post_ids - wanted), sorted(wanted - known.post_ids)
    for key in ended:
        staffing.leave(session, key, until=now, officer_id=known.id)
    for role, place in person.posts:
        post = staffing.add_post(session, role, place)
        staffing.hold(session, post.id, known.id, since=now)
    day = in_china(now).date().isoformat()
    return [
        *(f"自 {day} 起不再担任 {key} (ends)" for key in ended),
        *(f"自 {day} 起担任 {key} (begins)" for key in begun),
    ]


def _left_vacant(session: Session, before: Iterable[Account], *, now: datetime) -> list[str]:
    held = {key for account in staffing.list_accounts(session) for key in account.post_ids}
    vacant = sorted({key for account in before for key in account.post_ids} - held)
    day = in_china(now).date().isoformat()
    return [f"岗位 {key} 自 {day} 起无人担任，请安排 (vacant: staff it)。" for key in vacant]
