"""What to look at in a shop: the matters of the published list that apply to it (R37).

A matter says in `applies_to` where it applies, several places parted by `;`: `*` everywhere, a
category with all below it, `small.*`, `flag:x`, `activity:x`, `place:school_200m`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from storage.places.matters import Matter
from storage.places.positions import Position, metres_between

FIRST: Final = 12
"""So many lines stand on a phone; the others behind "more"."""

_WEIGHT: Final = {"urgent": 4, "high": 3, "normal": 2, "low": 1}
_FOUND_BEFORE: Final = 10
_EVERYWHERE: Final = "*"
_SCHOOL: Final = "school"


@dataclass(frozen=True, slots=True)
class Premises:
    """What of a shop decides which matters apply."""

    category: str
    flags: frozenset[str]
    position: Position | None
    schools: Sequence[Position] = ()


def applies(matter: Matter, premises: Premises) -> bool:
    """Whether a matter applies to a shop."""
    return any(_fits(place.strip(), premises) for place in matter.applies_to.split(";"))


def checklist_of(
    matters: Iterable[Matter], premises: Premises, *, found: Sequence[str] = ()
) -> list[Matter]:
    """Return the matters to look at, what was found here before and the heavy ones first."""

    def weight(matter: Matter) -> tuple[int, int]:
        before = _FOUND_BEFORE if matter.code in found else 0
        return -before - _WEIGHT.get(matter.priority, 0), matter.sort

    return sorted((each for each in matters if applies(each, premises)), key=weight)


def version_of(matters: Iterable[Matter]) -> str:
    """Name the state of the published list, as a visit keeps it."""
    told = "\n".join(f"{each.code} {each.applies_to} {each.name_zh}" for each in matters)
    return sha256(told.encode()).hexdigest()[:12]


def _fits(place: str, premises: Premises) -> bool:
    kind, _, what = place.partition(":")
    if kind in {"flag", "activity"}:
        return what in premises.flags
    if kind == "place":
        return _is_near(what, premises)
    category = place.removesuffix(".*")
    return place == _EVERYWHERE or f"{premises.category}.".startswith(f"{category}.")


def _is_near(what: str, premises: Premises) -> bool:
    """`school_200m`: within so many metres of a school canteen."""
    place, _, metres = what.partition("_")
    at = premises.position
    if place != _SCHOOL or at is None or not metres.removesuffix("m").isdecimal():
        return False
    within = int(metres.removesuffix("m"))
    return any(metres_between(at, school) <= within for school in premises.schools)
