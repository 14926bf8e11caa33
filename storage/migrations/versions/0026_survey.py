"""Surveys of shops: a photo of the front, the version a change made, whose contact was read."""

import sqlalchemy as sa
from alembic import op

revision = "0026_survey"
down_revision = "0025_teams"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Add two columns and a table."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    op.add_column("business", sa.Column("photo", code, nullable=True))
    op.add_column("business_change", sa.Column("version", sa.Integer(), nullable=True))
    op.create_table(
        "contact_read",
        sa.Column("officer_id", number, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.PrimaryKeyConstraint("officer_id", "day", "business_id", name="contact_read_pkey"),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name="contact_read_officer_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name="contact_read_business_id_fkey"
        ),
    )
