"""Kinds of inspections: `inspection_kinds.csv` of a pack, in the order a page offers them."""

from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.inspections.kinds import USUAL, InspectionKind

NAME: Final = "inspection_kinds.csv"
_COLUMNS: Final = ("kind", "name_zh", "name_en", "hidden", "draw", "announce_days", "note")


def read_inspection_kinds(folder: Path) -> dict[str, InspectionKind]:
    """Read the kinds by id; a pack without the file has the usual ones.

    Raises:
        Refused: a kind is listed twice, or a cell is empty or wrong.
    """
    path = folder / NAME
    if not path.is_file():
        return {kind.id: kind for kind in USUAL}
    kinds: dict[str, InspectionKind] = {}
    for row in pack_rows(path, _COLUMNS):
        key = row.required("kind")
        if key in kinds:
            row.refuse("kind", f"{key} 重复 (double)")
        is_hidden = row.flag("hidden")
        days = row.number_of("announce_days") if row.text("announce_days") else None
        if days is not None and not is_hidden:
            row.refuse("announce_days", "只有保密的种类才写 (of a hidden kind alone)")
        kinds[key] = InspectionKind(
            key,
            name_zh=row.required("name_zh"),
            name_en=row.required("name_en"),
            is_hidden=is_hidden,
            is_drawn=row.flag("draw"),
            announce_days=days,
        )
    return kinds
