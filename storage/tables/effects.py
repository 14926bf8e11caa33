"""Tables around the work: definitions, uploads, deliveries, incidents, the vault, sign-ins."""

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from storage.moments import JsonText, MomentColumn
from storage.packed import PackedText
from storage.tables.columns import (
    BigInt,
    Code,
    internal,
    metadata,
    personal,
    public,
    reporter_secret,
    row_id,
    sensitive,
)

process_definition = Table(
    "process_definition",
    metadata,
    public("process_id", Code, primary_key=True),
    public("digest", Code, primary_key=True),
    public("version", Integer),
    public("files", JsonText),
    public("state"),
    internal("author", optional=True),
    internal("publisher", optional=True),
    internal("created_at", MomentColumn),
    public("published_at", MomentColumn, optional=True),
    public("effective_from", MomentColumn, optional=True),
    UniqueConstraint("process_id", "version", name="process_definition_version_key"),
    CheckConstraint(
        "state in ('draft', 'review', 'published', 'retired')",
        name="process_definition_state_is_known",
    ),
    Index("process_definition_digest_idx", "digest"),
)

process_release = Table(
    "process_release",
    metadata,
    row_id(),
    public("process_id", Code),
    public("digest", Code),
    public("version", Integer),
    internal("publisher"),
    internal("released_at", MomentColumn),
    public("effective_from", MomentColumn),
    internal("accepted", JsonText, optional=True),
    ForeignKeyConstraint(
        ["process_id", "digest"], ["process_definition.process_id", "process_definition.digest"]
    ),
    Index("process_release_process_idx", "process_id", "id"),
)
"""Every time a version was put in force, by whom; `process_definition` holds the last time only."""

QUARTERS = ("likeness_1", "likeness_2", "likeness_3", "likeness_4")

attachment = Table(
    "attachment",
    metadata,
    internal("id", Code, primary_key=True),
    internal("sha256", Code),
    internal("content_type"),
    internal("size", Integer),
    personal("original_name", optional=True),
    personal("position", JsonText, optional=True),
    internal("case_id", BigInt, ForeignKey("case_.id"), optional=True),
    personal("uploaded_by", BigInt, ForeignKey("officer.id"), optional=True),
    internal("created_at", MomentColumn),
    personal("taken_at", MomentColumn, optional=True),
    # What the photo shows, four digits each; empty: too little to compare, null: not looked at.
    # Of two photos that differ in three bits at most, one quarter is equal, so each has its index.
    *(internal(quarter, Code, optional=True) for quarter in QUARTERS),
    Index("attachment_case_idx", "case_id"),
    Index("attachment_sha256_idx", "sha256"),
    *(Index(f"attachment_{quarter}_idx", quarter) for quarter in QUARTERS),
)

_PENDING = text("state = 'pending'")
_OF_FEED = text("channel = 'feed'")

outbox = Table(
    "outbox",
    metadata,
    row_id(),
    internal("key", Code, unique=True),
    internal("case_id", BigInt, optional=True),
    internal("channel"),
    personal("receiver"),
    internal("template"),
    personal("payload", JsonText),
    internal("state"),
    internal("attempts", SmallInteger),
    internal("next_at", MomentColumn),
    internal("last_error", optional=True),
    internal("created_at", MomentColumn),
    internal("sent_at", MomentColumn, optional=True),
    CheckConstraint("state in ('pending', 'sent', 'dead')", name="outbox_state_is_known"),
    Index("outbox_pending_idx", "next_at", postgresql_where=_PENDING, sqlite_where=_PENDING),
    Index("outbox_case_idx", "case_id"),
    Index("outbox_feed_idx", "receiver", "id", postgresql_where=_OF_FEED, sqlite_where=_OF_FEED),
)

_NUMBERED = text("seq is not null")
_UNNUMBERED = text("seq is null")

feed_event = Table(
    "feed_event",
    metadata,
    row_id(),
    public("seq", BigInt, optional=True),
    public("at", MomentColumn),
    public("kind", Code),
    public("subject", Code),
    public("data", JsonText),
    internal("case_id", BigInt),
    Index(
        "feed_event_seq_idx",
        "seq",
        unique=True,
        postgresql_where=_NUMBERED,
        sqlite_where=_NUMBERED,
    ),
    Index(
        "feed_event_unnumbered_idx", "id", postgresql_where=_UNNUMBERED, sqlite_where=_UNNUMBERED
    ),
)
"""What partners may know of steps; `seq` is given after the commit, see `storage.feed.events`."""

webhook = Table(
    "webhook",
    metadata,
    row_id(),
    internal("url"),
    internal("kinds", JsonText),
    internal("area_code", Code),
    internal("state"),
    internal("cursor", BigInt),
    sensitive("sealed", LargeBinary),
    internal("key_id"),
    internal("version", Integer),
    internal("created_at", MomentColumn),
    personal("created_by", BigInt, ForeignKey("officer.id")),
    internal("paused_at", MomentColumn, optional=True),
    internal("pause_reason", optional=True),
    CheckConstraint("state in ('active', 'paused', 'removed')", name="webhook_state_is_known"),
)
"""A registered receiver of the feed; `cursor` is the last event that was queued for it."""

_UNREAD = text("read_at is null")

notification = Table(
    "notification",
    metadata,
    row_id(),
    internal("key", Code),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    internal("case_id", BigInt, optional=True),
    internal("template"),
    personal("payload", JsonText),
    internal("created_at", MomentColumn),
    internal("read_at", MomentColumn, optional=True),
    internal("acknowledged_at", MomentColumn, optional=True),
    UniqueConstraint("officer_id", "key", name="notification_officer_key"),
    Index("notification_box_idx", "officer_id", "id"),
    Index("notification_unread_idx", "officer_id", postgresql_where=_UNREAD, sqlite_where=_UNREAD),
    Index("notification_case_idx", "case_id"),
)
"""The message box: notifications of the system to an officer."""

idempotency = Table(
    "idempotency",
    metadata,
    internal("actor", Code, primary_key=True),
    internal("key", Code, primary_key=True),
    internal("body_hash"),
    internal("status", SmallInteger),
    personal("answer", PackedText),
    internal("created_at", MomentColumn),
    Index("idempotency_created_idx", "created_at"),
)

_UNRESOLVED = text("state = 'open'")

incident = Table(
    "incident",
    metadata,
    row_id(),
    internal("case_id", BigInt, ForeignKey("case_.id"), optional=True),
    internal("running_id", BigInt, ForeignKey("running_process.id"), optional=True),
    internal("element", optional=True),
    personal("action", JsonText),
    internal("error_code"),
    internal("message"),
    internal("attempts", SmallInteger),
    internal("state"),
    internal("created_at", MomentColumn),
    internal("resolved_at", MomentColumn, optional=True),
    internal("resolved_by", BigInt, ForeignKey("officer.id"), optional=True),
    CheckConstraint("state in ('open', 'resolved')", name="incident_state_is_known"),
    Index("incident_case_idx", "case_id"),
    Index(
        "incident_open_idx", "created_at", postgresql_where=_UNRESOLVED, sqlite_where=_UNRESOLVED
    ),
)

reporter_identity = Table(
    "reporter_identity",
    metadata,
    internal("case_id", BigInt, ForeignKey("case_.id"), primary_key=True),
    reporter_secret("sealed", LargeBinary),
    internal("key_id"),
    internal("created_at", MomentColumn),
)

vault_access = Table(
    "vault_access",
    metadata,
    row_id(),
    internal("case_id", BigInt, ForeignKey("case_.id")),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    internal("purpose"),
    internal("at", MomentColumn),
    Index("vault_access_case_idx", "case_id"),
)

web_session = Table(
    "web_session",
    metadata,
    sensitive("id_hash", Code, primary_key=True),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    sensitive("csrf"),
    internal("created_at", MomentColumn),
    internal("expires_at", MomentColumn),
    Index("web_session_officer_idx", "officer_id"),
    Index("web_session_expires_idx", "expires_at"),
)

code_range = Table(
    "code_range",
    metadata,
    internal("oldest_code", Code, primary_key=True),
)
"""The oldest code that may run on these tables; one row, written by each upgrade."""

heartbeat = Table(
    "heartbeat",
    metadata,
    internal("name", Code, primary_key=True),
    internal("at", MomentColumn),
)
