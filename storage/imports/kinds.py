"""Every kind of list that can be imported: its rules, and who imports it, from the city pack."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from storage.city.categories import read_categories
from storage.city.licences import read_licence_numbers
from storage.city.rules import installed
from storage.city.trust import read_suffixes, read_trust
from storage.errors import NotAllowed, NotFound
from storage.imports.areas import AreaImport
from storage.imports.batches import Batch
from storage.imports.businesses import BusinessImport
from storage.imports.calendar import CalendarImport
from storage.imports.columns import ColumnNames, read_names
from storage.imports.outcomes import ImportKind
from storage.imports.people import PeopleImport
from storage.people.actors import Actor
from storage.people.roles import ROLES

_MADE: Final[Mapping[str, Callable[[Path, ColumnNames], ImportKind]]] = {
    "areas": lambda _folder, _names: AreaImport(),
    "businesses": lambda folder, names: BusinessImport(
        read_categories(folder),
        installed().bounds,
        read_trust(folder),
        read_suffixes(folder),
        names,
        read_licence_numbers(folder),
    ),
    "calendar": lambda _, names: CalendarImport(names),
    "people": lambda _folder, _names: PeopleImport(),
}


def names_of_columns(kind: str, city_folder: Path) -> ColumnNames:
    """Read how the city calls the columns of a kind."""
    return read_names(kind, city_folder / "import_columns.csv")


def import_kind(kind: str, city_folder: Path) -> ImportKind:
    """Make the rules of a kind."""
    return _MADE[kind](city_folder, names_of_columns(kind, city_folder))


def kinds_of(actor: Actor) -> list[str]:
    """List the kinds an actor may import."""
    return [kind for kind in _MADE if _keepers(kind) & actor.roles]


def require_keeper(actor: Actor, kind: str) -> Collection[str]:
    """Return the roles a kind is open to; refuse an actor without one of them.

    Raises:
        NotAllowed: the posts of the actor do not include it.
    """
    roles = _keepers(kind)
    if not roles & actor.roles:
        message = "您的岗位不能导入这种数据。"
        raise NotAllowed(message)
    return roles


def require_visible(actor: Actor, batch: Batch) -> Batch:
    """Return a batch an actor may see.

    Raises:
        NotFound: the posts of the actor do not include its kind.
    """
    if batch.kind not in kinds_of(actor):
        message = "没有这次导入。"
        raise NotFound(message, code="import_not_found")
    return batch


def _keepers(kind: str) -> frozenset[str]:
    return frozenset(role.id for role in ROLES.values() if kind in role.imports)
