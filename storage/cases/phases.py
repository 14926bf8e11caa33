"""The steps a case goes through as people see them (R36), listed in the `pack.json` of a city.

The dictionary is filled in place at start, so that it may be imported before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

When = Literal["record", "filing", "opening", "work", "if_needed"]


@dataclass(frozen=True, slots=True)
class Phase:
    """One step: `filing` is over once the case is filed, unless somebody works in it.

    A case is filed in the `opening` one; `work` is always done, `if_needed` may be skipped. A
    `record` step has only the state of its tasks on file.
    """

    id: str
    name_zh: str
    name_en: str
    when: When

    @property
    def ends_with_filing(self) -> bool:
        """Whether nobody has to work in it after the case is filed."""
        return self.when in {"filing", "opening"}


PHASES: dict[str, Phase] = {}
"""Every step of the city pack, in order."""


def install_phases(phases: Iterable[Phase]) -> None:
    """Replace the steps by those of a city pack."""
    PHASES.clear()
    PHASES.update((phase.id, phase) for phase in phases)


def opening_phase() -> str:
    """Return the step a case is filed in."""
    return next(phase.id for phase in PHASES.values() if phase.when == "opening")
