"""Personal values of case files apart from the entries: a row of them may be deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0016_personal"
down_revision = "0015_identity_guards"
oldest_code = "0016_personal"


def upgrade() -> None:
    """Add the table."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    op.create_table(
        "case_personal",
        sa.Column("case_id", number, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", code, nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", "path", name="case_personal_pkey"),
    )
