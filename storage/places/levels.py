"""The six area levels and the order of ranks R26 and R40 compare; no table lives here."""

from enum import IntEnum


class AreaLevel(IntEnum):
    """R01: exactly six nested levels, city to unit."""

    CITY = 1
    COUNTY = 2
    TOWN = 3
    VILLAGE = 4
    GRID = 5
    UNIT = 6

    @property
    def word(self) -> str:
        """The stored word of the level."""
        return self.name.lower()

    @property
    def code_length(self) -> int:
        """How many significant digits a code of this level has."""
        return CODE_LENGTHS[self]


CODE_LENGTHS: dict[AreaLevel, int] = {
    AreaLevel.CITY: 4,
    AreaLevel.COUNTY: 6,
    AreaLevel.TOWN: 9,
    AreaLevel.VILLAGE: 12,
    AreaLevel.GRID: 15,
    AreaLevel.UNIT: 18,
}

LEVEL_OF_LENGTH: dict[int, AreaLevel] = {length: level for level, length in CODE_LENGTHS.items()}

COUNTY_RANK = 5
CITY_RANK = 6

RANKS: dict[str, int] = {
    "unit_leader": 1,
    "grid_member": 1,
    "grid_leader": 2,
    "village_center": 3,
    "village_assistant": 3,
    "station": 4,
    "county": COUNTY_RANK,
    "city": CITY_RANK,
    "enforcement": CITY_RANK,
    "catering_section": CITY_RANK,
    "emergency_center": CITY_RANK,
}
"""Requirements section 13: grid tier < village < station < county < city."""


def rank(role: str, *, unit_kind: str | None = None) -> int:
    """Give the rank of a role's posts; 0 for roles outside the chain.

    An enforcement unit stands beside its bureau: pass `unit_kind="county"` for a county brigade.
    """
    if role == "enforcement" and unit_kind == "county":
        return COUNTY_RANK
    return RANKS.get(role, 0)


def level_of_code(code: str) -> AreaLevel:
    """Give the level of an area code by its length; ValueError when no level has it."""
    level = LEVEL_OF_LENGTH.get(len(code))
    if level is None:
        message = f"no area level has codes of {len(code)} digits"
        raise ValueError(message)
    return level
