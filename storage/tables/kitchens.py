"""Tables of bright kitchens: cameras, what they snapped, and what units watch by video."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from storage.moments import JsonText, MomentColumn
from storage.tables.columns import BigInt, Code, internal, metadata, personal, public, row_id

_UNREVIEWED = text("review = 'pending'")
_WITH_PICTURE = text("image is not null")

camera = Table(
    "camera",
    metadata,
    row_id(),
    internal("business_id", BigInt, ForeignKey("business.id")),
    internal("vendor", Code),
    internal("stream_ref", Code),
    public("kind"),
    public("status"),
    internal("last_seen", MomentColumn, optional=True),
    public("position_in_kitchen"),
    internal("version", Integer),
    internal("created_at", MomentColumn),
    internal("updated_at", MomentColumn),
    UniqueConstraint("vendor", "stream_ref", name="camera_key"),
    CheckConstraint("kind in ('live', 'snapshot')", name="camera_kind_is_known"),
    CheckConstraint("status in ('active', 'retired')", name="camera_status_is_known"),
    Index("camera_business_idx", "business_id"),
)
"""A camera in a kitchen; `stream_ref` is its name at the vendor, never an address or a password."""

snapshot = Table(
    "snapshot",
    metadata,
    row_id(),
    internal("camera_id", BigInt, ForeignKey("camera.id")),
    internal("vendor", Code),
    internal("external_id", Code),
    internal("area_code", Code),
    internal("taken_at", MomentColumn),
    internal("received_at", MomentColumn),
    internal("clock_is_wrong", Boolean),
    public("kind"),
    internal("confidence", Float, optional=True),
    personal("image", Code, ForeignKey("attachment.id"), optional=True),
    internal("appended_to", BigInt, ForeignKey("snapshot.id"), optional=True),
    internal("review"),
    personal("reviewer", BigInt, ForeignKey("officer.id"), optional=True),
    internal("reviewed_at", MomentColumn, optional=True),
    internal("reason", optional=True),
    internal("evidence", optional=True),
    internal("review_case", BigInt, ForeignKey("case_.id"), optional=True),
    UniqueConstraint("vendor", "external_id", name="snapshot_key"),
    CheckConstraint(
        "kind in ('no_mask', 'no_cap', 'no_workwear', 'rodent', 'open_bin', 'other')",
        name="snapshot_kind_is_known",
    ),
    CheckConstraint(
        "review in ('pending', 'confirmed', 'dismissed', 'lapsed')",
        name="snapshot_review_is_known",
    ),
    CheckConstraint(
        "evidence in ('wanted', 'admitted', 'refused')", name="snapshot_evidence_is_known"
    ),
    Index("snapshot_camera_idx", "camera_id", "kind", "received_at"),
    Index("snapshot_area_idx", "area_code", "id"),
    Index("snapshot_appended_idx", "appended_to"),
    Index("snapshot_review_idx", "review_case"),
    Index(
        "snapshot_pending_idx",
        "received_at",
        postgresql_where=_UNREVIEWED,
        sqlite_where=_UNREVIEWED,
    ),
    Index(
        "snapshot_picture_idx",
        "received_at",
        postgresql_where=_WITH_PICTURE,
        sqlite_where=_WITH_PICTURE,
    ),
)
"""What a camera snapped: a lead until a person has confirmed it (R12).

The row stays when the picture is deleted; `appended_to` is the one whose review it belongs to.
"""

refused_snapshot = Table(
    "refused_snapshot",
    metadata,
    row_id(),
    internal("vendor", Code),
    internal("external_id", Code),
    internal("stream_ref", Code),
    internal("kind"),
    internal("code"),
    internal("received_at", MomentColumn),
    UniqueConstraint("vendor", "external_id", name="refused_snapshot_key"),
)
"""Signed snapshots that were refused, without their picture."""

quota = Table(
    "quota",
    metadata,
    row_id(),
    public("unit", Code),
    public("period"),
    public("n", Integer),
    public("effective_from", Date),
    internal("created_at", MomentColumn),
    UniqueConstraint("unit", "effective_from", name="quota_unit_key"),
    CheckConstraint("n > 0", name="quota_is_owed"),
    CheckConstraint("period in ('week', 'month')", name="quota_period_kind_is_known"),
)
"""How many businesses a unit owes a period; a changed number begins with the next one (R33)."""

quota_period = Table(
    "quota_period",
    metadata,
    row_id(),
    public("unit", Code),
    public("period"),
    public("period_key", Code),
    public("first_on", Date),
    public("after_on", Date),
    public("n", Integer),
    public("population", Integer),
    public("owed", Integer),
    internal("seed", Code),
    internal("proposed", JsonText),
    internal("offline", JsonText),
    internal("case_id", BigInt, optional=True),  # set by the step that makes the case
    internal("opened_at", MomentColumn),
    internal("closed_at", MomentColumn, optional=True),
    public("distinct_count", Integer, optional=True),
    public("met", Boolean, optional=True),
    public("missed", Boolean, optional=True),
    public("excuse", optional=True),
    UniqueConstraint("unit", "period_key", name="quota_period_key"),
    CheckConstraint("period in ('week', 'month')", name="quota_period_is_known"),
    CheckConstraint(
        "(closed_at is null) = (distinct_count is null)", name="quota_period_is_counted_at_its_end"
    ),
    Index("quota_period_unit_idx", "unit", "first_on"),
    Index("quota_period_case_idx", "case_id"),
)
"""One period of a unit: what was proposed, and once it is over what came of it, for good.

`owed` is `n`, or the number of kitchens that can be watched where they are fewer.
"""

video_patrol = Table(
    "video_patrol",
    metadata,
    row_id(),
    public("business_id", BigInt, ForeignKey("business.id")),
    public("unit", Code),
    public("period_key", Code),
    public("day", Date),
    internal("watched_at", MomentColumn),
    internal("watched_until", MomentColumn, optional=True),
    internal("recorded_at", MomentColumn),
    public("is_late", Boolean),
    public("counts", Boolean),
    personal("entered_by", BigInt, ForeignKey("officer.id"), optional=True),
    public("source"),
    internal("external_id", Code, optional=True),
    internal("camera_id", BigInt, ForeignKey("camera.id"), optional=True),
    internal("problem", optional=True),
    internal("remark", optional=True),
    internal("photos", JsonText),
    UniqueConstraint("business_id", "unit", "day", name="video_patrol_key"),
    UniqueConstraint("external_id", name="video_patrol_external_key"),
    CheckConstraint("source in ('native', 'sync')", name="video_patrol_source_is_known"),
    Index("video_patrol_unit_idx", "unit", "period_key"),
)
"""One business watched by one unit on one day, whoever typed it (R35).

A problem is a case whose start key is `video_patrol:` and the number of the row.
"""

video_patrol_item = Table(
    "video_patrol_item",
    metadata,
    public("patrol_id", BigInt, ForeignKey("video_patrol.id")),
    public("item", Code),
    public("answer"),
    internal("snapshot", Code, optional=True),
    PrimaryKeyConstraint("patrol_id", "item", name="video_patrol_item_pkey"),
    CheckConstraint("answer in ('yes', 'no', 'not_visible')", name="video_answer_is_known"),
)
"""What was seen of one point of the checklist, and the upload that shows it (R34)."""

__all__ = [
    "camera",
    "quota",
    "quota_period",
    "refused_snapshot",
    "snapshot",
    "video_patrol",
    "video_patrol_item",
]
