"""Imports: batches and their rows."""

import sqlalchemy as sa
from alembic import op

revision = "0022_imports"
down_revision = "0021_staffing"
oldest_code = "0017_code_range"


def upgrade() -> None:
    """Create the tables."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    op.create_table(
        "import_batch",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("source", code),
        sa.Column("sha256", code, nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("heads", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("started_by", number),
        sa.Column("operation_id", number),
        sa.Column("applied_to", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("checked_at", moment),
        sa.Column("applied_at", moment),
        sa.Column("undone_at", moment),
        sa.PrimaryKeyConstraint("id", name="import_batch_pkey"),
        sa.ForeignKeyConstraint(
            ["started_by"], ["officer.id"], name="import_batch_started_by_fkey"
        ),
        sa.CheckConstraint(
            "state in ('draft', 'checked', 'applying', 'applied', 'undoing', 'undone')",
            name="import_batch_state_is_known",
        ),
    )
    op.create_index("import_batch_sha256_idx", "import_batch", ["sha256"])
    op.create_table(
        "import_row",
        sa.Column("batch_id", number, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("subject", code),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("message", sa.Text()),
        sa.Column("warning", sa.Text()),
        sa.Column("undone", sa.Text()),
        sa.PrimaryKeyConstraint("batch_id", "place", name="import_row_pkey"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name="import_row_batch_id_fkey"),
        sa.CheckConstraint(
            "outcome in ('added', 'changed', 'same', 'refused', 'review')",
            name="import_row_outcome_is_known",
        ),
        sa.CheckConstraint("undone in ('undone', 'kept')", name="import_row_undone_is_known"),
    )
    op.create_index("import_row_outcome_idx", "import_row", ["batch_id", "outcome", "place"])
    op.create_index("import_row_subject_idx", "import_row", ["subject", "batch_id"])
