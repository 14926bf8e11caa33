"""What an inspection looks at; the lists of a city are in its pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """One thing to look at, with the law that asks for it."""

    item: str
    name_zh: str
    name_en: str
    clause: str
    severity: str
    """`key` or `normal`."""
    wants_photo: bool
    """Whether what is wrong there is photographed, or it is said why not (R38)."""


def checklist_of(
    checklists: Mapping[str, tuple[ChecklistLine, ...]], category: str
) -> tuple[ChecklistLine, ...]:
    """Return the list of a category, else that of all others; a city may have none."""
    return checklists.get(category, checklists.get(OTHER, ()))


def lines_for(
    checklists: Mapping[str, tuple[ChecklistLine, ...]], category: str
) -> tuple[ChecklistLine, ...]:
    """Return the list of a business by its category, whatever its subtype."""
    return checklist_of(checklists, category.partition(".")[0])


def find_line(
    checklists: Mapping[str, tuple[ChecklistLine, ...]], item: str
) -> ChecklistLine | None:
    """Find a line by its id in any list; None for one that was taken off all of them."""
    lines = (line for listed in checklists.values() for line in listed)
    return next((line for line in lines if line.item == item), None)
