"""One page of a long list and the cursor to the next page."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from storage.errors import FormInvalid
from storage.moments import Json

Item = TypeVar("Item")

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items in a stable order; `next` is None on the last page."""

    items: tuple[Item, ...]
    next: str | None


def page_of(items: Sequence[Item], limit: int, place: Callable[[Item], list[Json]]) -> Page[Item]:
    """Cut `limit + 1` items read to a page; `place` says where an item stands in the order."""
    shown = tuple(items[:limit])
    return Page(shown, write_cursor(place(shown[-1])) if len(items) > limit else None)


def clamped(limit: int) -> int:
    """Keep a limit within what one page may hold."""
    return max(1, min(limit, LARGEST_LIMIT))


def write_cursor(place: list[Json]) -> str:
    """Write where a page ended."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def read_cursor(cursor: str, shape: Sequence[type]) -> list[Any]:
    """Read where a page ended; FormInvalid when it is not a cursor of this list.

    `shape` names the types of the parts; a datetime is read from its text.
    """
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(place, list):
            raise _no_cursor()
        return [_part(part, kind) for part, kind in zip(place, shape, strict=True)]
    except ValueError as error:
        raise _no_cursor() from error


def _part(part: Json, kind: type) -> Json:
    if kind is datetime:
        at = datetime.fromisoformat(str(part))
        if at.tzinfo is None:
            raise ValueError
        return at
    if type(part) is not kind:
        raise ValueError
    return part


def _no_cursor() -> FormInvalid:
    message = "翻页标记不属于这个列表，请从第一页重新开始。"
    return FormInvalid.at("cursor", message, code="bad_cursor")
