"""Who sees a department's case, and guards against an owner or an entry that does not fit.

An owner, and the post of an open task of the owner, stands not below the collector (R26); a post
of rank 0 stands beside the chain and acts for the city. An entry continues the chain of its case.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002_rights"
down_revision = "0001_ground"
oldest_code = "0002_rights"


def upgrade() -> None:
    """Add the column and the guards."""
    op.add_column("case_", sa.Column("visible_from_rank", sa.SmallInteger(), nullable=True))
    bind = op.get_bind()
    text = Path(__file__).with_suffix(f".{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
