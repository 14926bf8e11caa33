"""Cameras, snapshots and those of unknown cameras; cases that stand in no list."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0037_kitchens"
down_revision = "0036_full_lists"
oldest_code = "0017_code_range"

_UNREVIEWED = sa.text("review = 'pending'")
_WITH_PICTURE = sa.text("image is not null")


def upgrade() -> None:
    """Create the tables; every case there is stands in lists."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    op.add_column(
        "case_",
        sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.text("true")),
    )
    _create_cameras(code, number, moment)
    _create_snapshots(code, number, moment)
    op.create_table(
        "refused_snapshot",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("vendor", code, nullable=False),
        sa.Column("external_id", code, nullable=False),
        sa.Column("stream_ref", code, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="refused_snapshot_pkey"),
        sa.UniqueConstraint("vendor", "external_id", name="refused_snapshot_key"),
    )


def _create_cameras(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "camera",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("vendor", code, nullable=False),
        sa.Column("stream_ref", code, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("last_seen", moment),
        sa.Column("position_in_kitchen", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="camera_pkey"),
        sa.UniqueConstraint("vendor", "stream_ref", name="camera_key"),
        sa.CheckConstraint("kind in ('live', 'snapshot')", name="camera_kind_is_known"),
        sa.CheckConstraint("status in ('active', 'retired')", name="camera_status_is_known"),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name="camera_business_id_fkey"),
    )
    op.create_index("camera_business_idx", "camera", ["business_id"])


def _create_snapshots(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "snapshot",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("camera_id", number, nullable=False),
        sa.Column("vendor", code, nullable=False),
        sa.Column("external_id", code, nullable=False),
        sa.Column("area_code", code, nullable=False),
        sa.Column("taken_at", moment, nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("clock_is_wrong", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("image", code),
        sa.Column("appended_to", number),
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("reviewer", number),
        sa.Column("reviewed_at", moment),
        sa.Column("reason", sa.Text()),
        sa.Column("evidence", sa.Text()),
        sa.Column("review_case", number),
        sa.PrimaryKeyConstraint("id", name="snapshot_pkey"),
        sa.UniqueConstraint("vendor", "external_id", name="snapshot_key"),
        sa.CheckConstraint(
            "kind in ('no_mask', 'no_cap', 'no_workwear', 'rodent', 'open_bin', 'other')",
            name="snapshot_kind_is_known",
        ),
        sa.CheckConstraint(
            "review in ('pending', 'confirmed', 'dismissed', 'lapsed')",
            name="snapshot_review_is_known",
        ),
        sa.CheckConstraint(
            "evidence in ('wanted', 'admitted', 'refused')", name="snapshot_evidence_is_known"
        ),
        *_references(),
    )
    op.create_index("snapshot_camera_idx", "snapshot", ["camera_id", "kind", "received_at"])
    op.create_index("snapshot_area_idx", "snapshot", ["area_code", "id"])
    op.create_index("snapshot_appended_idx", "snapshot", ["appended_to"])
    op.create_index("snapshot_review_idx", "snapshot", ["review_case"])
    for name, where in (("pending", _UNREVIEWED), ("picture", _WITH_PICTURE)):
        op.create_index(
            f"snapshot_{name}_idx",
            "snapshot",
            ["received_at"],
            postgresql_where=where,
            sqlite_where=where,
        )


def _references() -> list[sa.ForeignKeyConstraint]:
    tables = {
        "camera_id": "camera",
        "image": "attachment",
        "appended_to": "snapshot",
        "reviewer": "officer",
        "review_case": "case_",
    }
    return [
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"snapshot_{column}_fkey")
        for column, table in tables.items()
    ]
