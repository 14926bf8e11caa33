"""Whether a list of businesses names all of its source; changes of a business stay.

Undoing an import removes the changes it made to a business it added; no other change goes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036_full_lists"
down_revision = "0035_flag_reason"
oldest_code = "0017_code_range"

_NEVER_REMOVED = {
    "sqlite": """
create trigger business_change_refuses_delete before delete on business_change
when old.batch_id is null
begin
  select raise(abort, 'business_change is append-only');
end
""",
    "postgresql": """
create trigger business_change_is_never_removed before delete on business_change
for each row when (old.batch_id is null) execute function refuse_change()
""",
}


def upgrade() -> None:
    """Add the column and the guard; older lists were not marked."""
    op.execute(_NEVER_REMOVED[op.get_bind().dialect.name])
    op.add_column(
        "import_batch",
        sa.Column("is_full", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
