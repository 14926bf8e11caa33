"""Storage of times and documents in both databases; no calendar arithmetic."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import ColumnElement, DateTime, Dialect, Text, TypeDecorator, and_, or_
from sqlalchemy.types import TypeEngine

CHINA = ZoneInfo("Asia/Shanghai")

NEVER = datetime(9999, 12, 30, tzinfo=CHINA)
"""The drawn far date that means never; no timer row is written for it."""

Json: TypeAlias = Any

_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def to_text(at: datetime) -> str:
    """Return a moment as text that sorts like time: UTC, microseconds, fixed width.

    Raises:
        ValueError: it has no offset.
    """
    return _text_of(at, at.fold)


def in_china(at: datetime) -> datetime:
    """Return a moment in the time of China.

    Raises:
        ValueError: it has no offset.
    """
    return at if at.tzinfo is CHINA else _moved_to_china(at, at.fold)


# A step writes and moves the same few moments ten times. Moments that differ in their fold alone
# count as equal, so it is part of the key.


@lru_cache(maxsize=256)
def _text_of(at: datetime, _fold: int) -> str:
    return _require_aware(at).astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=256)
def _moved_to_china(at: datetime, _fold: int) -> datetime:
    return _require_aware(at).astimezone(CHINA)


def start_of(day: date) -> datetime:
    """Return the first moment of a day in the time of China."""
    return datetime.combine(day, time(), CHINA)


def last_day(until: datetime) -> date:
    """Return the last day of a period that ends before this moment."""
    return in_china(until - timedelta(microseconds=1)).date()


def optional_text(at: datetime | None) -> str | None:
    """Return `to_text` of a time, None for None."""
    return None if at is None else to_text(at)


def from_text(text: str) -> datetime:
    """Read what `to_text` wrote."""
    return datetime.fromisoformat(text)


def canonical(value: Json) -> str:
    """Write a document with sorted keys and no spaces: equal documents are equal text.

    Moments in it are written as `to_text` does.
    """
    return orjson.dumps(value, default=_written, option=_CANONICAL).decode()


def _written(value: Any) -> Json:
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def optional_canonical(value: Json) -> str | None:
    """Return `canonical` of a document, None for None."""
    return None if value is None else canonical(value)


def in_force(table: Any, at: Any) -> ColumnElement[bool]:
    """Filter the rows of a table with `since` and `until` that hold at a moment."""
    return and_(table.c.since <= at, or_(table.c.until.is_(None), table.c.until > at))


class MomentColumn(TypeDecorator[datetime]):
    """An aware datetime: timestamptz in PostgreSQL, sortable UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Refuse naive datetimes on the way in."""
        write = to_text if dialect.name == "sqlite" else _require_aware
        return lambda value: None if value is None else write(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Parse text in SQLite; PostgreSQL already returns aware datetimes."""
        del coltype
        if dialect.name == "sqlite":
            return lambda value: None if value is None else from_text(value)
        return None


class JsonText(TypeDecorator[Json]):
    """A document kept as canonical JSON text in both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: Dialect) -> str | None:
        """Write the document."""
        del dialect
        return optional_canonical(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Read the document."""
        del dialect, coltype
        return lambda value: None if value is None else orjson.loads(value)


def _require_aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        message = f"a moment needs its offset, got {at!r}"
        raise ValueError(message)
    return at
