"""Why something was switched for an area."""

import sqlalchemy as sa
from alembic import op

revision = "0035_flag_reason"
down_revision = "0034_traces"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Add the column."""
    op.add_column("flag", sa.Column("reason", sa.Text(), nullable=True))
