"""Video patrols: quotas of units, their periods, what was watched; a closed period stays."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0042_video"
down_revision = "0041_sync"
oldest_code = "0017_code_range"

_CLOSED_FOR_GOOD = {
    "sqlite": (
        """
create trigger quota_period_refuses_update before update on quota_period
when old.closed_at is not null
begin
  select raise(abort, 'a closed quota_period never changes');
end
""",
        """
create trigger quota_period_refuses_delete before delete on quota_period
begin
  select raise(abort, 'quota_period is append-only');
end
""",
    ),
    "postgresql": (
        """
create trigger quota_period_is_closed_for_good before update on quota_period
for each row when (old.closed_at is not null) execute function refuse_change()
""",
        """
create trigger quota_period_is_never_removed before delete on quota_period
for each row execute function refuse_change()
""",
    ),
}


def upgrade() -> None:
    """Create the tables and the guard of closed periods."""
    dialect = op.get_bind().dialect.name
    is_sqlite = dialect == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    _create_quotas(code, number, moment)
    _create_periods(code, number, moment)
    _create_patrols(code, number, moment)
    for trigger in _CLOSED_FOR_GOOD[dialect]:
        op.execute(trigger)


def _create_quotas(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "quota",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("unit", code, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="quota_pkey"),
        sa.UniqueConstraint("unit", "effective_from", name="quota_unit_key"),
        sa.CheckConstraint("n > 0", name="quota_is_owed"),
        sa.CheckConstraint("period in ('week', 'month')", name="quota_period_kind_is_known"),
    )


def _create_periods(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "quota_period",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("unit", code, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("period_key", code, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("after_on", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("seed", code, nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("offline", sa.Text(), nullable=False),
        sa.Column("case_id", number),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("closed_at", moment),
        sa.Column("distinct_count", sa.Integer()),
        sa.Column("met", sa.Boolean()),
        sa.Column("missed", sa.Boolean()),
        sa.Column("excuse", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="quota_period_pkey"),
        sa.UniqueConstraint("unit", "period_key", name="quota_period_key"),
        sa.CheckConstraint("period in ('week', 'month')", name="quota_period_is_known"),
        sa.CheckConstraint(
            "(closed_at is null) = (distinct_count is null)",
            name="quota_period_is_counted_at_its_end",
        ),
    )
    op.create_index("quota_period_unit_idx", "quota_period", ["unit", "first_on"])
    op.create_index("quota_period_case_idx", "quota_period", ["case_id"])


def _create_patrols(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    references = {
        "business_id": "business",
        "entered_by": "officer",
        "camera_id": "camera",
    }
    op.create_table(
        "video_patrol",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("unit", code, nullable=False),
        sa.Column("period_key", code, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("watched_at", moment, nullable=False),
        sa.Column("watched_until", moment),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("entered_by", number),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", code),
        sa.Column("camera_id", number),
        sa.Column("problem", sa.Text()),
        sa.Column("remark", sa.Text()),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="video_patrol_pkey"),
        sa.UniqueConstraint("business_id", "unit", "day", name="video_patrol_key"),
        sa.UniqueConstraint("external_id", name="video_patrol_external_key"),
        sa.CheckConstraint("source in ('native', 'sync')", name="video_patrol_source_is_known"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"video_patrol_{column}_fkey")
            for column, table in references.items()
        ),
    )
    op.create_index("video_patrol_unit_idx", "video_patrol", ["unit", "period_key"])
    op.create_table(
        "video_patrol_item",
        sa.Column("patrol_id", number, nullable=False),
        sa.Column("item", code, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("patrol_id", "item", name="video_patrol_item_pkey"),
        sa.CheckConstraint("answer in ('yes', 'no', 'not_visible')", name="video_answer_is_known"),
        sa.ForeignKeyConstraint(
            ["patrol_id"], ["video_patrol.id"], name="video_patrol_item_patrol_id_fkey"
        ),
    )
