"""Who may import which kind of list."""

from collections.abc import Collection, Mapping
from typing import Final

from storage.errors import NotAllowed, NotFound
from storage.imports.batches import Batch
from storage.people.posts import Actor

KEEPERS: Final[Mapping[str, frozenset[str]]] = {
    "areas": frozenset({"admin_system"}),
    "businesses": frozenset({"registry_keeper"}),
    "calendar": frozenset({"admin_system"}),
    "people": frozenset({"admin_system"}),
}
"""The roles that keep each kind of list."""


def kinds_of(actor: Actor) -> list[str]:
    """List the kinds an actor may import."""
    return [kind for kind, roles in KEEPERS.items() if roles & actor.roles]


def keepers() -> frozenset[str]:
    """Return every role that may import something."""
    return frozenset().union(*KEEPERS.values())


def require_keeper(actor: Actor, kind: str) -> Collection[str]:
    """Return the roles a kind is open to; refuse an actor without one of them.

    Raises:
        NotAllowed: the posts of the actor do not include it.
    """
    roles = KEEPERS[kind]
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
