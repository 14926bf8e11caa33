"""Statistics: a fact for each closed case, links that open a wall board, cases by their end."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009_statistics"
down_revision = "0008_no_replacing"
oldest_code = "0007_owner_guards"


def upgrade() -> None:
    """Create the tables and the index the facts are derived along."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    _facts(moment, code, number)
    _links(moment, code, number)
    closed = sa.text("status = 'closed'")
    op.create_index(
        "case_closed_idx", "case_", ["closed_at"], postgresql_where=closed, sqlite_where=closed
    )


def _facts(moment: sa.types.TypeEngine[Any], code: sa.Text, number: sa.Integer) -> None:
    op.create_table(
        "fact_case",
        sa.Column("case_id", number, autoincrement=False, nullable=False),
        sa.Column("area_code", code, nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("matter", code),
        sa.Column("accepting_party", sa.Text()),
        sa.Column("outcome", sa.Text()),
        sa.Column("handled_level", sa.Text()),
        sa.Column("collector", number),
        sa.Column("passes", sa.SmallInteger(), nullable=False),
        sa.Column("pass_reasons", sa.Text(), nullable=False),
        sa.Column("failed_verifications", sa.SmallInteger(), nullable=False),
        sa.Column("reopened", sa.SmallInteger(), nullable=False),
        sa.Column("is_eligible", sa.Boolean(), nullable=False),
        sa.Column("is_self_resolved", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("minutes_by_level", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="fact_case_pkey"),
    )
    op.create_index("fact_case_closed_idx", "fact_case", ["closed_at", "area_code"])
    op.create_index("fact_case_opened_idx", "fact_case", ["opened_at", "area_code"])


def _links(moment: sa.types.TypeEngine[Any], code: sa.Text, number: sa.Integer) -> None:
    op.create_table(
        "display_link",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("token_hash", code, nullable=False),
        sa.Column("area_code", code, nullable=False),
        sa.Column("created_by", number, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("revoked_at", moment),
        sa.PrimaryKeyConstraint("id", name="display_link_pkey"),
        sa.UniqueConstraint("token_hash", name="display_link_token_hash_key"),
    )
    op.create_index("display_link_creator_idx", "display_link", ["created_by"])
