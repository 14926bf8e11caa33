"""Every time a version was put in force, by whom; what is in force already is the first entry."""

from pathlib import Path

from alembic import op

revision = "0004_releases"
down_revision = "0003_query_salt"
oldest_code = "0004_releases"


def upgrade() -> None:
    """Create the table, fill it with what is known, and guard it."""
    bind = op.get_bind()
    text = Path(__file__).with_suffix(f".{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
