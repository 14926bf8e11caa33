"""What a query code is derived from beside the number of its case.

Cases that are there already keep none: the codes their reporters hold stay right.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_query_salt"
down_revision = "0002_rights"
oldest_code = "0002_rights"


def upgrade() -> None:
    """Add the column."""
    op.add_column("case_", sa.Column("query_salt", sa.Text(), nullable=True))
