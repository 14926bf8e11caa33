"""The trace of the request that ordered long work; older operations have none."""

import sqlalchemy as sa
from alembic import op

revision = "0034_traces"
down_revision = "0033_offering"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Add the column."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    op.add_column("operation", sa.Column("trace_id", code, nullable=True))
