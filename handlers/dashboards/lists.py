"""The lists behind the numbers, page by page; what a list holds is what its figure counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from handlers.dashboards.closed_cases import ClosedFilter, list_closed_cases
from handlers.dashboards.open_cases import Clocks, OpenCase, OpenFilter, list_open_cases
from storage.dashboards.facts import Fact
from storage.database.session import Session
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.actors import Actor

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class BoardPage(Page[Item]):
    """A page of a list behind a number."""

    total: int
    """How many the whole list holds: the number."""


def open_page(
    session: Session,
    clocks: Clocks,
    having: OpenFilter,
    *,
    actor: Actor,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> BoardPage[OpenCase]:
    """List open cases, the most pressing first."""
    cases = list_open_cases(session, clocks, having, actor=actor)
    return _page(cases, lambda case: case.first.case_id, cursor, limit)


def closed_page(
    session: Session,
    having: ClosedFilter,
    *,
    actor: Actor,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> BoardPage[Fact]:
    """List closed cases, the last closed first."""
    facts = list_closed_cases(session, having, actor=actor)
    return _page(facts, lambda fact: fact.case_id, cursor, limit)


def _page(
    items: Sequence[Item], ident: Callable[[Item], int], cursor: str | None, limit: int
) -> BoardPage[Item]:
    """Cut a page after the item the last one ended with, or after its place when it has gone."""
    begin, limit = 0, clamped(limit)
    if cursor is not None:
        last, place = read_cursor(cursor, [int, int])
        places = {ident(item): at for at, item in enumerate(items)}
        begin = places.get(last, place - 1) + 1
    shown = items[begin : begin + limit + 1]
    page = page_of(shown, limit, lambda item: [ident(item), begin + limit])
    return BoardPage(page.items, page.next, len(items))
