"""${message}."""

from alembic import op

revision = "${up_revision}"
down_revision = ${repr(down_revision)}
# The oldest code that may run on these tables, named by the newest revision it came with: that of
# the revision before where this one only adds, this one where older code would do wrong.
oldest_code = "${up_revision}"


def upgrade() -> None:
    """Make the change."""
    ${upgrades if upgrades else "op.execute('')"}
