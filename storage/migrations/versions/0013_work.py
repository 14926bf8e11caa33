"""Long work as rows: operations and their logs; which timers are claimed, without a look at all."""

from pathlib import Path

from alembic import op

revision = "0013_work"
down_revision = "0012_taken_at"
oldest_code = "0010_words"


def upgrade() -> None:
    """Create the tables and the index."""
    bind = op.get_bind()
    text = Path(__file__).with_suffix(f".{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
