"""Tables of bright kitchens: cameras, what they snapped, and snapshots of cameras nobody knows."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)

from storage.moments import MomentColumn
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

__all__ = ["camera", "refused_snapshot", "snapshot"]
