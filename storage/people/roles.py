"""The roles of the city: rows of `roles.csv` in its pack, installed once at start.

The collections below are filled in place, so that they may be imported before the pack is read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from storage.places.levels import RANKS

Capacity = Literal["enforcement", "assistance", "party"]
PARTY: Final[Capacity] = "party"
"""Of a business, in a case about itself."""
Place = Literal[
    "unit", "grid", "village", "town", "station", "county", "enforcement", "city", "business"
]
Tier = Literal["grid", "department", "section"]
ImportedList = Literal["areas", "businesses", "calendar", "people"]

UNIT_KINDS: Final[Mapping[Place, frozenset[str]]] = {
    "station": frozenset({"station"}),
    "county": frozenset({"county", "zone_committee"}),
    "enforcement": frozenset({"enforcement"}),
}
"""Which units a post may stand at, by the place of its role."""


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its names, its capacity (R04), where its posts stand, whom a vacancy goes to."""

    id: str
    name_zh: str
    name_en: str
    also: tuple[str, ...]
    """Other Chinese names a lane may carry."""
    capacity: Capacity
    place: Place
    above: str | None
    rank: int
    """0 for a role outside the chain of R40."""
    tier: Tier | None
    sees_area: bool
    """Cases of its area are visible to it, not only those that come to its post."""
    collects: bool
    """It may report an event."""
    is_asked: bool
    """Its posts are offered when a colleague is asked beside the work."""
    supervises: bool
    """It may put a case of an owner below its rank under supervised handling (督办)."""
    merges: bool
    """It may merge, split and reopen cases."""
    stands_in: bool
    """It acts where nobody is left on the ladder; one role of a city does."""
    per_city: bool
    """Every city has one post of it."""
    on_duty: bool
    """On duty round the clock: it is notified of every emergency of the city, and signs it."""
    is_told: bool
    """It is notified of every emergency of its area the moment it is filed, and signs nothing."""
    appoints: bool
    """It enters people and fills posts of its areas, up to its own rank."""
    is_single: bool
    """A post of it has one main holder at a time."""
    imports: frozenset[ImportedList]
    """The lists it may import from files."""
    apart: frozenset[str]
    """Roles nobody holds together with it: who watches, and who is watched."""
    stood_in_by: frozenset[str]
    """Roles below its level that may stand in for it all the same."""


ROLES: dict[str, Role] = {}
"""Every role by its identifier."""

ROLE_OF_NAME: dict[str, str] = {}
"""Role identifier by the Chinese name a lane may carry."""

GRID_ASSISTANTS: set[str] = set()
"""The three grass-roots roles of R03: they watch and assist, they enforce nothing."""

DEPARTMENT: set[str] = set()
"""The department tier R26 speaks of: station, county, city."""

SECTIONS: set[str] = set()
"""Sections of the city bureau: what they collect, they handle on the city's rung."""


def install_roles(roles: Iterable[Role]) -> None:
    """Replace the roles by those of a city pack."""
    for collection in (ROLES, ROLE_OF_NAME, RANKS, GRID_ASSISTANTS, DEPARTMENT, SECTIONS):
        collection.clear()
    tiers = {"grid": GRID_ASSISTANTS, "department": DEPARTMENT, "section": SECTIONS}
    for role in roles:
        ROLES[role.id] = role
        ROLE_OF_NAME.update(dict.fromkeys((role.name_zh, *role.also), role.id))
        if role.rank:
            RANKS[role.id] = role.rank
        if role.tier is not None:
            tiers[role.tier].add(role.id)


def capacity(role: str) -> Capacity:
    """Return the capacity in which a role acts (R04)."""
    return ROLES[role].capacity


def roles_that(flag: str) -> frozenset[str]:
    """Return the roles for which this column of the city pack is yes, such as `collects`."""
    return frozenset(role.id for role in ROLES.values() if getattr(role, flag))


def roles_on_duty() -> list[str]:
    """Return the roles that are notified of every emergency of the city, and sign it."""
    return sorted(roles_that("on_duty"))


def roles_told() -> list[str]:
    """Return the roles that are notified of every emergency of their area, and sign nothing."""
    return sorted(roles_that("is_told"))


def roles_of_emergencies() -> list[str]:
    """Return every role that hears of an emergency: on duty, told, bureaus and stations."""
    return list(dict.fromkeys([*roles_on_duty(), *roles_told(), "county", "station"]))


def are_apart(one: str, other: str) -> bool:
    """Return whether nobody may hold posts of both roles at once; either of them may say so."""
    return other in ROLES[one].apart or one in ROLES[other].apart


def stands_in_area(role: str) -> bool:
    """Return whether the place of a post of this role is the code of an area, not of a unit."""
    return ROLES[role].place in {"unit", "grid", "village", "town", "city"}


def role_standing_in() -> str:
    """Return the role that acts where nobody is left on the ladder."""
    return next(role.id for role in ROLES.values() if role.stands_in)
