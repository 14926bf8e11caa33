"""How often rounds and inspections come by: `cadence.csv`, `inspection_frequency.csv` of a pack."""

from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.patrols.cadence import EVERY, Cadence

_COLUMNS: Final = ("category", "days", "watch_days", "intensified_days", "note")
ROUNDS: Final = "cadence.csv"
INSPECTIONS: Final = "inspection_frequency.csv"
_FALLBACKS: Final = {
    ROUNDS: {"normal": 30, "watch": 14, "intensified": 7},
    INSPECTIONS: {"normal": 365, "watch": 180, "intensified": 90},
}


def read_cadences(folder: Path, name: str) -> dict[str, Cadence]:
    """Read the rows by category; a pack without the file has one for all.

    Raises:
        Refused: a category is listed twice, the row of all is missing, or a number is none.
    """
    path = folder / name
    if not path.is_file():
        return {EVERY: Cadence(EVERY, _FALLBACKS[name])}
    cadences: dict[str, Cadence] = {}
    rows = list(pack_rows(path, _COLUMNS))
    for row in rows:
        category = row.required("category")
        if category in cadences:
            row.refuse("category", f"{category} 重复 (double)")
        days = {
            "normal": row.number_of("days"),
            "watch": row.number_of("watch_days"),
            "intensified": row.number_of("intensified_days"),
        }
        if not days["normal"] >= days["watch"] >= days["intensified"] > 0:
            row.refuse("watch_days", "加强检查的间隔应更短 (watched more closely means sooner)")
        cadences[category] = Cadence(category, days)
    if EVERY not in cadences:
        rows[-1].refuse("category", "缺少一行 *，即其余类别 (a row * for all others is missing)")
    return cadences
