"""One page of a long list and the cursor to the next; what is listed is asked elsewhere."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

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


def read_cursor(cursor: str, shape: Sequence[type]) -> list[Json]:
    """Read where a page ended; FormInvalid when it is not a cursor of this list."""
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != list(shape):
        message = "翻页标记不属于这个列表，请从第一页重新开始。"
        raise FormInvalid(message, errors=[("/cursor", message)], code="bad_cursor")
    return place
