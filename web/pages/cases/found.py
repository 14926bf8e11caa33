"""What a search finds beside cases: businesses and officers the reader may see, never reporters."""

from dataclasses import dataclass

from flask import url_for

from engine.reads.reading import Reading
from handlers.registry.searching import filter_of
from storage.registry.businesses import search_businesses
from storage.staffing.people import PeopleFilter, list_people
from web.frame.language import listed, t
from web.frame.naming import category_name

MOST = 5
"""So many of each are shown; the rest stands in their own lists."""


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """One kind of results: each with its address, its name and a word more; the way to the rest."""

    name: str
    drawn: str
    rows: list[tuple[str, str, str]]
    more: str | None


def found_beside(reading: Reading, q: str) -> list[FoundGroup]:
    """Find businesses by name or address, officers by name or post, as far as the reader sees."""
    return [_businesses(reading, q), _people(reading, q)]


def _businesses(reading: Reading, q: str) -> FoundGroup:
    having = filter_of(reading.actor, {"q": q}, now=reading.now)
    page = search_businesses(reading.session, having, limit=MOST)
    rows = [
        (
            url_for("web.business", business_id=each.id),
            each.name,
            each.address or category_name(each.category),
        )
        for each in page.items
    ]
    more = url_for("web.business_list", q=q) if page.next else None
    return FoundGroup(t("主体", "Businesses"), "store", rows, more)


def _people(reading: Reading, q: str) -> FoundGroup:
    wanted, now = PeopleFilter(q=q), reading.now
    page = list_people(reading.session, wanted, actor=reading.actor, at=now, limit=MOST)
    rows = [
        (
            url_for("web.person", person_id=each.id),
            each.name,
            listed(held.title for held in each.holdings if held.is_current(now)),
        )
        for each in page.items
    ]
    more = url_for("web.directory", q=q) if page.next else None
    return FoundGroup(t("人员", "People"), "user-round", rows, more)
