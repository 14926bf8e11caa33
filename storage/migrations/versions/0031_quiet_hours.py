"""When officers want to be left alone, where the hours of the city do not suit them."""

import sqlalchemy as sa
from alembic import op

revision = "0031_quiet_hours"
down_revision = "0030_credentials"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("officer", sa.Column("quiet_from", sa.Text(), nullable=True))
    op.add_column("officer", sa.Column("quiet_to", sa.Text(), nullable=True))
