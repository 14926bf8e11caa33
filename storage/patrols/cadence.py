"""How often a round comes by a business; the numbers of a city are in its pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

EVERY: Final = "*"


@dataclass(frozen=True, slots=True)
class Cadence:
    """Days between two visits of a category, by how closely the business is watched."""

    category: str
    days: Mapping[str, int]
    """By state of intensity: normal, watch, intensified."""


def cadence_of(cadences: Mapping[str, Cadence], category: str) -> Cadence:
    """Return the row of a category, else that of the category above it, else that of all."""
    for name in (category, category.partition(".")[0]):
        if name in cadences:
            return cadences[name]
    return cadences[EVERY]
