"""Guards against an owner that does not fit its rank, its task or the case file.

An owner has the rank of its post (a post of rank 0 stands in for another and has no lower one than
the owner before), changes only together with an entry, and an open task of the owner waits for
that post. An entry goes on from the last one and is what the head of its case names.
"""

from pathlib import Path

from alembic import op

revision = "0007_owner_guards"
down_revision = "0006_accepted_warnings"
oldest_code = "0007_owner_guards"


def upgrade() -> None:
    """Put the guards of 0002 right."""
    bind = op.get_bind()
    text = Path(__file__).with_suffix(f".{bind.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
