"""Long-running operations as shown to their starter and to administrators."""

from dataclasses import dataclass

from engine.reads.reading import Reading
from storage.operations import operations
from storage.operations.operations import LongOperation, OperationNote
from storage.pages import DEFAULT_LIMIT, Page

__all__ = ["WithLog", "list_operations", "read_operation"]


@dataclass(frozen=True, slots=True)
class WithLog:
    """One operation with the last lines of its log."""

    operation: LongOperation
    log: list[OperationNote]


def list_operations(
    reading: Reading, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[LongOperation]:
    """List the operations the actor may see, newest first."""
    return operations.list_operations(
        reading.session, actor=reading.actor, cursor=cursor, limit=limit
    )


def read_operation(reading: Reading, operation_id: int) -> WithLog:
    """Show one operation with its log.

    Raises:
        NotFound: there is none that is visible to the actor.
    """
    found = operations.get_operation(reading.session, operation_id, actor=reading.actor)
    return WithLog(found, operations.list_notes(reading.session, operation_id))
