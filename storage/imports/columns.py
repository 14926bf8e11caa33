"""The columns a file of each kind may have; what else they are called is data of the city pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.texts import cleaned, plain


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of file: those it must have, and those read where they are there."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    """At least one of these, which are optional each."""

    @property
    def every(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.required, *self.optional)


COLUMNS: Final[Mapping[str, Columns]] = {
    "areas": Columns(("code", "name")),
    "businesses": Columns(
        ("name", "category"),
        (
            "area_code", "credit_code", "licence_number", "address", "scope", "person_in_charge",
            "phone", "lat", "lon", "flags", "status", "valid_from", "valid_to", "issued_by",
        ),
        ("area_code", "address"),
    ),
    "calendar": Columns(("date", "kind"), ("name",)),
    "people": Columns(
        ("name",),
        (
            "username", "phone", "unit", "posts", "role", "place", "since", "until", "business",
            "representative_of", "rights",
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Names of heads and values of one kind of file, by their `folded` form."""

    columns: Mapping[str, str]
    values: Mapping[tuple[str, str], str]

    def heads_of(self, column: str) -> list[str]:
        """Return every head a column may have, its own name first."""
        return [head for head, name in self.columns.items() if name == column]

    def with_mapping(self, mapping: Mapping[str, str]) -> "ColumnNames":
        """Return the names with heads mapped by hand; one mapped to nothing is not read."""
        by_hand = {folded(head): column for head, column in mapping.items()}
        mapped = set(by_hand.values())
        # A column given to a head by hand is not found under another name as well.
        others = {
            head: column
            for head, column in self.columns.items()
            if column not in mapped or folded(head) in by_hand
        }
        return ColumnNames({**others, **by_hand}, self.values)


def folded(text: str) -> str:
    """Return a head or a word as it is compared: NFKC, trimmed, small letters."""
    return plain(cleaned(text)).casefold()


def read_names(kind: str, path: Path) -> ColumnNames:
    """Read what the columns of a kind are called from `import_columns.csv` of a city pack.

    Raises:
        Refused: the file is missing, a column is unknown, or a name stands for two columns.
    """
    known = COLUMNS[kind].every
    columns = {name: name for name in known}
    values: dict[tuple[str, str], str] = {}
    for row in pack_rows(path, ("kind", "column", "value", "names")):
        if row.choice("kind", tuple(COLUMNS)) != kind:
            continue
        column, value = row.choice("column", known), row.text("value")
        for name in row.required("names").split(";"):
            if value:
                values[column, folded(name)] = value
            elif columns.setdefault(folded(name), column) != column:
                row.refuse("names", f"“{name}” 已是另一列的名称 (names another column)")
    return ColumnNames(columns, values)
