"""Dated holdings with their kind, absences, supervising officers, gaps, switches by area."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021_staffing"
down_revision = "0020_notifications"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the tables and the columns."""
    _columns()
    _people()
    _places()


def _types() -> tuple[Any, Any, Any]:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    return moment, code, number


def _columns() -> None:
    _, code, number = _types()
    op.add_column("officer", sa.Column("employer_unit", code, nullable=True))
    off = sa.text("false")
    op.add_column(
        "officer", sa.Column("field_officer", sa.Boolean(), nullable=False, server_default=off)
    )
    op.create_index("officer_phone_idx", "officer", ["phone"])
    main = sa.text("'main'")
    with op.batch_alter_table("holding") as table:
        table.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default=main))
        table.add_column(sa.Column("appointed_by", number, nullable=True))
        table.add_column(sa.Column("document", sa.Text(), nullable=True))
        table.add_column(sa.Column("ended_reason", sa.Text(), nullable=True))
        table.add_column(sa.Column("stands_in_for", number, nullable=True))
        for name in ("appointed_by", "stands_in_for"):
            table.create_foreign_key(f"holding_{name}_fkey", "officer", [name], ["id"])
        table.create_check_constraint(
            "holding_kind_is_known", "kind in ('main', 'acting', 'substitute')"
        )


def _people() -> None:
    moment, _, number = _types()
    op.create_table(
        "absence",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("officer_id", number, nullable=False),
        sa.Column("substitute_id", number),
        sa.Column("since", moment, nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("recorded_by", number, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="absence_pkey"),
        *(
            sa.ForeignKeyConstraint([name], ["officer.id"], name=f"absence_{name}_fkey")
            for name in ("officer_id", "substitute_id", "recorded_by")
        ),
        sa.CheckConstraint("since <= until", name="absence_ends_after_it_begins"),
    )
    op.create_index("absence_officer_idx", "absence", ["officer_id", "until"])
    op.create_index("absence_substitute_idx", "absence", ["substitute_id", "until"])


def _places() -> None:
    moment, code, number = _types()
    op.create_table(
        "supervision",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("village", code, nullable=False),
        sa.Column("officer_id", number, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("until", moment),
        sa.Column("appointed_by", number),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="supervision_pkey"),
        *(
            sa.ForeignKeyConstraint([name], ["officer.id"], name=f"supervision_{name}_fkey")
            for name in ("officer_id", "appointed_by")
        ),
    )
    op.create_index("supervision_village_idx", "supervision", ["village"])
    op.create_index("supervision_officer_idx", "supervision", ["officer_id"])
    current = sa.text("until is null")
    op.create_index(
        "supervision_current_idx",
        "supervision",
        ["village", "officer_id"],
        unique=True,
        postgresql_where=current,
        sqlite_where=current,
    )
    op.create_table(
        "staffing_gap",
        sa.Column("kind", code, nullable=False),
        sa.Column("place", code, nullable=False),
        sa.Column("missing", sa.SmallInteger(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("kind", "place", name="staffing_gap_pkey"),
    )
    op.create_index("staffing_gap_place_idx", "staffing_gap", ["place"])
    op.create_table(
        "flag",
        sa.Column("name", code, nullable=False),
        sa.Column("area_code", code, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("set_by", number, nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("name", "area_code", name="flag_pkey"),
        sa.ForeignKeyConstraint(["set_by"], ["officer.id"], name="flag_set_by_fkey"),
    )
