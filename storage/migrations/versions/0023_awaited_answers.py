"""For which answers of other posts the holder of a task chose to wait."""

import sqlalchemy as sa
from alembic import op

revision = "0023_awaited_answers"
down_revision = "0022_imports"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Add the column."""
    op.add_column("task", sa.Column("awaits", sa.Text(), nullable=True))
