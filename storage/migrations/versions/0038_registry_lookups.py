"""Indexes by which a list finds the businesses of its rows, however many are registered."""

import sqlalchemy as sa
from alembic import op

revision = "0038_registry_lookups"
down_revision = "0037_kitchens"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Index the name, the telephone, and the village of those without a credit code."""
    op.create_index("business_name_idx", "business", ["name"])
    op.create_index("business_phone_idx", "business", ["phone"])
    without_code = sa.text("credit_code is null")
    op.create_index(
        "business_uncoded_idx",
        "business",
        ["area_code"],
        sqlite_where=without_code,
        postgresql_where=without_code,
    )
