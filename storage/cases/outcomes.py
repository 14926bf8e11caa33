"""The words for how a case ended, listed in the `pack.json` of a city.

The dictionary is filled in place at start, so that it may be imported before.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrawnOutcome:
    """One way a case ends; a drawn end names it."""

    id: str
    name_zh: str
    name_en: str


OUTCOMES: dict[str, DrawnOutcome] = {}
"""Every outcome of the city pack."""


def install_outcomes(outcomes: Iterable[DrawnOutcome]) -> None:
    """Replace the outcomes by those of a city pack."""
    OUTCOMES.clear()
    OUTCOMES.update((outcome.id, outcome) for outcome in outcomes)
