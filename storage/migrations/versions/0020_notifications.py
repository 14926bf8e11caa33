"""The message box of officers, and where else they are reached."""

import sqlalchemy as sa
from alembic import op

revision = "0020_notifications"
down_revision = "0019_saved_views"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the table and the columns."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    op.add_column("officer", sa.Column("email", sa.Text(), nullable=True))
    op.add_column("officer", sa.Column("phone", sa.Text(), nullable=True))
    op.create_table(
        "notification",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("key", code, nullable=False),
        sa.Column("officer_id", number, nullable=False),
        sa.Column("case_id", number),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("read_at", moment),
        sa.Column("acknowledged_at", moment),
        sa.PrimaryKeyConstraint("id", name="notification_pkey"),
        sa.UniqueConstraint("officer_id", "key", name="notification_officer_key"),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name="notification_officer_id_fkey"
        ),
    )
    unread = sa.text("read_at is null")
    op.create_index("notification_box_idx", "notification", ["officer_id", "id"])
    op.create_index("notification_case_idx", "notification", ["case_id"])
    op.create_index(
        "notification_unread_idx",
        "notification",
        ["officer_id"],
        postgresql_where=unread,
        sqlite_where=unread,
    )
