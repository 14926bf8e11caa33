"""Tables of the other platform's records: sources, records, dead letters, runs, reconciliation."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, public, row_id

_OPEN = text("state = 'open'")

sync_source = Table(
    "sync_source",
    metadata,
    internal("id", Code, primary_key=True),
    internal("adapter"),
    internal("cursor", optional=True),
    internal("newest_at", MomentColumn, optional=True),
    internal("last_ok", MomentColumn, optional=True),
    internal("last_error", optional=True),
    internal("failures", Integer),
    internal("dead_in_a_row", Integer),
    internal("paused", Boolean),
    internal("paused_reason", optional=True),
    internal("next_at", MomentColumn),
    internal("reconciled_at", MomentColumn, optional=True),
    internal("lease", Code, optional=True),
    internal("lease_until", MomentColumn, optional=True),
    internal("created_at", MomentColumn),
    CheckConstraint("failures >= 0 and dead_in_a_row >= 0", name="sync_source_counts_failures"),
)
"""`cursor` is theirs, never our clock; `newest_at` the newest `changed_at` that was read."""

sync_record = Table(
    "sync_record",
    metadata,
    row_id(),
    internal("source", Code),
    internal("external_id", Code),
    internal("version", BigInt),
    internal("body_hash", Code),
    public("kind"),
    internal("origin"),
    internal("subject_kind", optional=True),
    internal("subject_id", BigInt, optional=True),
    internal("relation"),
    internal("retired", Boolean),
    internal("day", Date),
    personal("body", JsonText),
    internal("reason", JsonText, optional=True),
    internal("changed_at", MomentColumn),
    internal("seen_at", MomentColumn),
    UniqueConstraint("source", "external_id", name="sync_record_key"),
    CheckConstraint("origin in ('theirs', 'ours')", name="sync_record_origin_is_known"),
    CheckConstraint(
        "relation in ('created', 'linked', 'ignored', 'waiting')",
        name="sync_record_relation_is_known",
    ),
    Index("sync_record_day_idx", "source", "day"),
    Index("sync_record_subject_idx", "subject_kind", "subject_id"),
)
"""One record of theirs as we have it. `origin` ours: we pushed it; `relation` waiting: a person
decides in `sync_review`; `reason` says why it was linked; `day` is that of the visit."""

sync_review = Table(
    "sync_review",
    metadata,
    row_id(),
    internal("record_id", BigInt),
    personal("candidates", JsonText),
    internal("state"),
    internal("created_at", MomentColumn),
    personal("decided_by", BigInt, optional=True),
    internal("decided_at", MomentColumn, optional=True),
    internal("decided_case", BigInt, optional=True),
    CheckConstraint(
        "state in ('open', 'linked', 'created', 'withdrawn')", name="sync_review_state_is_known"
    ),
    Index(
        "sync_review_open_idx",
        "record_id",
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    ),
)
"""A record with two or more candidates; `candidates` are case ids with their scores and reasons."""

sync_dead = Table(
    "sync_dead",
    metadata,
    row_id(),
    internal("source", Code),
    internal("direction"),
    internal("external_id", Code),
    internal("version", BigInt, optional=True),
    personal("body", LargeBinary),
    internal("error"),
    internal("message"),
    internal("attempts", SmallInteger),
    internal("state"),
    internal("created_at", MomentColumn),
    internal("updated_at", MomentColumn),
    personal("decided_by", BigInt, optional=True),
    CheckConstraint("direction in ('pull', 'push')", name="sync_dead_direction_is_known"),
    CheckConstraint("state in ('open', 'resolved', 'discarded')", name="sync_dead_state_is_known"),
    Index(
        "sync_dead_open_idx",
        "source",
        "direction",
        "external_id",
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    ),
)
"""A record or delivery that was refused; the body is sealed with the vault's key."""

sync_run = Table(
    "sync_run",
    metadata,
    row_id(),
    internal("source", Code),
    internal("from_cursor", optional=True),
    internal("to_cursor", optional=True),
    internal("started_at", MomentColumn),
    internal("ended_at", MomentColumn, optional=True),
    *(
        internal(name, Integer)
        for name in (
            "pages",
            "read",
            "created",
            "updated",
            "linked",
            "same",
            "older",
            "retired",
            "review",
            "dead",
        )
    ),
    internal("error", optional=True),
    Index("sync_run_source_idx", "source", "id"),
)
"""One pull: where it began and ended, and what became of the records it read."""

sync_reconciliation = Table(
    "sync_reconciliation",
    metadata,
    internal("source", Code, primary_key=True),
    internal("day", Date, primary_key=True),
    internal("theirs", Integer),
    internal("ours", Integer),
    internal("missing", JsonText),
    internal("extra", JsonText),
    internal("differing", JsonText),
    internal("compared_at", MomentColumn),
)
"""What both sides hold of one day; the lists are external ids."""

__all__ = [
    "sync_dead",
    "sync_reconciliation",
    "sync_record",
    "sync_review",
    "sync_run",
    "sync_source",
]
