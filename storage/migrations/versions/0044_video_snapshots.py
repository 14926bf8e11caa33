"""The snapshot of a point of a video patrol's checklist; older entries have none."""

import sqlalchemy as sa
from alembic import op

revision = "0044_video_snapshots"
down_revision = "0043_lean_rows"
oldest_code = "0043_lean_rows"


def upgrade() -> None:
    """Add the column."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    op.add_column("video_patrol_item", sa.Column("snapshot", code, nullable=True))
