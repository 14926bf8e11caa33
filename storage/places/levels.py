"""The six area levels and the order of ranks R26 and R40 compare, as the city pack has them.

The dictionaries are filled in place at start, so that they may be imported before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Level:
    """One area level as a city has it: the length of its codes and its names."""

    level: AreaLevel
    code_length: int
    name_zh: str
    name_en: str


LEVELS: dict[AreaLevel, Level] = {}
"""Every level of the city pack."""

CODE_LENGTHS: dict[AreaLevel, int] = {}
"""How many significant digits the codes of a level have."""

LEVEL_OF_LENGTH: dict[int, AreaLevel] = {}

RANKS: dict[str, int] = {}
"""Requirements section 13: grid tier < village < station < county < city."""


def install_levels(levels: Iterable[Level]) -> None:
    """Replace the levels by those of a city pack."""
    for collection in (LEVELS, CODE_LENGTHS, LEVEL_OF_LENGTH):
        collection.clear()
    for level in levels:
        LEVELS[level.level] = level
        CODE_LENGTHS[level.level] = level.code_length
        LEVEL_OF_LENGTH[level.code_length] = level.level


def town_of(code: str) -> str:
    """Return the code of the town an area lies in; a wider area is returned as it is."""
    return code[: CODE_LENGTHS[AreaLevel.TOWN]]


def top_rank() -> int:
    """Return the rank of the highest roles of the chain."""
    return max(RANKS.values())


def rank(role: str, *, unit_kind: str | None = None) -> int:
    """Return the rank of a role's posts; 0 for roles outside the chain.

    An enforcement unit has the level of its bureau: pass `unit_kind="county"` for a county one.
    """
    if role == "enforcement" and unit_kind == "county":
        return RANKS[unit_kind]
    return RANKS.get(role, 0)


def level_of_code(code: str) -> AreaLevel:
    """Return the level of an area code by its length; ValueError when no level has it."""
    level = LEVEL_OF_LENGTH.get(len(code))
    if level is None:
        message = f"no area level has codes of {len(code)} digits"
        raise ValueError(message)
    return level
