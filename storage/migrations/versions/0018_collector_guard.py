"""Who collected a case stays on it; the person who answers for it changes with an entry alone."""

from pathlib import Path

from alembic import op

revision = "0018_collector_guard"
down_revision = "0017_code_range"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Guard both."""
    bind = op.get_bind()
    text = Path(__file__).with_suffix(f".{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
