"""What a supervisor asks of the holders of a case: until when, answered, reminded, ended.

A supervision that stands already has no day until a supervisor gives it one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047_demands"
down_revision = "0046_plans"
oldest_code = "0046_plans"

_STANDS = sa.text("ended_at is null")
_AWAITED = sa.text("ended_at is null and answered_at is null and reminded_at is null")


def upgrade() -> None:
    """Create the table."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    op.create_table(
        "demand",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("case_id", number, nullable=False),
        sa.Column("asked_by", number, nullable=False),
        sa.Column("asked_seq", sa.Integer(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.Column("answered_seq", sa.Integer(), nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("reminded_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="demand_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name="demand_case_id_fkey"),
        sa.ForeignKeyConstraint(["asked_by"], ["officer.id"], name="demand_asked_by_fkey"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "demand_stands_idx",
        "demand",
        ["case_id"],
        unique=True,
        postgresql_where=_STANDS,
        sqlite_where=_STANDS,
    )
    op.create_index(
        "demand_late_idx",
        "demand",
        ["due_at"],
        postgresql_where=_AWAITED,
        sqlite_where=_AWAITED,
    )
    op.create_index("demand_asked_by_idx", "demand", ["asked_by", "id"])
