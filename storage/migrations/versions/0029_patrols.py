"""Visits of rounds, closed periods of self-inspection, and how closely a business is watched."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0029_patrols"
down_revision = "0028_areas"
oldest_code = "0017_code_range"

_WRITTEN_ONCE = ("patrol", "self_report", "intensity")


def upgrade() -> None:
    """Create the tables and guard them."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    _create_patrols(code, number, moment)
    _create_reports(code, number, moment)
    _create_intensity(number, moment)
    for table in _WRITTEN_ONCE:
        _guard(table, is_sqlite=is_sqlite)


def _create_patrols(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "patrol",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("area_code", code, nullable=False),
        sa.Column("officer_id", number, nullable=False),
        sa.Column("post_id", code, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("visited_at", moment, nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("taken_at", moment),
        sa.Column("lat", sa.Float()),
        sa.Column("lon", sa.Float()),
        sa.Column("distance", sa.Integer()),
        sa.Column("looked_at", sa.Text(), nullable=False),
        sa.Column("list_version", code, nullable=False),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text()),
        sa.Column("case_id", number),
        sa.PrimaryKeyConstraint("id", name="patrol_pkey"),
        sa.UniqueConstraint("case_id", name="patrol_case_id_key"),
        sa.CheckConstraint(
            "result in ('none', 'problems', 'closed_door')", name="patrol_result_is_known"
        ),
        sa.CheckConstraint(
            "(result = 'problems') = (case_id is not null)", name="patrol_problems_are_a_case"
        ),
        *_references("patrol", "business_id", "officer_id", "post_id", "case_id"),
    )
    op.create_index("patrol_business_idx", "patrol", ["business_id", "visited_at"])
    op.create_index("patrol_officer_idx", "patrol", ["officer_id", "id"])
    op.create_index("patrol_area_idx", "patrol", ["area_code", "id"])


def _create_reports(code: sa.Text, number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "self_report",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("case_id", number, nullable=False),
        sa.Column("obligation", code, nullable=False),
        sa.Column("period", code, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="self_report_pkey"),
        sa.UniqueConstraint("case_id", name="self_report_case_id_key"),
        sa.UniqueConstraint("business_id", "obligation", "period", name="self_report_period_key"),
        sa.CheckConstraint("outcome in ('done', 'missed')", name="self_report_outcome_is_known"),
        *_references("self_report", "business_id", "case_id"),
    )
    op.create_index("self_report_business_idx", "self_report", ["business_id", "id"])


def _create_intensity(number: sa.Integer, moment: Any) -> None:
    op.create_table(
        "intensity",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("case_id", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="intensity_pkey"),
        sa.CheckConstraint(
            "state in ('normal', 'watch', 'intensified')", name="intensity_state_is_known"
        ),
        *_references("intensity", "business_id", "case_id"),
    )
    op.create_index("intensity_business_idx", "intensity", ["business_id", "id"])


def _references(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    tables = {"case_id": "case_"}
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{tables.get(column, column.removesuffix('_id'))}.id"],
            name=f"{table}_{column}_fkey",
        )
        for column in columns
    ]


def _guard(table: str, *, is_sqlite: bool) -> None:
    """Refuse every change of a row that is written once."""
    if not is_sqlite:
        op.execute(
            f"create trigger {table}_is_append_only before update or delete on {table}"
            " for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger {table}_is_never_emptied before truncate on {table}"
            " for each statement execute function refuse_change()"
        )
        return
    for act, when in (
        ("update", ""),
        ("delete", ""),
        ("insert", f"when exists (select 1 from {table} where id = new.id)"),  # noqa: S608 - constants
    ):
        op.execute(
            f"create trigger {table}_refuses_{act} before {act} on {table} {when}"
            f" begin select raise(abort, '{table} is append-only'); end"
        )
