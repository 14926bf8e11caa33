"""A page of a list that stands in the order of its ids."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Row, Select

from storage.database.session import Session
from storage.pages import Page, clamped, page_of, read_cursor


class Identified(Protocol):
    """An item that has an id."""

    @property
    def id(self) -> int:
        """The number it is found by."""


Item = TypeVar("Item", bound=Identified)


def page_by_id(
    session: Session,
    question: Select[Any],
    ident: ColumnElement[int],
    item: Callable[[Row[Any]], Item],
    *,
    cursor: str | None,
    limit: int,
    oldest_first: bool = False,
) -> Page[Item]:
    """Read one page of a question in one statement, the newest first unless said otherwise.

    `ident` is the column the list is ordered by, `item` makes an item of a row.

    Raises:
        FormInvalid: the cursor is not one of such a list.
    """
    limit = clamped(limit)
    if cursor is not None:
        place = read_cursor(cursor, [int])[0]
        question = question.where(ident > place if oldest_first else ident < place)
    order = ident.asc() if oldest_first else ident.desc()
    rows = session.execute(question.order_by(order).limit(limit + 1))
    return page_of([item(row) for row in rows], limit, lambda read: [read.id])


def by_place(kind: Callable[..., Item]) -> Callable[[Row[Any]], Item]:
    """Make an item of a row whose columns stand in the order of its fields."""
    return lambda row: kind(*row)


def by_name(kind: Callable[..., Item]) -> Callable[[Row[Any]], Item]:
    """Make an item of a row whose columns are named as the fields of the item."""
    return lambda row: kind(**row._mapping)  # noqa: SLF001 - public, in spite of its name
