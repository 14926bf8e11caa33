"""Lists a city keeps elsewhere, brought in from CSV: areas, businesses, the calendar, people.

A file is read whole first; when any row is wrong nothing is written and every wrong row is named.
"""

import csv
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from api.identity.passwords import hash_password
from storage.database.session import Session
from storage.errors import HangjiError
from storage.moments import CHINA
from storage.people import posts as people
from storage.people import staffing
from storage.people.roles import ROLES
from storage.places import areas, calendar
from storage.places.areas import Area
from storage.places.calendar import CalendarDay, DayKind
from storage.places.levels import level_of_code
from storage.registry import businesses
from storage.registry.businesses import NewBusiness

Row = dict[str, str]
Parsed = TypeVar("Parsed")
Progress = Callable[[Sequence[Any]], Iterable[Any]]

ROWS_AT_MOST = 200_000
DAY_KINDS = frozenset({"holiday", "makeup_workday", "workday", "weekend"})

COLUMNS: dict[str, tuple[str, ...]] = {
    "areas": ("code", "name"),
    "businesses": ("name", "category", "area_code"),
    "calendar": ("date", "kind"),
    "people": ("username", "name", "posts"),
}
"""The columns a file of each kind must have; more are read where they are known."""


class ImportRefusedError(Exception):
    """A file with wrong rows; nothing of it was written."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file."""

    rows: int
    added: int
    changed: int = 0
    passwords: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """One account with the posts it holds."""

    username: str
    name: str
    posts: tuple[tuple[str, str], ...]
    rights: tuple[str, ...]


def read_rows(kind: str, path: Path) -> list[Row]:
    """The rows of a file, when it has the columns its kind needs.

    Raises:
        ImportRefusedError: no CSV in UTF-8, a column is missing, or there are too many rows.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [row for _, row in zip(range(ROWS_AT_MOST + 1), reader, strict=False)]
            heads = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImportRefusedError([f"{path}: this is no CSV file in UTF-8 ({error})"]) from error
    missing = [name for name in COLUMNS[kind] if name not in heads]
    if missing:
        raise ImportRefusedError([f"{path}: the columns {', '.join(missing)} are missing"])
    if len(rows) > ROWS_AT_MOST:
        raise ImportRefusedError([f"{path}: more than {ROWS_AT_MOST} rows"])
    return [{name: value or "" for name, value in row.items() if name} for row in rows]


def bring_in(
    session: Session, kind: str, rows: list[Row], *, source: str, now: datetime, progress: Progress
) -> Imported:
    """Write the rows of a file; existing areas and days are brought up to date.

    Raises:
        ImportRefusedError: rows are wrong, all of them named.
    """
    match kind:
        case "areas":
            return _areas(session, rows, now)
        case "businesses":
            return _businesses(session, rows, now, progress)
        case "calendar":
            return _calendar(session, rows, source)
        case _:
            return _people(session, rows, now, progress)


def _areas(session: Session, rows: list[Row], now: datetime) -> Imported:
    on = now.astimezone(CHINA).date()
    parsed = _parsed(rows, lambda row: _area(row, on))
    # Parents first, so that a file in any order can be read.
    ordered = sorted(parsed, key=lambda one: (one.level, one.code))
    return Imported(len(rows), areas.put_areas(session, ordered, on=on))


def _area(row: Row, on: date) -> Area:
    code = areas.significant_code(row["code"])
    level = level_of_code(code)
    parent = areas.parent_code(code)
    return Area(code, _told(row, "name"), level, parent, None, on, None)


def _businesses(session: Session, rows: list[Row], now: datetime, progress: Progress) -> Imported:
    on = now.astimezone(CHINA).date()
    parsed = _parsed(rows, lambda row: _business(session, row, on))
    added = 0
    for new in progress(parsed):
        if new.credit_code is None or not businesses.find_by_credit_code(session, new.credit_code):
            businesses.add_business(session, new, at=now)
            added += 1
    return Imported(len(rows), added)


def _business(session: Session, row: Row, on: date) -> NewBusiness:
    return NewBusiness(
        name=_told(row, "name"),
        category=_told(row, "category"),
        area_code=areas.get_area(session, row["area_code"], on=on).code,
        credit_code=row.get("credit_code") or None,
        licence_number=row.get("licence_number") or None,
        address=row.get("address") or None,
        scope=row.get("scope") or None,
        person_in_charge=row.get("person_in_charge") or None,
        phone=row.get("phone") or None,
        lat=_number(row.get("lat")),
        lon=_number(row.get("lon")),
        flags=[one for one in row.get("flags", "").split(";") if one],
    )


def _calendar(session: Session, rows: list[Row], source: str) -> Imported:
    days = _parsed(rows, _day)
    changed = 0
    for year in sorted({day.on_date.year for day in days}):
        of_year = [day for day in days if day.on_date.year == year]
        changed += len(calendar.import_year(session, year, of_year, source=source))
    return Imported(len(rows), 0, changed)


def _day(row: Row) -> CalendarDay:
    kind = row["kind"].strip()
    if kind not in DAY_KINDS:
        message = f"kind must be one of {', '.join(sorted(DAY_KINDS))}"
        raise ValueError(message)
    on = date.fromisoformat(row["date"].strip())
    return CalendarDay(on, cast("DayKind", kind), row.get("name") or None)


def _people(session: Session, rows: list[Row], now: datetime, progress: Progress) -> Imported:
    parsed = _parsed(rows, _person)
    passwords: dict[str, str] = {}
    for person in progress(parsed):
        known = people.find_officer(session, person.username)
        officer_id = known.id if known is not None else _account(session, person, now, passwords)
        for role, place in person.posts:
            post = staffing.add_post(session, role, place)
            staffing.hold(session, post.id, officer_id, since=now)
    return Imported(len(rows), len(passwords), passwords=passwords)


def _account(session: Session, person: Person, now: datetime, passwords: dict[str, str]) -> int:
    password = secrets.token_urlsafe(12)
    passwords[person.username] = password
    return staffing.add_officer(
        session,
        username=person.username,
        name=person.name,
        password_hash=hash_password(password),
        at=now,
        rights=person.rights,
    )


def _person(row: Row) -> Person:
    posts = []
    for text in filter(None, row["posts"].split(";")):
        role, colon, place = text.strip().partition(":")
        if not colon or not place or role not in ROLES:
            message = f"{text!r} is no post; write role:place"
            raise ValueError(message)
        posts.append((role, place))
    rights = tuple(filter(None, row.get("rights", "").split(";")))
    return Person(_told(row, "username"), _told(row, "name"), tuple(posts), rights)


def _parsed(rows: list[Row], parse: Callable[[Row], Parsed]) -> list[Parsed]:
    parsed, problems = [], []
    for number, row in enumerate(rows, start=2):  # row 1 holds the heads
        try:
            parsed.append(parse(row))
        except (ValueError, HangjiError) as error:
            problems.append(f"row {number}: {error}")
    if problems:
        raise ImportRefusedError(problems)
    return parsed


def _told(row: Row, name: str) -> str:
    text = row[name].strip()
    if not text:
        message = f"{name} is empty"
        raise ValueError(message)
    return text


def _number(text: str | None) -> float | None:
    return float(text) if text else None
