"""Who may not do a task that wants somebody who did not act before (R42).

A task lists them as text, each between commas (`,12,15,`), so that an inbox is narrowed by it.
"""

from collections.abc import Iterable

from storage.people.actors import Actor


def listed_officers(officers: Iterable[int]) -> str | None:
    """Write officers as a task lists them; None for nobody."""
    keys = sorted(set(officers))
    return f",{','.join(map(str, keys))}," if keys else None


def is_named(not_by: str | None, officer_id: int) -> bool:
    """Whether an officer is one of those listed."""
    return not_by is not None and f",{officer_id}," in not_by


def is_barred(not_by: str | None, actor: Actor) -> bool:
    """Whether the actor, or whom they stand in for, is one of those listed."""
    return not_by is not None and any(is_named(not_by, key) for key in themselves(actor))


def themselves(actor: Actor) -> list[int]:
    """Return the actor and whom they stand in for."""
    return sorted({actor.id, *actor.stand_ins.values()})
