"""Every business of a list, for a file that holds as many rows as the list counts."""

from collections.abc import Iterator
from typing import Final

from storage.database.session import Session
from storage.errors import FormInvalid
from storage.registry.businesses import (
    Business,
    BusinessFilter,
    count_by_category,
    search_businesses,
)

MOST_ROWS: Final = 50_000
_PAGE: Final = 200


def every_business(session: Session, having: BusinessFilter) -> Iterator[list[Business]]:
    """Walk through the list page by page.

    Raises:
        FormInvalid: it is too long for one file.
    """
    count = sum(count_by_category(session, having).values())
    if count > MOST_ROWS:
        message = f"有 {count} 家，一次最多导出 {MOST_ROWS} 家；请用区域或类别缩小范围。"
        english = f"{count} businesses; at most {MOST_ROWS} a file. Narrow by area or category."
        raise FormInvalid.at("area", message, code="too_many_rows", english=english)
    return _pages(session, having)


def _pages(session: Session, having: BusinessFilter) -> Iterator[list[Business]]:
    cursor: str | None = None
    while True:
        page = search_businesses(session, having, cursor=cursor, limit=_PAGE)
        yield list(page.items)
        cursor = page.next
        if cursor is None:
            return
