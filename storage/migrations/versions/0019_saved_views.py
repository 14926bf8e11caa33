"""Saved views of the inbox, and the index by which emergencies stand first in every list."""

import sqlalchemy as sa
from alembic import op

revision = "0019_saved_views"
down_revision = "0018_collector_guard"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the table and the index."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    op.create_table(
        "saved_view",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("officer_id", number, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.Text() if is_sqlite else sa.DateTime(timezone=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="saved_view_pkey"),
        sa.UniqueConstraint("officer_id", "name", name="saved_view_name_key"),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="saved_view_officer_id_fkey"),
    )
    urgent = sa.text("priority = 'urgent' and status = 'open'")
    op.create_index(
        "case_urgent_idx", "case_", ["area_code"], postgresql_where=urgent, sqlite_where=urgent
    )
