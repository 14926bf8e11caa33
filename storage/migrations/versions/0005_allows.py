"""What a task's drawing allows besides completing it: return, withdrawal, requests to others.

Tasks that are there already allow what the code allowed until now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_allows"
down_revision = "0004_releases"
oldest_code = "0005_allows"

_ALLOWED = {
    '["returnable","beside"]': "task_id = 'accept'",
    '["withdrawable","beside"]': "task_id in ('resolve_or_pass_up', 'relay')",
    '["beside"]': "process_id <> 'side_task' and allows is null",
}


def upgrade() -> None:
    """Add the column."""
    op.add_column("task", sa.Column("allows", sa.Text(), nullable=True))
    for allows, which in _ALLOWED.items():
        op.execute(f"update task set allows = '{allows}' where {which}")  # noqa: S608 - constants
