"""Tables of rounds and self-inspection: visits, closed periods, how closely a business is watched.

Rows of all of them are written once; triggers refuse a change (R36, R55).
"""

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, public, row_id

patrol = Table(
    "patrol",
    metadata,
    row_id(),
    public("business_id", BigInt, ForeignKey("business.id")),
    public("area_code", Code),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    internal("post_id", Code, ForeignKey("post.id")),
    public("result"),
    internal("visited_at", MomentColumn),
    internal("received_at", MomentColumn),
    internal("taken_at", MomentColumn, optional=True),
    internal("lat", Float, optional=True),
    internal("lon", Float, optional=True),
    internal("distance", Integer, optional=True),
    internal("looked_at", JsonText),
    internal("list_version", Code),
    internal("photos", JsonText),
    internal("remark", optional=True),
    internal("case_id", BigInt, ForeignKey("case_.id"), optional=True),
    CheckConstraint("result in ('none', 'problems', 'closed_door')", name="patrol_result_is_known"),
    CheckConstraint(
        "(result = 'problems') = (case_id is not null)", name="patrol_problems_are_a_case"
    ),
    UniqueConstraint("case_id", name="patrol_case_id_key"),
    Index("patrol_business_idx", "business_id", "visited_at"),
    Index("patrol_officer_idx", "officer_id", "id"),
    Index("patrol_area_idx", "area_code", "id"),
)
"""One visit of a round: `taken_at` is the clock of the phone, `received_at` that of the server."""

patrol_withdrawal = Table(
    "patrol_withdrawal",
    metadata,
    internal("patrol_id", BigInt, ForeignKey("patrol.id")),
    internal("withdrawn_at", MomentColumn),
    PrimaryKeyConstraint("patrol_id", name="patrol_withdrawal_pkey"),
)
"""A visit its officer took back at once: it stays on file and counts nowhere."""

self_report = Table(
    "self_report",
    metadata,
    row_id(),
    internal("business_id", BigInt, ForeignKey("business.id")),
    internal("case_id", BigInt, ForeignKey("case_.id"), unique=True),
    internal("obligation", Code),
    internal("period", Code),
    internal("outcome"),
    internal("due_at", MomentColumn),
    internal("closed_at", MomentColumn),
    internal("found", JsonText),
    CheckConstraint("outcome in ('done', 'missed')", name="self_report_outcome_is_known"),
    UniqueConstraint("business_id", "obligation", "period", name="self_report_period_key"),
    Index("self_report_business_idx", "business_id", "id"),
)
"""How a period of self-inspection was closed; `found` are the matters the business named."""

intensity = Table(
    "intensity",
    metadata,
    row_id(),
    internal("business_id", BigInt, ForeignKey("business.id")),
    internal("state"),
    internal("since", MomentColumn),
    internal("because", JsonText),
    internal("case_id", BigInt, ForeignKey("case_.id")),
    CheckConstraint("state in ('normal', 'watch', 'intensified')", name="intensity_state_is_known"),
    Index("intensity_business_idx", "business_id", "id"),
)
"""Every change of how closely a business is watched (R56), with the row of the table that fired."""

__all__ = ["intensity", "patrol", "patrol_withdrawal", "self_report"]
