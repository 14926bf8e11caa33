"""Plans, draws and records of inspections, and the cases enforcement files."""

import sqlalchemy as sa
from alembic import op

revision = "0027_inspections"
down_revision = "0026_survey"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the tables."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    _create_plans(moment, code, number)
    _create_records(moment, code, number)
    _create_enforcement(moment, code, number)


def _create_plans(moment: sa.Text | sa.DateTime, code: sa.Text, number: sa.Integer) -> None:
    op.create_table(
        "inspection_plan",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("post", code, nullable=False),
        sa.Column("businesses", sa.Text(), nullable=False),
        sa.Column("inspectors", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("visible_from_rank", sa.SmallInteger(), nullable=True),
        sa.Column("embargo_until", moment, nullable=True),
        sa.Column("state", code, nullable=False),
        sa.Column("created_by", number, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("started_at", moment, nullable=True),
        sa.CheckConstraint(
            "kind in ('work_supervision', 'double_random', 'unannounced')",
            name="inspection_plan_kind_is_known",
        ),
        sa.CheckConstraint(
            "state in ('planned', 'started', 'cancelled')", name="inspection_plan_state_is_known"
        ),
        sa.CheckConstraint("until >= since", name="inspection_plan_ends_after_it_begins"),
        sa.PrimaryKeyConstraint("id", name="inspection_plan_pkey"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["officer.id"], name="inspection_plan_created_by_fkey"
        ),
    )
    op.create_index("inspection_plan_state_idx", "inspection_plan", ["state", "until"])
    op.create_table(
        "double_random_draw",
        sa.Column("plan_id", number, nullable=False),
        sa.Column("seed", code, nullable=False),
        sa.Column("population_hash", code, nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("drawn", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name="double_random_draw_pkey"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["inspection_plan.id"], name="double_random_draw_plan_id_fkey"
        ),
    )


def _create_records(moment: sa.Text | sa.DateTime, code: sa.Text, number: sa.Integer) -> None:
    op.create_table(
        "inspection",
        sa.Column("case_id", number, nullable=False),
        sa.Column("plan_id", number, nullable=True),
        sa.Column("kind", code, nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("checklist", code, nullable=False),
        sa.Column("inspectors", sa.Text(), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("result", code, nullable=True),
        sa.Column("publish_on", sa.Date(), nullable=True),
        sa.Column("published_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("case_id", name="inspection_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name="inspection_case_id_fkey"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["inspection_plan.id"], name="inspection_plan_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name="inspection_business_id_fkey"
        ),
    )
    op.create_index("inspection_business_idx", "inspection", ["business_id", "ended_at"])
    op.create_index("inspection_plan_idx", "inspection", ["plan_id"])
    op.create_index("inspection_publish_idx", "inspection", ["publish_on"])
    op.create_table(
        "inspection_item",
        sa.Column("case_id", number, nullable=False),
        sa.Column("item", code, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answer", code, nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.Column("changed_by", number, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.CheckConstraint(
            "answer in ('yes', 'no', 'na', 'not_visible')", name="inspection_item_answer_is_known"
        ),
        sa.PrimaryKeyConstraint("case_id", "item", name="inspection_item_pkey"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["inspection.case_id"], name="inspection_item_case_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["officer.id"], name="inspection_item_changed_by_fkey"
        ),
    )


def _create_enforcement(moment: sa.Text | sa.DateTime, code: sa.Text, number: sa.Integer) -> None:
    op.create_table(
        "enforcement_case",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("unit", code, nullable=False),
        sa.Column("origin_case", number, nullable=False),
        sa.Column("filed_at", moment, nullable=False),
        sa.Column("filed_by", number, nullable=False),
        sa.Column("officers", sa.Text(), nullable=False),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("measure", code, nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("fine_fen", number, nullable=True),
        sa.Column("confiscation_fen", number, nullable=True),
        sa.Column("state", code, nullable=False),
        sa.CheckConstraint("state in ('open', 'decided')", name="enforcement_case_state_is_known"),
        sa.CheckConstraint("fine_fen >= 0", name="enforcement_case_fine_is_no_debt"),
        sa.CheckConstraint(
            "confiscation_fen >= 0", name="enforcement_case_confiscation_is_no_debt"
        ),
        sa.PrimaryKeyConstraint("id", name="enforcement_case_pkey"),
        sa.UniqueConstraint("unit", "number", name="enforcement_case_number_key"),
        sa.ForeignKeyConstraint(
            ["origin_case"], ["case_.id"], name="enforcement_case_origin_case_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["filed_by"], ["officer.id"], name="enforcement_case_filed_by_fkey"
        ),
    )
    op.create_index("enforcement_case_origin_idx", "enforcement_case", ["origin_case"])
