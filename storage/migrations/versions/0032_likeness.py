"""What a photo shows, so that the same picture is found in another case."""

import sqlalchemy as sa
from alembic import op

revision = "0032_likeness"
down_revision = "0031_quiet_hours"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Add a column for each quarter of it, with its index."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    for quarter in ("likeness_1", "likeness_2", "likeness_3", "likeness_4"):
        op.add_column("attachment", sa.Column(quarter, code, nullable=True))
        op.create_index(f"attachment_{quarter}_idx", "attachment", [quarter])
