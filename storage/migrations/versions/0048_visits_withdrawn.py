"""Visits of rounds that were pressed by mistake: on file as withdrawn, counted nowhere.

Code of an older release goes on counting them, and writes none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048_visits_withdrawn"
down_revision = "0047_demands"
oldest_code = "0046_plans"


def upgrade() -> None:
    """Create the table and refuse every change of its rows."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    table = "patrol_withdrawal"
    op.create_table(
        table,
        sa.Column("patrol_id", number, nullable=False),
        sa.Column("withdrawn_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("patrol_id", name="patrol_withdrawal_pkey"),
        sa.ForeignKeyConstraint(
            ["patrol_id"], ["patrol.id"], name="patrol_withdrawal_patrol_id_fkey"
        ),
    )
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
    for act in ("update", "delete"):
        op.execute(
            f"create trigger {table}_refuses_{act} before {act} on {table}"
            f" begin select raise(abort, '{table} is append-only'); end"
        )
