"""Who may not do a task, because they acted before it.

Tasks that are open already name nobody; the rule at their completion still holds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045_not_by"
down_revision = "0044_video_snapshots"
oldest_code = "0043_lean_rows"


def upgrade() -> None:
    """Add the column."""
    op.add_column("task", sa.Column("not_by", sa.Text(), nullable=True))
