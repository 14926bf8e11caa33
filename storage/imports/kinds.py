"""Every kind of list that can be imported, with what the city pack says about it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from storage.city.categories import read_categories
from storage.city.rules import installed
from storage.imports.areas import AreaImport
from storage.imports.businesses import BusinessImport
from storage.imports.calendar import CalendarImport
from storage.imports.columns import ColumnNames, read_names
from storage.imports.outcomes import ImportKind
from storage.imports.people import PeopleImport

_MADE: Final[Mapping[str, Callable[[Path, ColumnNames], ImportKind]]] = {
    "areas": lambda _folder, _names: AreaImport(),
    "businesses": lambda folder, _: BusinessImport(read_categories(folder), installed().bounds),
    "calendar": lambda _, names: CalendarImport(names),
    "people": lambda _folder, _names: PeopleImport(),
}


def names_of_columns(kind: str, city_folder: Path) -> ColumnNames:
    """Read how the city calls the columns of a kind."""
    return read_names(kind, city_folder / "import_columns.csv")


def import_kind(kind: str, city_folder: Path) -> ImportKind:
    """Make the rules of a kind."""
    return _MADE[kind](city_folder, names_of_columns(kind, city_folder))
