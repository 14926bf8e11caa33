"""Who inside a post is offered a task first, by matter or by category of business."""

import sqlalchemy as sa
from alembic import op

revision = "0033_offering"
down_revision = "0032_likeness"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the table."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    op.create_table(
        "assignment_rule",
        sa.Column("post_id", code, nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("code", code, nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("officer_id", number, nullable=False),
        sa.Column("set_by", number, nullable=False),
        sa.Column("set_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "kind", "code", "position", name="assignment_rule_pkey"),
        sa.CheckConstraint("kind in ('matter', 'category')", name="assignment_rule_kind_is_known"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="assignment_rule_post_id_fkey"),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name="assignment_rule_officer_id_fkey"
        ),
        sa.ForeignKeyConstraint(["set_by"], ["officer.id"], name="assignment_rule_set_by_fkey"),
    )
