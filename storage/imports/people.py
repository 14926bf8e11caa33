"""People from a file: their accounts, and the posts they hold from now on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import Final

from storage.database.session import Session
from storage.errors import NotFound
from storage.imports.outcomes import (
    ImportAct,
    Judged,
    ParsedRow,
    ReadRows,
    Value,
    parse,
    unrepeated,
)
from storage.imports.rows import Row, Table, place_of
from storage.moments import in_china
from storage.people import staffing
from storage.people.posts import post_id
from storage.people.rights import RIGHTS
from storage.people.roles import ROLE_OF_NAME, ROLES, UNIT_KINDS
from storage.people.staffing import Account
from storage.places import areas
from storage.places.levels import LEVELS, AreaLevel
from storage.places.units import list_units
from storage.registry import businesses
from storage.texts import plain

NONE: Final = frozenset({"无", "none", "-"})
"""The value in the column of posts for a person without a post."""


NO_PASSWORD: Final = "-"  # noqa: S105 - no password at all
"""No password fits this: the account is there, its first password is still to be handed out."""


@dataclass(frozen=True, slots=True)
class PeopleImport:
    """Accounts; those that are there hold the posts of the file instead of their own."""

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Keep the order of the file."""
        return rows

    def read(self, session: Session, table: Table, act: ImportAct) -> ReadRows:
        """Read the rows."""
        reader = _PeopleReading(session, act.now, has_rights=table.has("rights"))
        reading = parse(table.rows, reader.value)
        return unrepeated(reading, lambda value: value["username"].casefold(), "用户名")

    def judge(self, session: Session, entries: Sequence[ParsedRow], act: ImportAct) -> list[Judged]:
        """Compare with the accounts that are there."""
        accounts = _by_username(session)
        day = in_china(act.now).date()
        return [
            _judged(entry, accounts.get(entry.value["username"].casefold()), day)
            for entry in entries
        ]

    def write(self, session: Session, rows: Sequence[Judged], act: ImportAct) -> list[Judged]:
        """Add and correct accounts, and let them hold their posts."""
        return [_written(session, row, act.now) for row in rows]

    def undo(self, session: Session, row: Judged, act: ImportAct) -> str | None:
        """Restore name, rights and posts; an account that was added holds nothing any more."""
        known = _by_username(session).get(row.entry.value["username"].casefold())
        if known is None or _state_of(known) != row.after:
            return f"{row.entry.value['username']} 已被再次更改 (changed since)"
        before = row.before or {"name": known.name, "rights": [], "posts": []}
        staffing.correct_officer(session, known.id, name=before["name"], rights=before["rights"])
        _replace_posts(session, known, before["posts"], now=act.now)
        if row.before is None:
            staffing.switch_officer(session, known.id, active=False)
        return None

    def warn(self, session: Session, rows: Iterable[Judged], act: ImportAct) -> list[str]:
        """Name the posts that have no holder any more."""
        before = {key for row in rows for key in (row.before or {}).get("posts", ())}
        held = {key for account in staffing.list_accounts(session) for key in account.post_ids}
        day = in_china(act.now).date().isoformat()
        return [
            f"岗位 {key} 自 {day} 起无人担任，请安排 (vacant: staff it)。"
            for key in sorted(before - held)
        ]


def _by_username(session: Session) -> dict[str, Account]:
    return {account.username.casefold(): account for account in staffing.list_accounts(session)}


def _state_of(account: Account) -> Value:
    return {
        "name": account.name,
        "rights": sorted(account.rights),
        "posts": sorted(account.post_ids),
    }


def _judged(entry: ParsedRow, known: Account | None, day: date) -> Judged:
    value = entry.value
    if known is None:
        after = {**value, "rights": value["rights"] or [], "posts": sorted(value["posts"])}
        after.pop("username")
        return Judged(entry, "added", None, after=after)
    before = _state_of(known)
    rights = before["rights"] if value["rights"] is None else value["rights"]
    after = {"name": value["name"], "rights": rights, "posts": sorted(value["posts"])}
    if before == after:
        return Judged(entry, "same", str(known.id))
    message = "；".join(_changes(before, after, day))
    message = f"{place_of(entry.number)} {known.username}：{message}"
    return Judged(entry, "changed", str(known.id), before, after, message)


def _changes(before: Value, after: Value, day: date) -> Iterable[str]:
    if before["name"] != after["name"]:
        yield f"姓名 {before['name']} → {after['name']} (name)"
    if before["rights"] != after["rights"]:
        was, becomes = (";".join(each["rights"]) or "无" for each in (before, after))
        yield f"权限 {was} → {becomes} (rights)"
    for key in sorted(set(before["posts"]) - set(after["posts"])):
        yield f"自 {day.isoformat()} 起不再担任 {key} (ends)"
    for key in sorted(set(after["posts"]) - set(before["posts"])):
        yield f"自 {day.isoformat()} 起担任 {key} (begins)"


def _written(session: Session, row: Judged, now: datetime) -> Judged:
    value, after = row.entry.value, row.after or {}
    if row.subject is None:
        officer_id = staffing.add_officer(
            session,
            username=value["username"],
            name=value["name"],
            password_hash=NO_PASSWORD,
            at=now,
            rights=after["rights"],
        )
        known = Account(officer_id, value["username"], value["name"], frozenset(), frozenset())
    else:
        before = row.before or {}
        known = Account(
            int(row.subject), value["username"], before["name"], frozenset(before["rights"]),
            frozenset(before["posts"]),
        )  # fmt: skip
        staffing.correct_officer(session, known.id, name=after["name"], rights=after["rights"])
    _replace_posts(session, known, after["posts"], now=now)
    return replace(row, subject=str(known.id))


def _replace_posts(
    session: Session, known: Account, wanted: Sequence[str], *, now: datetime
) -> None:
    for key in sorted(known.post_ids - set(wanted)):
        staffing.leave(session, key, until=now, officer_id=known.id)
    for key in wanted:
        role, _, place = key.partition(":")
        staffing.hold(session, staffing.add_post(session, role, place).id, known.id, since=now)


@dataclass(frozen=True, slots=True)
class _PeopleReading:
    """Turns rows into people, cell by cell."""

    session: Session
    now: datetime
    has_rights: bool

    def value(self, row: Row) -> Value:
        username = plain(row.required("username"))
        if " " in username:
            row.refuse("username", f"“{username}”含空格，请去掉 (a user name has no blanks)")
        rights = self._rights(row)
        return {
            "username": username,
            "name": row.required("name"),
            "posts": [post_id(role, place) for role, place in self._posts(row)],
            "rights": None if rights is None else sorted(rights),
        }

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
        if kind in UNIT_KINDS:
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
        kinds = UNIT_KINDS[ROLES[role].place]
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
