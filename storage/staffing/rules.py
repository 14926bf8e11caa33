"""How many people a place needs at least; the rules of a city are in its pack."""

from dataclasses import dataclass
from typing import Final

from storage.places.levels import AreaLevel

SUPERVISORS: Final = "village_supervisors"
"""The kind whose people are appointed to villages; those of all others hold posts."""


@dataclass(frozen=True, slots=True)
class StaffingRule:
    """At least so many people of a role for every place of a level; who is asked to fill it."""

    kind: str
    place: str
    role: str
    minimum: int
    filled_by: str
    name_zh: str
    name_en: str
    days: int = 5
    """Within so many working days a gap is filled, or its filler is supervised."""

    @property
    def level(self) -> AreaLevel:
        """The level of the places."""
        return AreaLevel[self.place.upper()]
