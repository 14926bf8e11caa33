"""When a photo was taken, by the clock of what took it; photos that are there already keep none."""

import sqlalchemy as sa
from alembic import op

revision = "0012_taken_at"
down_revision = "0011_audit"
oldest_code = "0010_words"

_MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the column."""
    op.add_column("attachment", sa.Column("taken_at", _MOMENT, nullable=True))
