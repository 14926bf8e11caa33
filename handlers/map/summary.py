"""What the map counts in an area and in each area one level below.

Businesses are read from counts kept by area, open cases are counted by the query of their list:
either number is what the list behind it holds for the caller.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from handlers.registry.searching import areas_within, filter_of
from storage.cases.cases import CaseFilter, count_cases, count_cases_below
from storage.database.session import Session
from storage.map.counts import Counts, Group, count_found, read_counts, version_of
from storage.moments import in_china
from storage.people.actors import Actor
from storage.places import areas
from storage.places.areas import Area, smallest_around
from storage.places.levels import AreaLevel
from storage.places.links import list_links, origins, outermost
from storage.registry.businesses import BusinessFilter

CEASED = "ceased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How many businesses, in all and by what they are."""

    count: int
    by_category: dict[str, int]
    by_status: dict[str, int]
    ceased: int
    """停止经营, one step before 终止经营 is confirmed (R14)."""
    bright: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaNumbers(Numbers):
    """The numbers of one area with everything below it."""

    code: str
    name: str
    level: str
    open_cases: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One area of the map with those below it."""

    area: AreaNumbers
    children: list[AreaNumbers]
    here: Numbers
    """What stands in the area itself and in none below it."""
    on: date
    version: int
    """Grows with every change of the counted businesses."""


def read_summary(
    session: Session, actor: Actor, asked: Mapping[str, Any], *, now: datetime
) -> Summary:
    """Count an area and its children for an actor; without an area, the actor's own.

    `on` is the day of the area tree: names and borders as they were, numbers as they are.
    """
    on = asked.get("on") or in_china(now).date()
    area = areas.get_area(session, asked.get("area") or own_area(session, actor, on=on), on=on)
    children = areas.list_children(session, area.code, on=on)
    having = filter_of(actor, {**asked, "area": area.code}, now=now)
    here_too = {**asked, "area": area.code, "here": True}
    below = [child.code for child in children]
    whole = area_counts(session, actor, [area.code], asked, now=now)
    parts = area_counts(session, actor, below, asked, now=now)
    opened = open_case_counts(session, actor, below)
    opened |= open_case_counts(session, actor, [area.code])
    return Summary(
        _of_area(area, whole[area.code], opened),
        [_of_area(child, parts[child.code], opened) for child in children],
        Numbers(**numbers(count_found(session, filter_of(actor, here_too, now=now)))),
        on,
        version_of(session, having.areas),
    )


def own_area(session: Session, actor: Actor, *, on: date) -> str:
    """Return the area an actor's map opens on: the smallest around theirs, else the city."""
    around = smallest_around(areas_within(actor, "") or ())
    if around is not None:
        return around
    return areas.list_areas(session, on=on, level=AreaLevel.CITY)[0].code


def numbers(counts: Counts) -> dict[str, Any]:
    """Add up groups of businesses as an answer shows them."""
    by_category, by_status, bright = Counter[str](), Counter[str](), 0
    for group, n in counts.items():
        by_category[group.category] += n
        by_status[group.status] += n
        bright += n * group.bright
    return {
        "count": by_status.total(),
        "by_category": dict(sorted(by_category.items())),
        "by_status": dict(sorted(by_status.items())),
        "ceased": by_status[CEASED],
        "bright": bright,
    }


def area_counts(
    session: Session, actor: Actor, codes: Iterable[str], asked: Mapping[str, Any], *, now: datetime
) -> dict[str, Numbers]:
    """Count the businesses of several areas for an actor; none of the areas in another."""
    having = filter_of(actor, asked, now=now)
    listed = list(codes)
    within = outermost(part for code in listed for part in areas_within(actor, code) or ())
    if having.open_for is not None:
        found = count_found(session, replace(having, areas=within))
    else:
        found = _selected(read_counts(session, within), having)
    by_area: dict[str, Counts] = {code: {} for code in listed}
    for group, n in found.items():
        around = next(filter(by_area.__contains__, _upwards(group.area_code)))
        by_area[around][group] = n
    return {code: Numbers(**numbers(counts)) for code, counts in by_area.items()}


def open_case_counts(session: Session, actor: Actor, codes: Sequence[str]) -> dict[str, int]:
    """Count the open cases of several areas of one level, as the list of each area does."""
    if not codes:
        return {}
    opened = CaseFilter(status="open", area=smallest_around(codes))
    links = list_links(session)
    counts = count_cases_below(session, actor=actor, having=opened, length=len(codes[0]))
    for code in codes:
        # Cases filed under a former code are of the area that took over.
        if origins(links, code):
            counts[code] = count_cases(session, actor=actor, having=replace(opened, area=code))
    return counts


def _upwards(code: str) -> Iterator[str]:
    return (code[:length] for length in range(len(code), 0, -1))


def _selected(counts: Counts, having: BusinessFilter) -> Counts:
    return {group: n for group, n in counts.items() if _is_selected(group, having)}


def _is_selected(group: Group, having: BusinessFilter) -> bool:
    category = having.category or group.category
    return (
        (group.category == category or group.category.startswith(f"{category}."))
        and having.status in {None, group.status}
        and having.bright in {None, group.bright}
    )


def _of_area(area: Area, counts: Numbers, opened: Mapping[str, int]) -> AreaNumbers:
    known = {name: getattr(counts, name) for name in Numbers.__slots__}
    return AreaNumbers(
        **known,
        code=area.code,
        name=area.name,
        level=area.level.word,
        open_cases=opened.get(area.code, 0),
    )
