"""Guards of SQLite against `insert or replace`, which removes a row and fires no trigger for it.

PostgreSQL knows no such statement; `on conflict do update` is an update there and refused as one.
"""

from alembic import op

revision = "0008_no_replacing"
down_revision = "0007_owner_guards"
oldest_code = "0007_owner_guards"

_KEYS = {
    "case_event": "case_id = new.case_id and seq = new.seq",
    "vault_access": "id = new.id",
    "process_release": "id = new.id",
    "case_": "id = new.id",
}


def upgrade() -> None:
    """Refuse a row in the place of one that stays."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        return
    for table, is_same in _KEYS.items():
        bind.exec_driver_sql(
            f"create trigger {table}_refuses_replacing before insert on {table}"  # noqa: S608 - constants
            f" when exists (select 1 from {table} where {is_same})"
            f" begin select raise(abort, '{table} replaces no row'); end"
        )
