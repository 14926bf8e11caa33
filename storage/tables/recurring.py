"""Recurring starts: one row for each process, subject and period."""

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, Table

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import Code, internal, metadata, public, row_id

recurring = Table(
    "recurring",
    metadata,
    row_id(),
    public("process_id", Code),
    public("subject_kind", Code),
    internal("subject", Code),
    public("period"),
    public("offset_days", Integer),
    internal("form", JsonText),
    internal("next_at", MomentColumn),
    internal("last_key", Code, optional=True),
    internal("lease_until", MomentColumn, optional=True),
    internal("attempts", SmallInteger),
    internal("created_at", MomentColumn),
    internal("ended_at", MomentColumn, optional=True),
    CheckConstraint(
        "period in ('day', 'week', 'month', 'quarter', 'half', 'year', 'term')",
        name="recurring_period_is_known",
    ),
    CheckConstraint(
        "subject_kind in ('area', 'business', 'post')", name="recurring_subject_is_known"
    ),
    CheckConstraint("offset_days >= 0", name="recurring_offset_is_in_the_period"),
    Index("recurring_next_idx", "next_at"),
)
"""`next_at` is when the next period begins that nothing was started for; ended rows stay."""
