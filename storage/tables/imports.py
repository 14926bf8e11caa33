"""Imports: a batch is one file with its mapping, and each of its rows says what came of it."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    text,
)

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, row_id

import_batch = Table(
    "import_batch",
    metadata,
    row_id(),
    internal("kind", Code),
    internal("file_name"),
    internal("source", Code, optional=True),
    internal("is_full", Boolean, server_default=text("false")),
    internal("sha256", Code),
    personal("content", LargeBinary, optional=True),
    internal("mapping", JsonText),
    internal("heads", JsonText),
    internal("state"),
    personal("problems", JsonText),
    personal("warnings", JsonText),
    internal("counts", JsonText),
    personal("started_by", BigInt, ForeignKey("officer.id"), optional=True),
    internal("operation_id", BigInt, optional=True),
    internal("applied_to", Integer),
    internal("created_at", MomentColumn),
    internal("checked_at", MomentColumn, optional=True),
    internal("applied_at", MomentColumn, optional=True),
    internal("undone_at", MomentColumn, optional=True),
    CheckConstraint(
        "state in ('draft', 'checked', 'applying', 'applied', 'undoing', 'undone')",
        name="import_batch_state_is_known",
    ),
    Index("import_batch_sha256_idx", "sha256"),
)
"""`content` is the file until the batch is applied, `applied_to` the place of the last row written;
`started_by` is null for a command line; `source` says where a list of businesses comes from,
`is_full` that it names all of that source."""

import_row = Table(
    "import_row",
    metadata,
    internal("batch_id", BigInt, ForeignKey("import_batch.id")),
    internal("place", Integer),
    internal("number", Integer),
    internal("outcome"),
    internal("subject", Code, optional=True),
    personal("value", JsonText),
    personal("before", JsonText, optional=True),
    personal("after", JsonText, optional=True),
    personal("message", optional=True),
    personal("warning", optional=True),
    internal("undone", optional=True),
    PrimaryKeyConstraint("batch_id", "place"),
    CheckConstraint(
        "outcome in ('added', 'changed', 'same', 'refused', 'review')",
        name="import_row_outcome_is_known",
    ),
    CheckConstraint("undone in ('undone', 'kept')", name="import_row_undone_is_known"),
    Index("import_row_outcome_idx", "batch_id", "outcome", "place"),
    Index("import_row_subject_idx", "subject", "batch_id"),
)
"""`place` is the order of writing, `number` the row of the file, `value` what its cells mean."""
