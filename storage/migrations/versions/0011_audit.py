"""The audit log; an entry may be sealed once and never changed or taken out."""

from pathlib import Path

from alembic import op

revision = "0011_audit"
down_revision = "0010_words"
oldest_code = "0010_words"


def upgrade() -> None:
    """Create the table and guard it."""
    bind = op.get_bind()
    text = Path(__file__).with_suffix(f".{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
