"""Tables of staffing: absences, supervising officers, gaps, teams, what a city switches by area."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from storage.moments import MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, public, row_id

absence = Table(
    "absence",
    metadata,
    row_id(),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    personal("substitute_id", BigInt, ForeignKey("officer.id"), optional=True),
    internal("since", MomentColumn),
    internal("until", MomentColumn),
    personal("reason", optional=True),
    internal("recorded_by", BigInt, ForeignKey("officer.id")),
    internal("created_at", MomentColumn),
    CheckConstraint("since <= until", name="absence_ends_after_it_begins"),
    Index("absence_officer_idx", "officer_id", "until"),
    Index("absence_substitute_idx", "substitute_id", "until"),
)

supervision = Table(
    "supervision",
    metadata,
    row_id(),
    public("village", Code),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    public("position", SmallInteger),
    internal("since", MomentColumn),
    internal("until", MomentColumn, optional=True),
    internal("appointed_by", BigInt, ForeignKey("officer.id"), optional=True),
    internal("reason", optional=True),
    Index("supervision_village_idx", "village"),
    Index("supervision_officer_idx", "officer_id"),
    Index(
        "supervision_current_idx",
        "village",
        "officer_id",
        unique=True,
        postgresql_where=text("until is null"),
        sqlite_where=text("until is null"),
    ),
)
"""Who supervises a village (R18); `position` 1 and 2 are in the teams of its businesses."""

staffing_gap = Table(
    "staffing_gap",
    metadata,
    public("kind", Code, primary_key=True),
    public("place", Code, primary_key=True),
    public("missing", SmallInteger),
    internal("since", MomentColumn),
    internal("reason", optional=True),
    Index("staffing_gap_place_idx", "place"),
)
"""One row for each place that has too few people now; filling the place removes it."""

flag = Table(
    "flag",
    metadata,
    public("name", Code, primary_key=True),
    public("area_code", Code, primary_key=True),
    public("is_on", Boolean),
    internal("set_by", BigInt, ForeignKey("officer.id")),
    internal("set_at", MomentColumn),
)
"""What a city switches by area (R71); the row of the longest code around a place holds."""

team_override = Table(
    "team_override",
    metadata,
    row_id(),
    public("business_id", BigInt, ForeignKey("business.id")),
    public("slot", Code),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    internal("reason"),
    internal("expires_on", Date),
    internal("set_by", BigInt, ForeignKey("officer.id")),
    internal("set_at", MomentColumn),
    UniqueConstraint("business_id", "slot", name="team_override_slot_key"),
)
"""Who stands in a slot of a team other than it follows from posts (R19), until a day."""

__all__ = ["absence", "flag", "staffing_gap", "supervision", "team_override"]
