"""Which warnings of the check a publisher accepted; of what is in force already, none is known."""

import sqlalchemy as sa
from alembic import op

revision = "0006_accepted_warnings"
down_revision = "0005_allows"
oldest_code = "0005_allows"


def upgrade() -> None:
    """Add the column."""
    op.add_column("process_release", sa.Column("accepted", sa.Text(), nullable=True))
