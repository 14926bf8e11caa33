"""The choices of a form: matters, areas level by level, businesses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.reads.reading import Reading
from storage.moments import CHINA
from storage.people.roles import ROLES
from storage.places import areas
from storage.places.areas import Area
from storage.places.levels import CODE_LENGTHS, LEVEL_OF_LENGTH, AreaLevel, town_of
from storage.places.matters import Matter
from storage.registry import businesses
from storage.registry.businesses import Business

__all__ = [
    "AreaStep",
    "area_steps",
    "areas_below",
    "areas_named",
    "children_of",
    "list_businesses",
    "list_matters",
    "own_areas",
]

_MANY = 200


@dataclass(frozen=True, slots=True)
class AreaStep:
    """One choice on the way down the areas; `chosen` is "" where nothing is chosen yet."""

    options: list[tuple[str, str]]
    """Codes and names."""
    chosen: str
    above: str


def list_matters(reading: Reading) -> Sequence[Matter]:
    """List the published matters in their order."""
    return reading.matters_of(reading.session)


def own_areas(reading: Reading) -> list[str]:
    """The areas of the actor's posts that are areas of their own; none for the public."""
    if reading.someone is None:
        return []
    return [code for code in reading.someone.prefixes if len(code) in LEVEL_OF_LENGTH]


def area_steps(reading: Reading, code: str) -> Iterator[AreaStep]:
    """The choices from where the actor begins down to a code, and one further."""
    options, above = _roots(reading), ""
    while options:
        fallback = options[0][0] if len(options) == 1 and not above else ""
        chosen = next((each for each, _ in options if code.startswith(each)), fallback)
        yield AreaStep(options, chosen, above)
        options, above = (areas_below(reading, chosen) if chosen else []), chosen


def areas_below(reading: Reading, code: str) -> list[tuple[str, str]]:
    """Codes and names one level below a code; the public chooses down to the village."""
    if reading.someone is None and len(code) >= CODE_LENGTHS[AreaLevel.VILLAGE]:
        return []
    on = reading.now.astimezone(CHINA).date()
    area = areas.find_area(reading.session, code, on=on)
    if area is None:
        return []
    return _named(areas.list_children(reading.session, area.code, on=on))


def areas_named(reading: Reading, text: str, *, limit: int) -> list[tuple[str, str]]:
    """Areas whose name holds a text, the largest first, each with its town.

    Officers find those of their own areas, the public those it may choose: down to the village.
    """
    on = reading.now.astimezone(CHINA).date()
    own = own_areas(reading)
    longest = max(CODE_LENGTHS.values()) if own else CODE_LENGTHS[AreaLevel.VILLAGE]
    within: list[str | None] = [*own] or [None]
    areas_ = [
        area
        for under in within
        for area in areas.list_areas(
            reading.session, on=on, under=under, q=text, longest=longest, limit=limit
        )
    ]
    nearest = sorted(areas_, key=lambda area: (area.level, area.code))[:limit]
    names = reading.learn(areas={town_of(area.code) for area in nearest}).areas
    return [(area.code, _with_its_town(area, names)) for area in nearest]


def _with_its_town(area: Area, names: Mapping[str, str]) -> str:
    """A name that distinguishes villages of the same name."""
    town = town_of(area.code)
    return area.name if town == area.code else f"{names.get(town, '')} {area.name}"


def children_of(reading: Reading, code: str) -> list[tuple[str, str]]:
    """Codes and names one level below a code that is known to be an area."""
    on = reading.now.astimezone(CHINA).date()
    return _named(areas.list_children(reading.session, code, on=on))


def list_businesses(reading: Reading, *, area: str, q: str | None, limit: int) -> list[Business]:
    """List the businesses of the actor's areas, by subtree and part of name or address.

    Who is asked about cases finds their businesses where the post stands, also without seeing
    every case there.
    """
    actor = reading.actor
    asked = (post.place for post in actor.posts if ROLES[post.role].is_asked)
    prefixes = actor.prefixes or tuple(asked)
    # The part of the actor's areas that lies in the area asked for.
    within = [area] if area.startswith(prefixes) else [p for p in prefixes if p.startswith(area)]
    return businesses.list_of_areas(reading.session, within, q=q, limit=limit)


def _roots(reading: Reading) -> list[tuple[str, str]]:
    """The first areas to choose from: those of the actor's posts; for the public every county."""
    own = own_areas(reading)
    if own:
        names = reading.learn(areas=own).areas
        return [(code, names[code]) for code in own if code in names]
    on = reading.now.astimezone(CHINA).date()
    return _named(areas.list_areas(reading.session, on=on, level=AreaLevel.COUNTY, limit=_MANY))


def _named(found: list[Area]) -> list[tuple[str, str]]:
    return [(area.code, area.name) for area in found]
