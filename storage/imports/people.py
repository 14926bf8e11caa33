"""People from a file: their accounts, and the posts they hold from now on or from a day on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Final

from storage.city.rules import installed
from storage.database.session import Session
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
from storage.imports.staff import StaffReading, join_posts, terms_of
from storage.moments import in_china, last_day, start_of
from storage.people import staffing
from storage.people.roles import ROLES, are_apart
from storage.people.staffing import Account
from storage.registry import businesses
from storage.staffing.gaps import check_places
from storage.staffing.holdings import (
    Holding,
    NewHolding,
    add_holding,
    end_holding,
    list_holdings,
)
from storage.staffing.people import change_person
from storage.staffing.rules import SUPERVISORS
from storage.staffing.supervisions import list_villages_of

NO_PASSWORD: Final = "-"  # noqa: S105 - no password at all
"""No password fits this: the account is there, its owner sets the first password by a link."""

FULL: Final = "full"
"""The source of a list that names everybody of its units and roles: who is missing is asked."""

_KEPT: Final = ("phone", "unit", "business")
"""What an empty cell leaves as it is."""


@dataclass(frozen=True, slots=True)
class PeopleImport:
    """Accounts; those that are there hold the posts of the file instead of their own."""

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Keep the order of the file."""
        return rows

    def read(self, session: Session, table: Table, act: ImportAct) -> ReadRows:
        """Read the rows; of a full list, everybody it misses is a row to be decided."""
        reading = parse(table.rows, StaffReading(session, act.now, table).value)
        join_posts(reading)
        reading = unrepeated(reading, lambda value: value["username"].casefold(), "用户名")
        reading = unrepeated(reading, lambda value: value["phone"], "电话")
        _release(reading, _Judging(session, act.now))
        if act.origin == FULL:
            reading.settled += _missing(session, reading, act, after=len(table.rows))
        return reading

    def judge(self, session: Session, entries: Sequence[ParsedRow], act: ImportAct) -> list[Judged]:
        """Compare with the accounts that are there."""
        return _Judging(session, act.now).judged(entries)

    def write(self, session: Session, rows: Sequence[Judged], act: ImportAct) -> list[Judged]:
        """Add and correct accounts, and let them hold their posts: those who leave leave first."""
        written = [_with_account(session, row, act.now) for row in rows if row.outcome != "review"]
        wanted = {int(row.subject or 0): row for row in written}
        held = _held(session, wanted, act.now)
        for ident, row in wanted.items():
            _leave(session, held.get(ident, []), (row.after or {})["posts"], now=act.now)
        for ident, row in wanted.items():
            _hold(session, ident, held.get(ident, []), row, now=act.now)
        posts = {
            key
            for row in written
            for side in (row.before, row.after)
            for key in (side or {}).get("posts", ())
        }
        _check_gaps(session, wanted, posts, act.now)
        return written

    def undo(self, session: Session, row: Judged, act: ImportAct) -> str | None:
        """Restore the account and its posts; one that was added holds nothing any more."""
        if row.outcome == "review":
            return None
        judging = _Judging(session, act.now, [int(row.subject or 0)])
        known = judging.accounts.get(row.entry.value["username"].casefold())
        if known is None or judging.state_of(known) != row.after:
            return f"{row.entry.value['username']} 已被再次更改 (changed since)"
        blank = {**(row.after or {}), "rights": [], "posts": [], "until": {}}
        before = {**blank, **(row.before or {})}
        _correct(session, known.id, before)
        held = judging.held.get(known.id, [])
        _leave(session, held, before["posts"], now=act.now)
        _hold(session, known.id, held, replace(row, after=before), now=act.now)
        posts = {*before["posts"], *(row.after or {})["posts"]}
        if row.before is None:
            staffing.switch_officer(session, known.id, active=False)
        _check_gaps(session, [known.id], posts, act.now)
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


class _Judging:
    """Accounts, or all of them, and what they hold now, as rows are compared with them."""

    def __init__(
        self, session: Session, now: datetime, officers: Collection[int] | None = None
    ) -> None:
        self.session = session
        self.now = now
        accounts = staffing.list_accounts(session, officers)
        self.accounts = {one.username.casefold(): one for one in accounts}
        self.names = {account.id: name for name, account in self.accounts.items()}
        self.phones = {one.phone: one for one in accounts if one.phone}
        self.held = _held(session, officers, now)
        self.holders: dict[str, list[Holding]] = {}
        for one in (one for held in self.held.values() for one in held):
            self.holders.setdefault(one.post_id, []).append(one)

    def judged(self, entries: Sequence[ParsedRow]) -> list[Judged]:
        """Judge rows; whoever a full list misses stays a question."""
        return [
            Judged(entry, "review", entry.value["missing"], message=entry.value["why"])
            if "missing" in entry.value
            else self._judged(entry)
            for entry in entries
        ]

    def state_of(self, account: Account) -> Value:
        """An account as a row says it."""
        held = self.held.get(account.id, [])
        return {
            "name": account.name,
            "rights": sorted(account.rights),
            "phone": account.phone,
            "unit": account.unit,
            "business": account.business_id,
            "posts": sorted({one.post_id for one in held}),
            "until": {one.post_id: last_day(one.until).isoformat() for one in held if one.until},
        }

    def _judged(self, entry: ParsedRow) -> Judged:
        value, known = entry.value, self.accounts.get(entry.value["username"].casefold())
        problem = self._problem(value, known)
        if problem is not None:
            message = f"{place_of(entry.number)} {value['username']}：{problem}。"
            return Judged(entry, "refused", message=message)
        before = None if known is None else self.state_of(known)
        after = _after(value, before)
        if before == after:
            return Judged(entry, "same", None if known is None else str(known.id))
        warning = entry.warning or self._elsewhere(entry, after)
        if known is None or before is None:
            return Judged(entry, "added", None, after=after, warning=warning)
        message = "；".join(_changes(before, after, value, in_china(self.now).date()))
        message = f"{place_of(entry.number)} {known.username}：{message}"
        return Judged(entry, "changed", str(known.id), before, after, message, warning)

    def _problem(self, value: Value, known: Account | None) -> str | None:
        """Why a row cannot be: two people of one telephone, two of a single post, an office."""
        owner = self.phones.get(value["phone"])
        if owner is not None and (known is None or owner.id != known.id):
            return f"电话已登记在 {owner.username} 名下 (phone: taken)"
        today = in_china(self.now).date().isoformat()
        begins = (since for since, _ in terms_of(value).values() if since is not None)
        if known is None and any(since < today for since in begins):
            return "since 早于账号建立，留空即从今天起 (since: before the account existed)"
        for key in value["posts"]:
            role = ROLES[key.partition(":")[0]]
            speaks = known is not None and known.business_id is not None
            if speaks and role.tier != "grid" and role.place != "business":
                return f"食品主体的代表不能担任{role.name_zh}（R54）(a business holds no office)"
            if role.is_single or role.place == "business":
                other = self._other(key, value, known)
                if other is not None:
                    return f"{other.title}已由{other.name}担任，请先免职 (the post is single)"
        return _apart(value["posts"])

    def _other(self, key: str, value: Value, known: Account | None) -> Holding | None:
        """Somebody else in a post for one, whom this file does not move away."""
        ident, frees = None if known is None else known.id, value.get("frees", {}).get(key, ())
        return next(
            (
                one
                for one in self.holders.get(key, ())
                if one.officer_id != ident
                and one.kind == "main"
                and self.names.get(one.officer_id) not in frees
            ),
            None,
        )

    def _elsewhere(self, entry: ParsedRow, after: Value) -> str | None:
        """R54: a business may hold a grid post of another village, and it is said."""
        if after["business"] is None:
            return None
        shop = businesses.get_business(self.session, after["business"])
        village = shop.area_code[:12]
        places = [key.partition(":")[2] for key in after["posts"]]
        others = [place for place in places if place.isdigit() and len(place) > len(village)]
        if all(place.startswith(village) for place in others):
            return None
        return (
            f"{place_of(entry.number)}：{shop.name}不在所任岗位的村（社区），请确认"
            " (a business of another village)。"
        )


def _apart(posts: Iterable[str]) -> str | None:
    """Why nobody may hold these posts together: one of them watches the other."""
    roles = sorted({key.partition(":")[0] for key in posts})
    for one, other in combinations(roles, 2):
        if are_apart(one, other):
            titles = f"{ROLES[one].name_zh}与{ROLES[other].name_zh}"
            return f"{titles}不相容，不能由一人兼任 (posts that do not go together)"
    return None


def _release(reading: ReadRows, judging: _Judging) -> None:
    """Note by post whom this file moves away from it; two rows for a single post are refused."""
    wanted: dict[str, list[ParsedRow]] = {}
    for entry in reading.entries:
        for key in entry.value["posts"]:
            wanted.setdefault(key, []).append(entry)
    everybody = {entry.value["username"].casefold(): entry for entry in reading.entries}
    for key, entries in wanted.items():
        if not ROLES[key.partition(":")[0]].is_single:
            continue
        holders = (judging.names.get(one.officer_id) for one in judging.holders.get(key, ()))
        frees = [
            name
            for name in holders
            if name in everybody and key not in everybody[name].value["posts"]
        ]
        for entry in entries:
            entry.value.setdefault("frees", {})[key] = frees
        if len(entries) > 1:
            numbers = "与".join(place_of(entry.number) for entry in entries)
            for entry in entries:
                reading.refuse(entry, f"{numbers}：{key} 只能有一人担任 (the post is single)。")


def _missing(session: Session, reading: ReadRows, act: ImportAct, *, after: int) -> list[Judged]:
    """Ask about everybody of the roles and units of a full list whom it does not name."""
    named = {entry.value["username"].casefold() for entry in reading.entries}
    roles = {key.partition(":")[0] for one in reading.entries for key in one.value["posts"]}
    units = {one.value["unit"] for one in reading.entries} - {None}
    judging = _Judging(session, act.now)
    found: list[Judged] = []
    for username, account in judging.accounts.items():
        held = [one for one in judging.held.get(account.id, []) if one.role in roles]
        if username in named or not held or (units and account.unit not in units):
            continue
        titles = "、".join(one.title for one in held)
        why = (
            f"{account.name}（{account.username}）现任{titles}，不在这份全员名单里：没有免职，请核对"
            " (not on the full list; nothing was ended)。"
        )
        value = {"missing": str(account.id), "why": why, "name": account.name}
        entry = ParsedRow(after + len(found), 0, value)
        found.append(Judged(entry, "review", str(account.id), message=why, warning=why))
    return found


def _held(
    session: Session, officers: Collection[int] | None, now: datetime
) -> dict[int, list[Holding]]:
    """What accounts hold now or from a later day on, but for standing in."""
    held: dict[int, list[Holding]] = {}
    for one in list_holdings(session, officer_ids=officers, overlapping=(now, None)):
        if one.kind != "substitute" and (one.until is None or one.until > one.since):
            held.setdefault(one.officer_id, []).append(one)
    return held


def _after(value: Value, before: Value | None) -> Value:
    known = before or {"rights": [], "phone": None, "unit": None, "business": None}
    posts = sorted(value["posts"])
    return {
        "name": value["name"],
        "rights": known["rights"] if value["rights"] is None else value["rights"],
        **{name: known[name] if value[name] is None else value[name] for name in _KEPT},
        "posts": posts,
        "until": {key: until for key, (_, until) in terms_of(value).items() if until},
    }


def _changes(before: Value, after: Value, value: Value, day: date) -> Iterable[str]:
    if before["name"] != after["name"]:
        yield f"姓名 {before['name']} → {after['name']} (name)"
    if before["rights"] != after["rights"]:
        was, becomes = (";".join(each["rights"]) or "无" for each in (before, after))
        yield f"权限 {was} → {becomes} (rights)"
    for name, label in (("phone", "电话"), ("unit", "单位"), ("business", "食品主体")):
        if before[name] != after[name]:
            yield f"{label} {before[name] or '无'} → {after[name] or '无'} ({name})"
    yield from _changed_posts(before, after, value, day)


def _changed_posts(before: Value, after: Value, value: Value, day: date) -> Iterable[str]:
    terms = terms_of(value)
    for key in sorted(set(before["posts"]) - set(after["posts"])):
        yield f"自 {day.isoformat()} 起不再担任 {key} (ends)"
    for key in sorted(set(after["posts"]) - set(before["posts"])):
        yield f"自 {max(day.isoformat(), terms[key][0] or '')} 起担任 {key} (begins)"
    for key in sorted(set(after["posts"]) & set(before["posts"])):
        if before["until"].get(key) != after["until"].get(key):
            yield f"{key} 任职至 {after['until'].get(key) or '未定'} (until)"


def _with_account(session: Session, row: Judged, now: datetime) -> Judged:
    value, after = row.entry.value, row.after or {}
    if row.subject is None:
        made = staffing.add_officer(
            session,
            username=value["username"],
            name=value["name"],
            password_hash=NO_PASSWORD,
            at=now,
            rights=after["rights"],
            is_name_free=True,
        )
        row = replace(row, subject=str(made))
    _correct(session, int(row.subject or 0), after)
    return row


def _correct(session: Session, ident: int, state: Value) -> None:
    staffing.correct_officer(session, ident, name=state["name"], rights=state["rights"])
    columns = {"phone": "phone", "unit": "employer_unit", "business": "business_id"}
    change_person(session, ident, {column: state[name] for name, column in columns.items()})


def _leave(
    session: Session, held: Iterable[Holding], posts: Sequence[str], *, now: datetime
) -> None:
    for one in held:
        if one.post_id not in posts:
            end_holding(session, one.id, until=max(now, one.since), reason="导入 (import)")


def _hold(
    session: Session, ident: int, held: Sequence[Holding], row: Judged, *, now: datetime
) -> None:
    state, terms = row.after or {}, terms_of(row.entry.value)
    known: Mapping[str, Holding] = {one.post_id: one for one in held}
    for key in state["posts"]:
        last = state["until"].get(key)
        until = start_of(date.fromisoformat(last) + timedelta(days=1)) if last else None
        if key not in known:
            role, _, place = key.partition(":")
            post = staffing.add_post(session, role, place)
            since = _begin(terms.get(key, [None])[0], now)
            add_holding(
                session, NewHolding(post_id=post.id, officer_id=ident, since=since, until=until)
            )
        elif known[key].until != until:
            end_holding(session, known[key].id, until=until, reason=None)


def _begin(day: str | None, now: datetime) -> datetime:
    """Begin on a day to come, else now."""
    is_later = day is not None and day > in_china(now).date().isoformat()
    return start_of(date.fromisoformat(day)) if day is not None and is_later else now


def _check_gaps(
    session: Session, officers: Iterable[int], posts: Iterable[str], now: datetime
) -> None:
    """Look over the places whose staff changed: the board of gaps is right at once."""
    keys = [key.partition(":") for key in posts]
    for rule in installed().staffing.values():
        places = {place for role, _, place in keys if role == rule.role}
        if rule.kind == SUPERVISORS:
            places = {
                village for one in officers for village in list_villages_of(session, one, at=now)
            }
        if places:
            check_places(session, rule, at=now, places=places)
