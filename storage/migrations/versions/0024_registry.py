"""Registry: sources, changes and review items of businesses."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024_registry"
down_revision = "0023_awaited_answers"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the tables and columns."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    op.add_column("business", sa.Column("name_key", code, nullable=True))
    op.add_column("business", sa.Column("origins", sa.Text(), nullable=True))
    op.add_column("business", sa.Column("merged_into", number, nullable=True))
    op.create_index("business_name_key_idx", "business", ["name_key"])
    op.create_index("business_licence_number_idx", "business", ["licence_number"])
    _create_sources(code, number)
    _create_changes(code, number, moment)
    _create_reviews(code, number, moment)


def _create_sources(code: sa.Text, number: sa.Integer) -> None:
    op.create_table(
        "business_source",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("external_id", code, nullable=False),
        sa.Column("batch_id", number),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="business_source_pkey"),
        sa.UniqueConstraint("kind", "external_id", name="business_source_key"),
        *_references("business_source", "business_id", "batch_id"),
    )
    op.create_index("business_source_business_idx", "business_source", ["business_id"])


def _create_changes(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "business_change",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("field", code, nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("actor", code, nullable=False),
        sa.Column("batch_id", number),
        sa.PrimaryKeyConstraint("id", name="business_change_pkey"),
        *_references("business_change", "business_id", "batch_id"),
    )
    op.create_index("business_change_business_idx", "business_change", ["business_id", "id"])
    op.create_index("business_change_at_idx", "business_change", ["at"])


def _create_reviews(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "review_item",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("key", code, nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("other_id", number),
        sa.Column("field", code),
        sa.Column("proposals", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text()),
        sa.Column("decided_by", code),
        sa.Column("decided_at", moment),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("batch_id", number),
        sa.PrimaryKeyConstraint("id", name="review_item_pkey"),
        sa.UniqueConstraint("key", name="review_item_key_key"),
        sa.CheckConstraint(
            "kind in ('conflict', 'duplicate', 'unplaced', 'gone_from_source', 'bad_code')",
            name="review_item_kind_is_known",
        ),
        sa.CheckConstraint("state in ('open', 'decided')", name="review_item_state_is_known"),
        *_references("review_item", "business_id", "other_id", "batch_id"),
    )
    op.create_index("review_item_open_idx", "review_item", ["state", "id"])
    op.create_index("review_item_business_idx", "review_item", ["business_id"])


def _references(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column],
            ["import_batch.id" if column == "batch_id" else "business.id"],
            name=f"{table}_{column}_fkey",
        )
        for column in columns
    ]
