"""Plans of inspections change before they start: versions, what was changed and why, every draw.

Which kinds of inspections there are is a file of the city, so that the tables list none: code of
an older release has no word for a new kind. A plan may be drawn again, and keeps each draw.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046_plans"
down_revision = "0045_not_by"
oldest_code = "0046_plans"

_KINDS = "kind in ('work_supervision', 'double_random', 'unannounced')"
_CHECK = f"CONSTRAINT inspection_plan_kind_is_known CHECK ({_KINDS})"


def upgrade() -> None:
    """Add version and changes; let a plan have several draws; drop the list of kinds."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    _forget_kinds(is_sqlite=is_sqlite)
    one = sa.text("1")
    op.add_column(
        "inspection_plan", sa.Column("version", sa.Integer(), nullable=False, server_default=one)
    )
    op.create_table(
        "inspection_plan_change",
        sa.Column("plan_id", number, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("changed_by", number, nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "version", name="inspection_plan_change_pkey"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["inspection_plan.id"], name="inspection_plan_change_plan_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["officer.id"], name="inspection_plan_change_changed_by_fkey"
        ),
    )
    _keep_each_draw(moment, code, number, is_sqlite=is_sqlite)


def _keep_each_draw(
    moment: sa.Text | sa.DateTime, code: sa.Text, number: sa.Integer, *, is_sqlite: bool
) -> None:
    if not is_sqlite:
        one = sa.text("1")
        op.add_column(
            "double_random_draw",
            sa.Column("number", sa.Integer(), nullable=False, server_default=one),
        )
        op.alter_column("double_random_draw", "number", server_default=None)
        op.drop_constraint("double_random_draw_pkey", "double_random_draw", type_="primary")
        op.create_primary_key(
            "double_random_draw_pkey", "double_random_draw", ["plan_id", "number"]
        )
        return
    op.create_table(
        "new_draw",
        sa.Column("plan_id", number, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", code, nullable=False),
        sa.Column("population_hash", code, nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("drawn", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "number", name="double_random_draw_pkey"),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["inspection_plan.id"], name="double_random_draw_plan_id_fkey"
        ),
    )
    op.execute(
        "insert into new_draw (plan_id, number, seed, population_hash, population, drawn, at) "
        "select plan_id, 1, seed, population_hash, population, drawn, at from double_random_draw"
    )
    op.drop_table("double_random_draw")
    op.rename_table("new_draw", "double_random_draw")


def _forget_kinds(*, is_sqlite: bool) -> None:
    if not is_sqlite:
        op.drop_constraint("inspection_plan_kind_is_known", "inspection_plan", type_="check")
        return
    # Other tables refer to this one, so that it cannot be rebuilt inside a transaction; its rows
    # stay as they are, and SQLite's own documentation changes a check this way.
    bind = op.get_bind()
    version = bind.exec_driver_sql("pragma schema_version").scalar_one()
    bind.exec_driver_sql("pragma writable_schema = on")
    bind.exec_driver_sql(
        "update sqlite_master set sql = replace(sql, ?, ?) where type = 'table' and name = ?",
        (f"{_CHECK}, ", "", "inspection_plan"),
    )
    bind.exec_driver_sql(f"pragma schema_version = {version + 1}")
    bind.exec_driver_sql("pragma writable_schema = off")
