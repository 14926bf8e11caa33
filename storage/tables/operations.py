"""Long work: an operation with its progress, and the lines of its log."""

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    text,
)

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, row_id

_UNFINISHED = text("state in ('waiting', 'running')")

operation = Table(
    "operation",
    metadata,
    row_id(),
    internal("kind", Code),
    internal("title", JsonText),
    personal("arguments", JsonText),
    personal("content", LargeBinary, optional=True),
    internal("open_to"),
    internal("state"),
    internal("attempts", SmallInteger),
    internal("done", Integer),
    internal("total", Integer, optional=True),
    personal("checkpoint", JsonText, optional=True),
    personal("result", JsonText, optional=True),
    internal("error_code", optional=True),
    internal("message", optional=True),
    internal("claim", Code, optional=True),
    internal("lease_until", MomentColumn, optional=True),
    internal("cancel_asked_at", MomentColumn, optional=True),
    personal("started_by", BigInt, ForeignKey("officer.id"), optional=True),
    internal("created_at", MomentColumn),
    internal("started_at", MomentColumn, optional=True),
    internal("ended_at", MomentColumn, optional=True),
    internal("trace_id", Code, optional=True),
    CheckConstraint(
        "state in ('waiting', 'running', 'done', 'failed', 'cancelled')",
        name="operation_state_is_known",
    ),
    Index(
        "operation_unfinished_idx",
        "id",
        postgresql_where=_UNFINISHED,
        sqlite_where=_UNFINISHED,
    ),
    Index("operation_started_by_idx", "started_by"),
)
"""`open_to` names the roles that may see and cancel it besides who started it."""

operation_note = Table(
    "operation_note",
    metadata,
    row_id(),
    internal("operation_id", BigInt, ForeignKey("operation.id")),
    internal("at", MomentColumn),
    personal("text"),
    Index("operation_note_operation_idx", "operation_id", "id"),
)
