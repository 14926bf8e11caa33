"""The feed of what partners may know, and the webhooks it is sent to."""

import sqlalchemy as sa
from alembic import op

revision = "0040_feed"
down_revision = "0039_map"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the tables; the feed begins with the next step of a case."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "feed_event",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("seq", number),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("subject", code, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("case_id", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="feed_event_pkey"),
    )
    _index("feed_event_seq_idx", "feed_event", ["seq"], "seq is not null", unique=True)
    _index("feed_event_unnumbered_idx", "feed_event", ["id"], "seq is null")
    op.create_table(
        "webhook",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("area_code", code, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cursor", number, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by", number, nullable=False),
        sa.Column("paused_at", moment),
        sa.Column("pause_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="webhook_pkey"),
        sa.CheckConstraint(
            "state in ('active', 'paused', 'removed')", name="webhook_state_is_known"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["officer.id"], name="webhook_created_by_fkey"),
    )
    _index("outbox_feed_idx", "outbox", ["receiver", "id"], "channel = 'feed'")


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        postgresql_where=condition,
        sqlite_where=condition,
    )
