"""The oldest code that may run on these tables, where code of an older release can read it."""

import sqlalchemy as sa
from alembic import op

revision = "0017_code_range"
down_revision = "0016_personal"
oldest_code = "0016_personal"


def upgrade() -> None:
    """Add the table; `storage.database.schema.upgrade` writes its row."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    op.create_table(
        "code_range",
        sa.Column("oldest_code", code, nullable=False),
        sa.PrimaryKeyConstraint("oldest_code", name="code_range_pkey"),
    )
