"""The options of the selects of a form: matters, areas step by step, businesses, posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.reads import places
from engine.reads.places import AreaStep
from engine.reads.reading import Reading
from handlers.patrols.rounds import checklist_for
from storage.city.rules import installed
from storage.inspections.checklists import ChecklistLine, lines_for
from storage.patrols.rounds import find_shop
from web.frame.language import t
from web.frame.naming import matter_names

Options = list[tuple[str, str]]

_MANY = 200


@dataclass(frozen=True, slots=True)
class Choices:
    """Options by field type; a type the form does not have stays empty."""

    matter: Options
    area: list[AreaStep]
    business: Options
    pictured: frozenset[str] = frozenset()
    """The matters that ask for a photo, or for the reason why there is none."""
    emergencies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The words by which each matter that is an emergency is recognized."""
    spots: Mapping[str, str] = field(default_factory=dict)
    """Where the businesses are whose position is known, as "lat,lon"."""
    areas: Mapping[str, str] = field(default_factory=dict)
    """Where the businesses lie, by code of the area."""
    far_metres: int = 0
    """From how far away from its shop a report is asked about before it goes."""
    checklist: tuple[ChecklistLine, ...] = ()
    """The lines a business goes through when it looks at itself."""

    def of(self, kind: str) -> Options:
        """The options of a field that is one select."""
        return self.matter if kind == "matter" else self.business


def choices_for(
    reading: Reading,
    document: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    inspected: int | None = None,
) -> Choices:
    """Read what the form offers, with the way down to the area already chosen.

    `inspected` is the business that looks at itself: it is offered its own checklist.
    """
    kinds = {one["type"]: one["name"] for one in document["fields"]}
    area = str(values.get(kinds.get("area", ""), "") or "")
    shops = shops_there(reading, area) if "business" in kinds else []
    return Choices(
        matter=matters(reading, inspected) if "matter" in kinds else [],
        area=list(places.area_steps(reading, area)) if "area" in kinds else [],
        business=[(shop.id, shop.label) for shop in shops],
        spots={shop.id: shop.at for shop in shops if shop.at} if "location" in kinds else {},
        areas={shop.id: shop.area for shop in shops} if "area" in kinds else {},
        far_metres=installed().thresholds.place_far_metres,
        pictured=_pictured(reading) if "matter" in kinds else frozenset(),
        emergencies=emergencies(reading) if "matter" in kinds else {},
        checklist=_lines(reading, inspected) if "checklist" in kinds else (),
    )


def _lines(reading: Reading, inspected: int | None) -> tuple[ChecklistLine, ...]:
    shop = None if inspected is None else find_shop(reading.session, inspected)
    return lines_for(installed().checklists, "" if shop is None else shop.category)


def _pictured(reading: Reading) -> frozenset[str]:
    return frozenset(one.code for one in places.list_matters(reading) if one.photo_required)


def emergencies(reading: Reading) -> dict[str, frozenset[str]]:
    """The matters that are emergencies, each with the common words for it."""
    words = installed().common_words
    listed = places.list_matters(reading)
    return {one.code: words.get(one.code, frozenset()) for one in listed if one.is_emergency}


def matters(reading: Reading, inspected: int | None = None) -> Options:
    """The published list, or the part that applies to a business, and what is not on it."""
    names = matter_names(reading)
    listed = names.items() if inspected is None else _of_checklist(reading, names, inspected)
    return [*listed, ("other", t("其他（清单以外）", "Other, not on the list"))]


def _of_checklist(reading: Reading, names: Mapping[str, str], business: int) -> Options:
    shop = find_shop(reading.session, business)
    published = list(reading.matters_of(reading.session))
    lines = checklist_for(reading.session, published, shop, now=reading.now) if shop else published
    return [(line.code, names[line.code]) for line in lines]


class ShopThere(NamedTuple):
    """A business as an option; `at` is its place as "lat,lon", empty where unknown."""

    id: str
    label: str
    """Its name with the address."""
    at: str
    area: str


def shops_there(reading: Reading, area: str) -> list[ShopThere]:
    """Businesses of an area, or of all the actor's areas, none for the public."""
    if reading.someone is None:
        return []
    listed = places.list_businesses(reading, area=area, q=None, limit=_MANY)
    return [
        ShopThere(
            str(each.id),
            f"{each.name} {each.address or ''}".strip(),
            "" if each.lat is None or each.lon is None else f"{each.lat:.5f},{each.lon:.5f}",
            each.area_code,
        )
        for each in listed
    ]
