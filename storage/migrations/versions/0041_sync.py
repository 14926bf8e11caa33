"""Records of the supervision platform: sources, dead letters, runs, reviews, reconciliation."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041_sync"
down_revision = "0040_feed"
oldest_code = "0017_code_range"

_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Create the tables."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    types: dict[str, Any] = {
        "code": sa.Text() if is_sqlite else sa.Text(collation="C"),
        "number": sa.Integer() if is_sqlite else sa.BigInteger(),
        "moment": sa.Text() if is_sqlite else sa.DateTime(timezone=True),
    }
    _create_source(types)
    _create_record(types)
    _create_review(types)
    _create_dead(types)
    _create_run(types)
    _create_reconciliation(types)


def _create_source(types: dict[str, Any]) -> None:
    op.create_table(
        "sync_source",
        sa.Column("id", types["code"], nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("newest_at", types["moment"]),
        sa.Column("last_ok", types["moment"]),
        sa.Column("last_error", sa.Text()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("dead_in_a_row", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("paused_reason", sa.Text()),
        sa.Column("next_at", types["moment"], nullable=False),
        sa.Column("reconciled_at", types["moment"]),
        sa.Column("lease", types["code"]),
        sa.Column("lease_until", types["moment"]),
        sa.Column("created_at", types["moment"], nullable=False),
        sa.PrimaryKeyConstraint("id", name="sync_source_pkey"),
        sa.CheckConstraint(
            "failures >= 0 and dead_in_a_row >= 0", name="sync_source_counts_failures"
        ),
    )


def _create_record(types: dict[str, Any]) -> None:
    op.create_table(
        "sync_record",
        sa.Column("id", types["number"], sa.Identity(), nullable=False),
        sa.Column("source", types["code"], nullable=False),
        sa.Column("external_id", types["code"], nullable=False),
        sa.Column("version", types["number"], nullable=False),
        sa.Column("body_hash", types["code"], nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text()),
        sa.Column("subject_id", types["number"]),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("changed_at", types["moment"], nullable=False),
        sa.Column("seen_at", types["moment"], nullable=False),
        sa.PrimaryKeyConstraint("id", name="sync_record_pkey"),
        sa.UniqueConstraint("source", "external_id", name="sync_record_key"),
        sa.CheckConstraint("origin in ('theirs', 'ours')", name="sync_record_origin_is_known"),
        sa.CheckConstraint(
            "relation in ('created', 'linked', 'ignored', 'waiting')",
            name="sync_record_relation_is_known",
        ),
    )
    op.create_index("sync_record_day_idx", "sync_record", ["source", "day"])
    op.create_index("sync_record_subject_idx", "sync_record", ["subject_kind", "subject_id"])


def _create_review(types: dict[str, Any]) -> None:
    op.create_table(
        "sync_review",
        sa.Column("id", types["number"], sa.Identity(), nullable=False),
        sa.Column("record_id", types["number"], nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", types["moment"], nullable=False),
        sa.Column("decided_by", types["number"]),
        sa.Column("decided_at", types["moment"]),
        sa.Column("decided_case", types["number"]),
        sa.PrimaryKeyConstraint("id", name="sync_review_pkey"),
        sa.CheckConstraint(
            "state in ('open', 'linked', 'created', 'withdrawn')", name="sync_review_state_is_known"
        ),
    )
    op.create_index(
        "sync_review_open_idx",
        "sync_review",
        ["record_id"],
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )


def _create_dead(types: dict[str, Any]) -> None:
    op.create_table(
        "sync_dead",
        sa.Column("id", types["number"], sa.Identity(), nullable=False),
        sa.Column("source", types["code"], nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("external_id", types["code"], nullable=False),
        sa.Column("version", types["number"]),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", types["moment"], nullable=False),
        sa.Column("updated_at", types["moment"], nullable=False),
        sa.Column("decided_by", types["number"]),
        sa.PrimaryKeyConstraint("id", name="sync_dead_pkey"),
        sa.CheckConstraint("direction in ('pull', 'push')", name="sync_dead_direction_is_known"),
        sa.CheckConstraint(
            "state in ('open', 'resolved', 'discarded')", name="sync_dead_state_is_known"
        ),
    )
    op.create_index(
        "sync_dead_open_idx",
        "sync_dead",
        ["source", "direction", "external_id"],
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )


def _create_run(types: dict[str, Any]) -> None:
    op.create_table(
        "sync_run",
        sa.Column("id", types["number"], sa.Identity(), nullable=False),
        sa.Column("source", types["code"], nullable=False),
        sa.Column("from_cursor", sa.Text()),
        sa.Column("to_cursor", sa.Text()),
        sa.Column("started_at", types["moment"], nullable=False),
        sa.Column("ended_at", types["moment"]),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("linked", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("older", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Integer(), nullable=False),
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("dead", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="sync_run_pkey"),
    )
    op.create_index("sync_run_source_idx", "sync_run", ["source", "id"])


def _create_reconciliation(types: dict[str, Any]) -> None:
    op.create_table(
        "sync_reconciliation",
        sa.Column("source", types["code"], nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("theirs", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.Column("differing", sa.Text(), nullable=False),
        sa.Column("compared_at", types["moment"], nullable=False),
        sa.PrimaryKeyConstraint("source", "day", name="sync_reconciliation_pkey"),
    )
