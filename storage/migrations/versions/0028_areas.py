"""Changes of areas with their links, duties of units, platform centres and their pairing."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028_areas"
down_revision = "0027_inspections"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the tables and the column."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    op.add_column("post", sa.Column("followed_by", code, nullable=True))
    op.create_index("post_followed_by_idx", "post", ["followed_by"])
    _create_responsibilities(code, number, moment)
    _create_centers(code)
    _create_changes(code, number, moment)


def _create_responsibilities(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "responsibility",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("unit", code, nullable=False),
        sa.Column("officer_id", number, nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("until", moment),
        sa.Column("entered_by", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="responsibility_pkey"),
        *(
            sa.ForeignKeyConstraint([name], ["officer.id"], name=f"responsibility_{name}_fkey")
            for name in ("officer_id", "entered_by")
        ),
        sa.CheckConstraint(
            "kind in ('overall', 'in_charge', 'responsible')", name="responsibility_kind_is_known"
        ),
    )
    op.create_index("responsibility_unit_idx", "responsibility", ["unit"])
    op.create_index("responsibility_officer_idx", "responsibility", ["officer_id"])
    current = sa.text("until is null")
    op.create_index(
        "responsibility_current_idx",
        "responsibility",
        ["unit", "kind", "officer_id"],
        unique=True,
        postgresql_where=current,
        sqlite_where=current,
    )


def _create_centers(code: sa.Text) -> None:
    op.create_table(
        "platform_center",
        sa.Column("area_code", code, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post_id", code, nullable=False),
        sa.PrimaryKeyConstraint("area_code", name="platform_center_pkey"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="platform_center_post_id_fkey"),
    )
    op.create_index("platform_center_post_idx", "platform_center", ["post_id"])
    op.create_table(
        "platform_pairing",
        sa.Column("unit", code, nullable=False),
        sa.Column("center", code, nullable=False),
        sa.PrimaryKeyConstraint("unit", name="platform_pairing_pkey"),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name="platform_pairing_unit_fkey"),
        sa.ForeignKeyConstraint(
            ["center"], ["platform_center.area_code"], name="platform_pairing_center_fkey"
        ),
    )
    op.create_index("platform_pairing_center_idx", "platform_pairing", ["center"])


def _create_changes(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "area_change",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_codes", sa.Text(), nullable=False),
        sa.Column("to_codes", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text()),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("applied_by", number),
        sa.Column("applied_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="area_change_pkey"),
        sa.ForeignKeyConstraint(["applied_by"], ["officer.id"], name="area_change_applied_by_fkey"),
        sa.CheckConstraint(
            "kind in ('rename', 'move', 'split', 'merge')", name="area_change_kind_is_known"
        ),
    )
    op.create_table(
        "area_link",
        sa.Column("change_id", number, nullable=False),
        sa.Column("old", code, nullable=False),
        sa.Column("new", code, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("share_from", sa.SmallInteger(), nullable=False),
        sa.Column("share_before", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("change_id", "old", "new", name="area_link_pkey"),
        sa.ForeignKeyConstraint(["change_id"], ["area_change.id"], name="area_link_change_id_fkey"),
    )
    op.create_index("area_link_old_idx", "area_link", ["old"])
    op.create_index("area_link_new_idx", "area_link", ["new"])
