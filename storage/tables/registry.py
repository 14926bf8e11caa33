"""The registry beside the business itself: its sources, its changes, what is to be decided."""

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, Table, UniqueConstraint

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, public, row_id

business_source = Table(
    "business_source",
    metadata,
    row_id(),
    internal("business_id", BigInt, ForeignKey("business.id")),
    internal("kind", Code),
    internal("external_id", Code),
    internal("batch_id", BigInt, ForeignKey("import_batch.id"), optional=True),
    personal("payload", JsonText),
    internal("seen_on", Date),
    internal("retired_on", Date, optional=True),
    UniqueConstraint("kind", "external_id", name="business_source_key"),
    Index("business_source_business_idx", "business_id"),
)
"""What one source says of a business, as it said it last."""

business_change = Table(
    "business_change",
    metadata,
    row_id(),
    internal("business_id", BigInt, ForeignKey("business.id")),
    internal("at", MomentColumn),
    internal("field", Code),
    personal("before", JsonText, optional=True),
    personal("after", JsonText, optional=True),
    personal("actor", Code),
    internal("batch_id", BigInt, ForeignKey("import_batch.id"), optional=True),
    internal("version", Integer, optional=True),
    internal("case_id", BigInt, optional=True),
    internal("document", optional=True),
    Index("business_change_business_idx", "business_id", "id"),
    Index("business_change_at_idx", "at"),
)
"""Every change of a business, append-only: the month's 新增、变更、注销.

The database refuses an update, and a delete of all but what an import wrote: undoing it removes a
business it added with its changes.
"""

review_item = Table(
    "review_item",
    metadata,
    row_id(),
    internal("kind", Code),
    internal("key", Code, unique=True),
    internal("business_id", BigInt, ForeignKey("business.id")),
    internal("other_id", BigInt, ForeignKey("business.id"), optional=True),
    internal("field", Code, optional=True),
    personal("proposals", JsonText),
    internal("state"),
    internal("choice", optional=True),
    personal("decided_by", Code, optional=True),
    internal("decided_at", MomentColumn, optional=True),
    internal("created_at", MomentColumn),
    internal("batch_id", BigInt, ForeignKey("import_batch.id"), optional=True),
    CheckConstraint(
        "kind in ('conflict', 'duplicate', 'unplaced', 'gone_from_source', 'bad_code')",
        name="review_item_kind_is_known",
    ),
    CheckConstraint("state in ('open', 'decided')", name="review_item_state_is_known"),
    Index("review_item_open_idx", "state", "id"),
    Index("review_item_business_idx", "business_id"),
)
"""What a keeper decides; `key` keeps the same question from being asked twice."""

contact_read = Table(
    "contact_read",
    metadata,
    internal("officer_id", BigInt, ForeignKey("officer.id"), primary_key=True),
    internal("day", Date, primary_key=True),
    internal("business_id", BigInt, ForeignKey("business.id"), primary_key=True),
)
"""Whose telephone number an officer was shown on a day (R10); days before are dropped."""
credential = Table(
    "credential",
    metadata,
    row_id(),
    internal("business_id", BigInt, ForeignKey("business.id")),
    public("kind", Code),
    public("number", Code),
    public("form", optional=True),
    public("items", optional=True),
    public("issued_by", optional=True),
    public("valid_from", Date, optional=True),
    public("valid_to", Date, optional=True),
    public("state"),
    internal("batch_id", BigInt, ForeignKey("import_batch.id"), optional=True),
    internal("seen_on", Date),
    CheckConstraint(
        "kind in ('licence', 'filing', 'approval', 'registration')",
        name="credential_kind_is_known",
    ),
    CheckConstraint("state in ('valid', 'revoked', 'cancelled')", name="credential_state_is_known"),
    UniqueConstraint("kind", "number", name="credential_key"),
    Index("credential_business_idx", "business_id"),
    Index("credential_valid_to_idx", "valid_to"),
)
"""Licences, filings, approvals and registrations of a business, as an import said last."""

business_category = Table(
    "business_category",
    metadata,
    public("code", Code, primary_key=True),
    public("name_zh"),
    public("name_en"),
    internal("added_by", BigInt, ForeignKey("officer.id"), optional=True),
    internal("added_at", MomentColumn),
    internal("retired_by", BigInt, ForeignKey("officer.id"), optional=True),
    internal("retired_at", MomentColumn, optional=True),
)
"""Subtypes an administrator added to those of the city pack, and those that are retired (R11)."""
