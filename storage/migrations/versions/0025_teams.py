"""Slots of the team of a business that are filled by hand, until a day."""

import sqlalchemy as sa
from alembic import op

revision = "0025_teams"
down_revision = "0024_registry"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the table."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    op.create_table(
        "team_override",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("slot", code, nullable=False),
        sa.Column("officer_id", number, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("set_by", number, nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="team_override_pkey"),
        sa.UniqueConstraint("business_id", "slot", name="team_override_slot_key"),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name="team_override_business_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name="team_override_officer_id_fkey"
        ),
        sa.ForeignKeyConstraint(["set_by"], ["officer.id"], name="team_override_set_by_fkey"),
    )
