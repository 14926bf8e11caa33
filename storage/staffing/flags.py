"""What a city switches by area (R71): the row of the longest code around a place holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database.session import Session
from storage.places.levels import LEVEL_OF_LENGTH
from storage.tables import flag


@dataclass(frozen=True, slots=True)
class Flag:
    """One switch of an area and everything below it."""

    name: str
    area_code: str
    is_on: bool
    set_by: int
    set_at: datetime
    reason: str | None = None


_FLAGS: Select[Any] = select(
    flag.c.name, flag.c.area_code, flag.c.is_on, flag.c.set_by, flag.c.set_at, flag.c.reason
)


def list_flags(session: Session) -> list[Flag]:
    """List every switch, in order of name and area."""
    rows = session.execute(_FLAGS.order_by(flag.c.name, flag.c.area_code))
    return [Flag(*row) for row in rows]


def is_on(session: Session, name: str, place: str) -> bool:
    """Return whether something is switched on for a place; off when nobody ever said so."""
    codes = [place[:length] for length in LEVEL_OF_LENGTH if length <= len(place)]
    question = select(flag.c.area_code, flag.c.is_on).where(
        flag.c.name == name, flag.c.area_code.in_(codes)
    )
    rows = sorted(session.execute(question), key=lambda row: len(row.area_code))
    return bool(rows) and bool(rows[-1].is_on)


def put_flag(session: Session, new: Flag) -> None:
    """Switch something on or off for an area."""
    put = sqlite_insert if session.dialect.name == "sqlite" else postgresql_insert
    values = {name: getattr(new, name) for name in Flag.__slots__}
    changed = {name: values[name] for name in ("is_on", "set_by", "set_at", "reason")}
    session.execute(
        put(flag)
        .values(**values)
        .on_conflict_do_update(index_elements=[flag.c.name, flag.c.area_code], set_=changed)
    )
