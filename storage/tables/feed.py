"""Tables of what partners read: the feed, and the webhooks it is sent to."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Table, text

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import (
    BigInt,
    Code,
    internal,
    metadata,
    personal,
    public,
    row_id,
    sensitive,
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

__all__ = ["feed_event", "webhook"]
