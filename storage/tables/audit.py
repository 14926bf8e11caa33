"""The audit log: acts outside a case."""

from sqlalchemy import Index, Table, text

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, row_id

_UNSEALED = text("seq is null")

audit_event = Table(
    "audit_event",
    metadata,
    row_id(),
    internal("seq", BigInt, optional=True, unique=True),
    internal("at", MomentColumn),
    personal("actor", Code),
    internal("action", Code),
    internal("subject_kind", Code),
    personal("subject", Code),
    personal("data", JsonText),
    internal("previous", optional=True),
    internal("hash", optional=True),
    Index("audit_event_at_idx", "at", "id"),
    Index("audit_event_actor_idx", "actor", "id"),
    Index("audit_event_subject_idx", "subject_kind", "subject", "id"),
    Index("audit_event_unsealed_idx", "id", postgresql_where=_UNSEALED, sqlite_where=_UNSEALED),
)
"""Number and hashes come with the sealing, a little after the act."""
