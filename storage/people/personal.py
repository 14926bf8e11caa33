"""Personal values in entries of a case file: the chain covers a digest, so the value may go.

In place of a value the entry holds `{"personal": "<sha-256 of salt and value>"}`. Value and salt
are in a separate row. Without it the value cannot be derived from the digest, and the chain
still verifies: a deletion is not visible in the file, a change is.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

import orjson
from sqlalchemy import LargeBinary, Select, Text, bindparam, cast, delete, func, select, type_coerce

from storage.database.session import Session
from storage.database.statements import rows_of
from storage.moments import Json, canonical
from storage.tables import case_, case_event, case_personal

__all__ = [
    "Path",
    "Salt",
    "Value",
    "conceal",
    "conceal_again",
    "count_unconcealed",
    "delete_values",
    "holds_any",
    "is_erased",
    "list_closed_before",
    "list_values",
    "put_back",
]

_MARK = "personal"
_SALT_BYTES = 16

Path: TypeAlias = tuple[str | int, ...]
"""The path of a value in the data of an entry: keys and indexes, from the outside in."""


class Salt(NamedTuple):
    """The input of the digest of one value; enough to check it in an exported file."""

    path: Path
    salt: str


class Value(NamedTuple):
    """A value of one entry that may be deleted."""

    seq: int
    path: Path
    salt: str
    value: Json


def is_erased(value: object) -> bool:
    """Whether this marks a deleted value."""
    return isinstance(value, Mapping) and value.keys() == {_MARK}


def holds_any(data: str) -> bool:
    """Whether the stored text of an entry may hold a concealed value; cheap, for every entry."""
    return f'{{"{_MARK}":"' in data


def conceal(
    data: Mapping[str, Any], personal: Mapping[str, Json], *, seq: int
) -> tuple[dict[str, Any], list[Value]]:
    """Replace every value that stands under its own name in `data`; return what was replaced."""
    plain = orjson.loads(canonical(data))
    wanted = orjson.loads(canonical(personal))
    found: list[Value] = []
    for path in _places(plain, wanted, ()):
        salt, value = secrets.token_hex(_SALT_BYTES), _at(plain, path)
        found.append(Value(seq, path, salt, value))
        _put(plain, path, {_MARK: _digest(salt, value)})
    return plain, found


def conceal_again(data: Mapping[str, Any], salts: Iterable[Salt]) -> dict[str, Any]:
    """Return the data as the chain covers them: digests in the place of the values."""
    plain = orjson.loads(canonical(data))
    for path, salt in salts:
        _put(plain, path, {_MARK: _digest(salt, _at(plain, path))})
    return dict(plain)


def put_back(data: dict[str, Any], values: Iterable[Value]) -> tuple[Salt, ...]:
    """Put values into the data of their entry; return what their digests were made with."""
    salts = []
    for _, path, salt, value in values:
        _put(data, path, value)
        salts.append(Salt(path, salt))
    return tuple(salts)


_LIST: Select[Any] = (
    select(case_personal.c.seq, case_personal.c.path, case_personal.c.salt, case_personal.c.value)
    .where(
        case_personal.c.case_id == bindparam("case_id"), case_personal.c.seq > bindparam("after")
    )
    .order_by(case_personal.c.seq, case_personal.c.path)
)


def list_values(session: Session, case_id: int, *, after: int = 0) -> list[Value]:
    """List the values of a case that are still there, those of entries after number `after`."""
    return [
        Value(seq, tuple(orjson.loads(path)), salt, orjson.loads(value))
        for seq, path, salt, value in rows_of(session, _LIST, {"case_id": case_id, "after": after})
    ]


def list_closed_before(session: Session, moment: datetime) -> list[int]:
    """List the cases closed before a moment of which values are still there."""
    question = (
        select(case_personal.c.case_id)
        .join(case_, case_.c.id == case_personal.c.case_id)
        .where(case_.c.status == "closed", case_.c.closed_at < moment)
        .distinct()
        .order_by(case_personal.c.case_id)
    )
    return list(session.execute(question).scalars())


def delete_values(session: Session, case_id: int) -> int:
    """Delete every value of a case; return their number."""
    gone = session.execute(delete(case_personal).where(case_personal.c.case_id == case_id))
    return int(gone.rowcount)


def count_unconcealed(session: Session) -> int:
    """Count the cases from outside whose first entry was written before values were kept apart.

    Entries were stored as they are then; those stored compressed are younger.
    """
    stored = type_coerce(case_event.c.data, LargeBinary)
    # Debian's SQLite finds nothing in bytes; PostgreSQL would refuse to cast compressed ones.
    is_sqlite = session.dialect.name == "sqlite"
    plain = cast(stored, Text) if is_sqlite else func.encode(stored, "escape")
    first = (case_event.c.case_id == case_.c.id) & (case_event.c.seq == 1)
    old = (
        select(func.count())
        .select_from(case_.join(case_event, first))
        .where(
            case_.c.channel.is_not(None),
            func.substr(stored, 1, 1) == b"{",
            plain.not_like(f'%{{"{_MARK}":"%'),
        )
    )
    return int(session.execute(old).scalar_one())


def _places(value: Json, wanted: dict[Any, Json], path: Path) -> Iterable[Path]:
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        if key in wanted and child == wanted[key]:
            yield (*path, key)
        elif isinstance(child, dict | list):
            yield from _places(child, wanted, (*path, key))


def _at(data: Json, path: Path) -> Json:
    for key in path:
        data = data[key]
    return data


def _put(data: Json, path: Path, value: Json) -> None:
    _at(data, path[:-1])[path[-1]] = value


def _digest(salt: str, value: Json) -> str:
    return hashlib.sha256(f"{salt}:{canonical(value)}".encode()).hexdigest()
