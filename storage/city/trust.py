"""Which source of the registry is believed about which field: `field_trust.csv` of a city pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.city.files import pack_rows

SOURCES: Final = ("person", "licence", "filing", "survey", "sync")
LATEST: Final = "latest"
_POSITION: Final = {"lat": "position", "lon": "position"}


@dataclass(frozen=True, slots=True)
class FieldTrust:
    """The order of sources by field; a field that is not listed follows the latest."""

    orders: Mapping[str, tuple[str, ...]]

    def prevails(self, field: str, new: str, present: str | None) -> bool:
        """Whether what a source says replaces what another one said; equals replace each other."""
        order = self.orders.get(_POSITION.get(field, field), ())
        if present is None or present not in order or new not in order:
            return True
        return order.index(new) <= order.index(present)


def read_suffixes(folder: Path) -> tuple[str, ...]:
    """Read the company suffixes that names of businesses are compared without."""
    rows = pack_rows(folder / "name_suffixes.csv", ("suffix",))
    return tuple(sorted((row.required("suffix") for row in rows), key=len, reverse=True))


def read_trust(folder: Path) -> FieldTrust:
    """Read the order of trust of a city pack.

    Raises:
        Refused: the file is missing or a cell is wrong.
    """
    orders = {}
    for row in pack_rows(folder / "field_trust.csv", ("field", "order")):
        order = tuple(row.required("order").split(";"))
        if order == (LATEST,):
            continue
        unknown = [source for source in order if source not in SOURCES]
        if unknown:
            row.refuse("order", f"没有来源 {'、'.join(unknown)} (no such source)")
        orders[row.required("field")] = order
    return FieldTrust(orders)
