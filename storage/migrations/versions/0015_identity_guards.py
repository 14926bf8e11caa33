"""Reporters' identities stay: changed or removed only beside an entry of the audit log."""

from pathlib import Path

from alembic import op

revision = "0015_identity_guards"
down_revision = "0014_recurring"
oldest_code = "0015_identity_guards"


def upgrade() -> None:
    """Guard the vault."""
    bind = op.get_bind()
    text = Path(__file__).with_suffix(f".{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
