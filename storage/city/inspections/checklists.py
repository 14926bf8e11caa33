"""Checklists of inspections: `checklists/*.csv` of a city's pack, a file for each category."""

from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.inspections.checklists import ChecklistLine

_COLUMNS: Final = ("item", "name_zh", "name_en", "clause", "severity", "photo")
_SEVERITIES: Final = ("key", "normal")


def read_checklists(folder: Path) -> dict[str, tuple[ChecklistLine, ...]]:
    """Read the lists by category; a pack without the folder has none.

    Raises:
        Refused: an item is listed twice, or a cell is empty or wrong.
    """
    files = sorted((folder / "checklists").glob("*.csv"))
    return {path.stem: _lines(path) for path in files}


def _lines(path: Path) -> tuple[ChecklistLine, ...]:
    lines: dict[str, ChecklistLine] = {}
    for row in pack_rows(path, _COLUMNS):
        item = row.required("item")
        if item in lines:
            row.refuse("item", f"{item} 重复 (double)")
        lines[item] = ChecklistLine(
            item,
            name_zh=row.required("name_zh"),
            name_en=row.required("name_en"),
            clause=row.required("clause"),
            severity=row.choice("severity", _SEVERITIES),
            wants_photo=row.flag("photo"),
        )
    return tuple(lines.values())
