"""How many people a place needs at least: `staffing_rules.csv` of a city's pack."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.staffing.rules import StaffingRule

_COLUMNS: Final = ("kind", "place", "role", "minimum", "filled_by", "name_zh", "name_en")
_FILE: Final = "staffing_rules.csv"
_DAYS: Final = 5


def read_staffing_rules(folder: Path, roles: Collection[str]) -> dict[str, StaffingRule]:
    """Read the rules of a city pack by kind; a pack without the file asks for nobody.

    Raises:
        Refused: a kind is listed twice, or a role, level or number is none.
    """
    path = folder / _FILE
    rules: dict[str, StaffingRule] = {}
    for row in pack_rows(path, _COLUMNS) if path.is_file() else ():
        kind = row.required("kind")
        if kind in rules:
            row.refuse("kind", f"{kind} 重复 (double)")
        rules[kind] = StaffingRule(
            kind=kind,
            place=row.choice("place", ("village", "grid", "unit")),
            role=row.choice("role", tuple(roles)),
            minimum=row.number_of("minimum"),
            filled_by=row.choice("filled_by", tuple(roles)),
            name_zh=row.required("name_zh"),
            name_en=row.required("name_en"),
            days=row.number_of("days") if row.text("days") else _DAYS,
        )
    return rules
