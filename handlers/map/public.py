"""The map of the public: how many businesses, of which category, and their names; never persons.

It goes down to the village. What is open anywhere is not counted: a shop could read that somebody
has reported it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.map.schematic import top_area
from handlers.map.summary import CEASED, numbers
from storage.database.session import Session
from storage.map.counts import Counts, read_counts
from storage.moments import in_china
from storage.pages import Page
from storage.places import areas
from storage.places.areas import Area
from storage.places.levels import AreaLevel
from storage.registry.businesses import Business, BusinessFilter, search_businesses


@dataclass(frozen=True, slots=True)
class PublicNumbers:
    """What the public is told of an area."""

    area: Area
    count: int
    ceased: int
    bright: int
    by_category: dict[str, int]


@dataclass(frozen=True, slots=True)
class PublicMap:
    """An area with those below it, the city first in `above`."""

    whole: PublicNumbers
    above: list[Area]
    children: list[PublicNumbers]


def read_public_map(
    session: Session, code: str | None, *, category: str | None, now: datetime
) -> PublicMap:
    """Count an area and its children for anybody; the city without a code.

    Raises:
        NotFound: there is no such area, or it lies below the village.
    """
    on = in_china(now).date()
    code = code or top_area(session, on=on)
    area = areas.get_area(session, code, on=on)
    if area.level > AreaLevel.VILLAGE:
        area = areas.get_area(session, code[: AreaLevel.VILLAGE.code_length], on=on)
    deeper = area.level < AreaLevel.VILLAGE
    children = areas.list_children(session, area.code, on=on) if deeper else []
    whole = _of_category(read_counts(session, [area.code]), category)
    below = _of_category(read_counts(session, [child.code for child in children]), category)
    return PublicMap(
        _numbers(area, whole),
        areas.list_ancestors(session, area.code, on=on)[:-1],
        [_numbers(child, _of(below, child)) for child in children],
    )


def list_names(
    session: Session, asked: Mapping[str, Any], *, cursor: str | None = None
) -> Page[Business]:
    """List what a number of the public map counts; who shows it leaves persons and phones out."""
    having = BusinessFilter(
        areas=[asked["area"]],
        category=asked.get("category"),
        status=CEASED if asked.get("ceased") else None,
        bright=True if asked.get("bright") else None,
        q=asked.get("q") or None,
    )
    return search_businesses(session, having, cursor=cursor)


def _of_category(counts: Counts, category: str | None) -> Counts:
    if category is None:
        return counts
    return {
        group: n
        for group, n in counts.items()
        if group.category == category or group.category.startswith(f"{category}.")
    }


def _of(counts: Counts, area: Area) -> Counts:
    return {group: n for group, n in counts.items() if group.area_code == area.code}


def _numbers(area: Area, counts: Counts) -> PublicNumbers:
    told = numbers(counts)
    names = ("count", "ceased", "bright", "by_category")
    return PublicNumbers(area, **{name: told[name] for name in names})
