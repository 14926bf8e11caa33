"""Rows of a list of people, cell by cell: who they are, what they hold, for which business."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from storage.database.session import Session
from storage.errors import NotFound
from storage.imports.outcomes import Judged, ParsedRow, ReadRows, Value
from storage.imports.rows import Row, Table, place_of
from storage.moments import in_china
from storage.people.posts import post_id
from storage.people.rights import RIGHTS
from storage.people.roles import ROLE_OF_NAME, ROLES, UNIT_KINDS
from storage.places import areas
from storage.places.areas import Area
from storage.places.levels import LEVELS, AreaLevel
from storage.places.units import Unit, list_units
from storage.registry import businesses
from storage.texts import plain

NONE: Final = frozenset({"无", "none", "-"})
"""The value in the column of posts for a person without a post."""

_OF_POSTS: Final = frozenset({"posts", "since", "until", "terms"})
"""What rows of one person may differ in."""

_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_PHONE: Final = re.compile(r"[0-9+() -]{5,30}")


def join_posts(reading: ReadRows) -> None:
    """Make rows that name one person with different posts one person who holds all of them."""
    first: dict[str, ParsedRow] = {}
    kept: list[ParsedRow] = []
    for entry in reading.entries:
        before = first.setdefault(entry.value["username"].casefold(), entry)
        if before is entry or not _adds_posts(before.value, entry.value):
            kept.append(entry)
            continue
        before.value["terms"] = {**before.value["terms"], **entry.value["terms"]}
        before.value["posts"] = list(before.value["terms"])
        message = (
            f"{place_of(entry.number)}与{place_of(before.number)}是同一人，岗位已并入该行"
            " (one person: the posts are joined)。"
        )
        reading.settled.append(Judged(entry, "same", message=message))
    reading.entries = kept


def terms_of(value: Value) -> dict[str, list[str | None]]:
    """Return first and last day of each post of a row."""
    # Rows checked by an earlier version have one term for all posts.
    terms: dict[str, list[str | None]] = value.get("terms") or {
        key: [value["since"], value["until"]] for key in value["posts"]
    }
    return terms


def _adds_posts(before: Value, value: Value) -> bool:
    """Whether a row says the same of a person but for posts, and contradicts no post."""
    same = all(before[name] == value[name] for name in before.keys() - _OF_POSTS)
    terms = before["terms"]
    fits = all(terms.get(key, term) == term for key, term in value["terms"].items())
    return same and fits and before != value and bool(terms and value["terms"])


@dataclass(frozen=True)
class StaffReading:
    """Turns rows into people."""

    session: Session
    now: datetime
    table: Table

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Every unit by its code."""
        return {unit.code: unit for unit in list_units(self.session)}

    @cached_property
    def today(self) -> date:
        """The day of the import."""
        return in_china(self.now).date()

    def value(self, row: Row) -> Value:
        """Read one row; a wrong cell is refused by its name."""
        phone = self._phone(row)
        posts = [post_id(role, place) for role, place in self._posts(row)]
        business = self._represented(row, posts)
        rights = self._rights(row)
        since, until = self._day(row, "since"), self._until(row)
        return {
            "username": self._username(row, phone),
            "name": row.required("name"),
            "phone": phone,
            "unit": self._employer(row),
            "posts": list(dict.fromkeys(posts)),
            "since": since,
            "until": until,
            "terms": {key: [since, until] for key in posts},
            "business": business,
            "rights": None if rights is None else sorted(rights),
        }

    def _username(self, row: Row, phone: str | None) -> str:
        username = plain(row.text("username"))
        if not username and phone is not None:
            # Who has no user name signs in by telephone number.
            return "".join(sign for sign in phone if sign.isdigit())
        username = username or plain(row.required("username"))
        if " " in username:
            row.refuse("username", f"“{username}”含空格，请去掉 (a user name has no blanks)")
        return username

    def _phone(self, row: Row) -> str | None:
        phone = plain(row.text("phone"))
        if phone and _PHONE.fullmatch(phone) is None:
            row.refuse("phone", f"“{phone}”不是电话号码 (no telephone number)")
        return phone or None

    def _employer(self, row: Row) -> str | None:
        text = plain(row.text("unit"))
        if not text:
            return None
        if text in self.units:
            return text
        named = [unit.code for unit in self.units.values() if plain(unit.name) == text]
        area = areas.find_area(self.session, text, on=self.today)
        found = named or ([] if area is None else [area.code])
        if len(found) != 1:
            row.refuse("unit", f"没有单位“{text}”，或不止一个，请写代码 (no one unit: use a code)")
        return found[0]

    def _day(self, row: Row, column: str) -> str | None:
        text = plain(row.text(column))
        if not text:
            return None
        found = _DAY.fullmatch(text.split(" ")[0])
        try:
            day = None if found is None else date(*(int(part) for part in found.groups()))
        except ValueError:
            day = None
        if day is None:
            row.refuse(column, f"“{text}”不是日期，请写成 2026-03-01 (no date)")
        return day.isoformat()

    def _until(self, row: Row) -> str | None:
        since, until = self._day(row, "since"), self._day(row, "until")
        if until is not None and until < (since or self.today.isoformat()):
            row.refuse("until", f"{until} 早于任职开始 (ends before it begins)")
        return until

    def _represented(self, row: Row, posts: list[str]) -> int | None:
        """The business an account acts for; in `business` as its own account, holding its post."""
        own, other = row.text("business").strip(), row.text("representative_of").strip()
        if own and other:
            row.refuse("representative_of", "与“business”只填一列 (fill in one of the two)")
        column, text = ("business", own) if own else ("representative_of", other)
        if not text:
            return None
        found = businesses.list_by_mark(self.session, text)
        if len(found) != 1:
            row.refuse(
                column,
                f"食品主体“{text}”{'不止一家' if found else '不存在'}，请写编号或统一社会信用代码"
                " (no one business: use its number or credit code)",
            )
        if own:
            posts.append(post_id("business", str(found[0].id)))
        self._refuse_office(row, posts)
        return found[0].id

    def _refuse_office(self, row: Row, posts: list[str]) -> None:
        """R54: a business holds grid posts and speaks for itself, nothing else."""
        for key in posts:
            role = ROLES[key.partition(":")[0]]
            if role.tier != "grid" and role.place != "business":
                column = "role" if row.text("role") else "posts"
                row.refuse(
                    column,
                    f"食品主体的代表不能担任{role.name_zh}（R54）(a business holds no office)",
                )

    def _posts(self, row: Row) -> tuple[tuple[str, str], ...]:
        if row.text("role"):
            word = plain(row.text("role"))
            role = self._role(row, "role", ROLE_OF_NAME.get(word, word), word)
            return ((role, self._place(row, "place", role, plain(row.required("place")))),)
        speaks = row.text("business") or row.text("representative_of")
        if row.text("posts") in NONE or (speaks and not row.text("posts")):
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
        self._role(row, "posts", role, word)
        return role, self._place(row, "posts", role, place)

    def _role(self, row: Row, column: str, role: str, word: str) -> str:
        if role not in ROLES:
            known = "、".join(f"{role.id} {role.name_zh}" for role in ROLES.values())
            row.refuse(column, f"没有角色“{word}”，可用 (roles)：{known}")
        return role

    def _place(self, row: Row, column: str, role: str, place: str) -> str:
        kind = ROLES[role].place
        if kind in UNIT_KINDS:
            return self._unit(row, column, role, place)
        if kind == "business":
            return self._business(row, column, place)
        level = AreaLevel[kind.upper()]
        area = self._area(row, column, role, place, level)
        if area.level is not level:
            row.refuse(
                column,
                f"{ROLES[role].name_zh}设在{LEVELS[level].name_zh}（{level.code_length} 位代码），"
                f"{place} 是{LEVELS[area.level].name_zh} (the place is of another level)",
            )
        return area.code

    def _area(self, row: Row, column: str, role: str, place: str, level: AreaLevel) -> Area:
        """The area of a code, or the only one of its level that is called so."""
        try:
            return areas.get_area(self.session, place, on=self.today)
        except NotFound as error:
            listed = areas.list_areas(self.session, on=self.today, level=level, q=place)
            named = [area for area in listed if plain(area.name) == place]
            if len(named) == 1:
                return named[0]
            several = "、".join(f"{area.code} {area.name}" for area in named[:5])
            why = f"不止一个，请写代码 ({several})" if named else error.message.rstrip("。")
            return row.refuse(column, f"{role}:{place}：{why} (unknown area)")

    def _unit(self, row: Row, column: str, role: str, place: str) -> str:
        kinds = UNIT_KINDS[ROLES[role].place]
        units = {code: unit.name for code, unit in self.units.items() if unit.kind in kinds}
        named = [code for code, name in units.items() if plain(name) == place]
        if len(named) == 1:
            return named[0]
        if place not in units:
            near = get_close_matches(place, units, n=5, cutoff=0.0)
            shown = "、".join(f"{code} {units[code]}" for code in near)
            row.refuse(column, f"{role} 没有单位 {place}，最接近的是 (nearest units)：{shown}")
        return place

    def _business(self, row: Row, column: str, place: str) -> str:
        known = place.isascii() and place.isdigit() and len(place) <= len("999999999")
        if not known or businesses.find_business(self.session, int(place)) is None:
            row.refuse(column, f"没有编号为 {place} 的食品主体 (no such business)")
        return str(int(place))

    def _rights(self, row: Row) -> frozenset[str] | None:
        if not self.table.has("rights"):
            return None
        given = [text.strip() for text in plain(row.text("rights")).split(";")]
        rights = frozenset(text for text in given if text)
        unknown = sorted(rights - RIGHTS.keys())
        if unknown:
            known = "、".join(f"{right} {name}" for right, name in RIGHTS.items())
            row.refuse("rights", f"没有权限“{'、'.join(unknown)}”，可用 (rights)：{known}")
        return rights
