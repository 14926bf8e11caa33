"""The ground: every table of the first release, and the triggers that keep records as they are.

The statements stand in one SQL file per database, written once from the tables of that day:
a migration must not change when the tables of today do.
"""

from pathlib import Path

from alembic import op

revision = "0001_ground"
down_revision = None
oldest_code = "0001_ground"


def upgrade() -> None:
    """Create everything."""
    bind = op.get_bind()
    name = bind.dialect.name
    text = Path(__file__).with_suffix(f".{name}.sql").read_text(encoding="utf-8")
    # The PostgreSQL driver reads a percent sign as the start of a parameter.
    text = text if name == "sqlite" else text.replace("%", "%%")
    for statement in text.strip().split("\n\n"):
        bind.exec_driver_sql(statement)
