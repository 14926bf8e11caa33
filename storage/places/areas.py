"""Areas of the six levels and their codes; jurisdictions are in `storage.people.posts`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.database.session import Session
from storage.errors import NotFound
from storage.places.levels import CODE_LENGTHS, LEVEL_OF_LENGTH, AreaLevel, level_of_code
from storage.tables import area

_PADDED_LENGTH = 12
# As many are looked up by their codes; more are compared with all there are.
_FEW = 1_000


@dataclass(frozen=True, slots=True)
class Area:
    """One area as it is known since `valid_from`."""

    code: str
    name: str
    level: AreaLevel
    parent: str | None
    kind: str | None
    valid_from: date
    valid_to: date | None
    lat: float | None = None
    lon: float | None = None


def significant_code(code: str) -> str:
    """Return the significant digits of a code; the official zero-padded 12-digit form is accepted.

    Raises NotFound (code `unknown_area`) when no level has such a code.
    """
    text = code.strip()
    if not text.isascii() or not text.isdigit():
        raise _no_such_code(code)
    if len(text) == _PADDED_LENGTH:
        text = _unpadded(text)
    if len(text) not in CODE_LENGTHS.values():
        raise _no_such_code(code)
    return text


def padded_code(code: str) -> str:
    """Return the form shown to people: at least 12 digits."""
    return code.ljust(_PADDED_LENGTH, "0")


def parent_code(code: str) -> str | None:
    """Return the code one level up, None for the city."""
    level = level_of_code(code)
    if level is AreaLevel.CITY:
        return None
    return code[: CODE_LENGTHS[AreaLevel(level - 1)]]


def overlaps(code: str, prefixes: Iterable[str]) -> bool:
    """Return whether an area lies in one of several subtrees, or one of them in it."""
    return any(code.startswith(one) or one.startswith(code) for one in prefixes)


def smallest_around(prefixes: Iterable[str]) -> str | None:
    """Return the smallest area that holds several subtrees; None for none."""
    listed = list(prefixes)
    around = (first for first in _upwards(min(listed, default="")) if _hold(first, listed))
    return next(around, None)


def _upwards(code: str) -> list[str]:
    lengths = sorted((one for one in LEVEL_OF_LENGTH if one <= len(code)), reverse=True)
    return [code[:length] for length in lengths]


def _hold(code: str, prefixes: Iterable[str]) -> bool:
    return all(one.startswith(code) for one in prefixes)


def prefix_end(prefix: str) -> str:
    """Return the first code after the subtree of `prefix`: the range is prefix <= code < end."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


_FIELDS = (
    area.c.code,
    area.c.name,
    area.c.level,
    area.c.parent,
    area.c.kind,
    area.c.valid_from,
    area.c.valid_to,
    area.c.lat,
    area.c.lon,
)


def valid_on(on: Any) -> ColumnElement[bool]:
    """Filter the areas that are valid on a day."""
    return and_(area.c.valid_from <= on, or_(area.c.valid_to.is_(None), area.c.valid_to > on))


def _valid_on() -> Select[Any]:
    return select(*_FIELDS).where(valid_on(bindparam("on")))


_FIND = _valid_on().where(area.c.code == bindparam("code"))
_CHILDREN = _valid_on().where(area.c.parent == bindparam("parent")).order_by(area.c.code)
_ANCESTORS = (
    _valid_on().where(area.c.code.in_(bindparam("codes", expanding=True))).order_by(area.c.level)
)


def find_area(session: Session, code: str, *, on: date) -> Area | None:
    """Find an area by its code in either form, as it was on a day; what is no code finds none."""
    try:
        short = significant_code(code)
    except NotFound:
        return None
    row = session.execute(_FIND, {"code": short, "on": on}).first()
    return None if row is None else _area(row)


def get_area(session: Session, code: str, *, on: date) -> Area:
    """Get an area by its code in either form, as it was on a day; NotFound otherwise."""
    found = find_area(session, code, on=on)
    if found is None:
        message = f"没有编码为 {code} 的区域。"
        raise NotFound(message, code="unknown_area")
    return found


def list_children(session: Session, code: str, *, on: date) -> list[Area]:
    """List the areas one level down."""
    rows = session.execute(_CHILDREN, {"parent": significant_code(code), "on": on})
    return [_area(row) for row in rows]


def list_ancestors(session: Session, code: str, *, on: date) -> list[Area]:
    """List an area and everything above it, the city first."""
    short = significant_code(code)
    codes = [short[:length] for length in CODE_LENGTHS.values() if length <= len(short)]
    return [_area(row) for row in session.execute(_ANCESTORS, {"codes": codes, "on": on})]


def list_areas(
    session: Session,
    *,
    on: date,
    under: str | None = None,
    level: AreaLevel | None = None,
    q: str | None = None,
    longest: int | None = None,
    limit: int = 200,
) -> list[Area]:
    """List areas of a subtree by level and by a part of the name, in order of code."""
    question = _valid_on().order_by(area.c.code).limit(limit)
    if longest is not None:
        question = question.where(func.length(area.c.code) <= longest)
    if under is not None:
        short = significant_code(under)
        question = question.where(area.c.code >= short, area.c.code < prefix_end(short))
    if level is not None:
        question = question.where(area.c.level == int(level))
    if q:
        question = question.where(area.c.name.contains(q, autoescape=True))
    return [_area(row) for row in session.execute(question, {"on": on})]


def count_areas(session: Session, *, on: date, under: str | None = None) -> dict[AreaLevel, int]:
    """Count the areas of a subtree by level."""
    question = select(area.c.level, func.count()).where(valid_on(on))
    if under is not None:
        short = significant_code(under)
        question = question.where(area.c.code >= short, area.c.code < prefix_end(short))
    return {
        AreaLevel(level): count for level, count in session.execute(question.group_by(area.c.level))
    }


def add_areas(session: Session, rows: Iterable[Area]) -> int:
    """Add areas in bulk; they have to be new."""
    values = [
        {
            "code": row.code,
            "name": row.name,
            "level": int(row.level),
            "parent": row.parent,
            "kind": row.kind,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "lat": row.lat,
            "lon": row.lon,
        }
        for row in rows
    ]
    if values:
        session.execute(insert(area), values)
    return len(values)


def put_areas(session: Session, rows: Iterable[Area], *, on: date) -> int:
    """Add areas, or rename them from a day on; return the number of changes.

    What an area was called before that day stays known (R01); a second name on the same day
    replaces the first.
    """
    named = list(rows)
    question = _valid_on()
    if len(named) <= _FEW:
        question = question.where(area.c.code.in_([row.code for row in named]))
    known = {row.code: _area(row) for row in session.execute(question, {"on": on})}
    fresh: list[Area] = []
    corrected = 0
    for row in named:
        before = known.get(row.code)
        if before is None:
            fresh.append(row)
        elif before.name == row.name:
            continue
        elif before.valid_from == on:
            _correct_name(session, row.code, row.name, on=on)
            corrected += 1
        else:
            end_area(session, row.code, on=on)
            fresh.append(replace(row, valid_from=on))
    return corrected + add_areas(session, fresh)


def _correct_name(session: Session, code: str, name: str, *, on: date) -> None:
    session.execute(
        update(area).where(area.c.code == code, area.c.valid_from == on).values(name=name)
    )


def end_area(session: Session, code: str, *, on: date) -> None:
    """End an area on a day; its past is kept."""
    session.execute(
        update(area).where(area.c.code == code, area.c.valid_to.is_(None)).values(valid_to=on)
    )


def _area(row: Row[Any]) -> Area:
    return Area(
        row.code,
        row.name,
        AreaLevel(row.level),
        row.parent,
        row.kind,
        row.valid_from,
        row.valid_to,
        row.lat,
        row.lon,
    )


def _unpadded(code: str) -> str:
    if code.endswith("00000000"):
        return code[:4]
    if code.endswith("000000"):
        return code[:6]
    if code.endswith("000"):
        return code[:9]
    return code


def _no_such_code(code: str) -> NotFound:
    return NotFound(
        f"{code} 不是区域编码：应为 4、6、9、12、15 或 18 位数字。", code="unknown_area"
    )
