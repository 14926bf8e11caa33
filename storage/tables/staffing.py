"""Tables of staffing: absences, supervisors, gaps, teams, duties, switches, changes of areas."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from storage.moments import JsonText, MomentColumn
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
    internal("reason", optional=True),
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

responsibility = Table(
    "responsibility",
    metadata,
    row_id(),
    public("unit", Code),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    public("kind", Code),
    internal("since", MomentColumn),
    internal("until", MomentColumn, optional=True),
    internal("entered_by", BigInt, ForeignKey("officer.id")),
    CheckConstraint(
        "kind in ('overall', 'in_charge', 'responsible')", name="responsibility_kind_is_known"
    ),
    Index("responsibility_unit_idx", "unit"),
    Index("responsibility_officer_idx", "officer_id"),
    Index(
        "responsibility_current_idx",
        "unit",
        "kind",
        "officer_id",
        unique=True,
        postgresql_where=text("until is null"),
        sqlite_where=text("until is null"),
    ),
)
"""Who answers for the work plan in a unit (R66): overall, in charge, responsible."""

platform_center = Table(
    "platform_center",
    metadata,
    public("area_code", Code, primary_key=True),
    public("level"),
    public("name"),
    public("post_id", Code, ForeignKey("post.id")),
    Index("platform_center_post_idx", "post_id"),
)
"""The governance platform centre of an area (R67)."""

platform_pairing = Table(
    "platform_pairing",
    metadata,
    public("unit", Code, ForeignKey("org_unit.code"), primary_key=True),
    public("center", Code, ForeignKey("platform_center.area_code")),
    Index("platform_pairing_center_idx", "center"),
)
"""With which centre a unit works."""

area_change = Table(
    "area_change",
    metadata,
    row_id(),
    public("kind"),
    public("from_codes", JsonText),
    public("to_codes", JsonText),
    public("effective_on", Date),
    public("document", optional=True),
    internal("effects", JsonText),
    internal("applied_by", BigInt, ForeignKey("officer.id"), optional=True),
    internal("applied_at", MomentColumn),
    CheckConstraint(
        "kind in ('rename', 'move', 'split', 'merge')", name="area_change_kind_is_known"
    ),
)
"""A change of the area tree (R01) that was applied, with what it re-coded."""

area_link = Table(
    "area_link",
    metadata,
    public("change_id", BigInt, ForeignKey("area_change.id")),
    public("old", Code),
    public("new", Code),
    public("since", Date),
    public("share_from", SmallInteger),
    public("share_before", SmallInteger),
    internal("made_at", MomentColumn),
    PrimaryKeyConstraint("change_id", "old", "new"),
    Index("area_link_old_idx", "old"),
    Index("area_link_new_idx", "new"),
)
"""What became of a code and everything below it; of a split, each part's share in hundredths."""

assignment_rule = Table(
    "assignment_rule",
    metadata,
    public("post_id", Code, ForeignKey("post.id"), primary_key=True),
    public("kind", Code, primary_key=True),
    public("code", Code, primary_key=True),
    public("position", SmallInteger, primary_key=True),
    personal("officer_id", BigInt, ForeignKey("officer.id")),
    internal("set_by", BigInt, ForeignKey("officer.id")),
    internal("set_at", MomentColumn),
    CheckConstraint("kind in ('matter', 'category')", name="assignment_rule_kind_is_known"),
)
"""Who inside a post is offered a task first, by matter or category of business, in this order."""

__all__ = [
    "absence",
    "area_change",
    "area_link",
    "assignment_rule",
    "flag",
    "platform_center",
    "platform_pairing",
    "responsibility",
    "staffing_gap",
    "supervision",
    "team_override",
]
