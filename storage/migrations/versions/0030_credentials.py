"""Registry: credentials, added categories, dormant businesses, what a change belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0030_credentials"
down_revision = "0029_patrols"
oldest_code = "0017_code_range"

_KNOWN = "'deregistration_notified', 'deregistered'"
_STATUSES = (
    "status in ('operating', 'suspected_ceased', 'ceased', 'terminated_confirmed',"
    f" {_KNOWN}, 'dormant')"
)
_NEVER_ALTERED = {
    "sqlite": """
create trigger business_change_refuses_update before update on business_change
begin
  select raise(abort, 'business_change is append-only');
end
""",
    "postgresql": """
create trigger business_change_is_never_altered before update on business_change
for each row execute function refuse_change()
""",
}


def upgrade() -> None:
    """Create the tables, add the columns and the status."""
    name = op.get_bind().dialect.name
    is_sqlite = name == "sqlite"
    code = sa.Text() if is_sqlite else sa.Text(collation="C")
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    moment = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "credential",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("business_id", number, nullable=False),
        sa.Column("kind", code, nullable=False),
        sa.Column("number", code, nullable=False),
        sa.Column("form", sa.Text()),
        sa.Column("items", sa.Text()),
        sa.Column("issued_by", sa.Text()),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("batch_id", number),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="credential_pkey"),
        sa.UniqueConstraint("kind", "number", name="credential_key"),
        sa.ForeignKeyConstraint(
            ["business_id"], ["business.id"], name="credential_business_id_fkey"
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name="credential_batch_id_fkey"),
        sa.CheckConstraint(
            "kind in ('licence', 'filing', 'approval', 'registration')",
            name="credential_kind_is_known",
        ),
        sa.CheckConstraint(
            "state in ('valid', 'revoked', 'cancelled')", name="credential_state_is_known"
        ),
    )
    op.create_index("credential_business_idx", "credential", ["business_id"])
    op.create_index("credential_valid_to_idx", "credential", ["valid_to"])
    op.create_table(
        "business_category",
        sa.Column("code", code, nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("added_by", number),
        sa.Column("added_at", moment, nullable=False),
        sa.Column("retired_by", number),
        sa.Column("retired_at", moment),
        sa.PrimaryKeyConstraint("code", name="business_category_pkey"),
        sa.ForeignKeyConstraint(
            ["added_by"], ["officer.id"], name="business_category_added_by_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["retired_by"], ["officer.id"], name="business_category_retired_by_fkey"
        ),
    )
    op.add_column("business_change", sa.Column("case_id", number))
    op.add_column("business_change", sa.Column("document", sa.Text()))
    op.add_column("business_source", sa.Column("retired_on", sa.Date()))
    _add_dormant(is_sqlite=is_sqlite)
    op.execute(_NEVER_ALTERED[name])


def _add_dormant(*, is_sqlite: bool) -> None:
    if not is_sqlite:
        op.drop_constraint("business_status_is_known", "business", type_="check")
        op.create_check_constraint("business_status_is_known", "business", _STATUSES)
        return
    # Many tables refer to this one, so that it cannot be rebuilt inside a transaction; its
    # rows stay as they are, and SQLite's own documentation changes a check this way.
    bind = op.get_bind()
    version = bind.exec_driver_sql("pragma schema_version").scalar_one()
    bind.exec_driver_sql("pragma writable_schema = on")
    bind.exec_driver_sql(
        "update sqlite_master set sql = replace(sql, ?, ?) where type = 'table' and name = ?",
        (f"{_KNOWN})", f"{_KNOWN}, 'dormant')", "business"),
    )
    bind.exec_driver_sql(f"pragma schema_version = {version + 1}")
    bind.exec_driver_sql("pragma writable_schema = off")
