"""Starts by the calendar, and the key by which each period is started once."""

from pathlib import Path

from alembic import op

revision = "0014_recurring"
down_revision = "0013_work"
oldest_code = "0010_words"


def upgrade() -> None:
    """Create the table, add the key."""
    bind = op.get_bind()
    text = Path(__file__).with_suffix(f".{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
