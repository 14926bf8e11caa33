"""Two roles on PostgreSQL: one owns the tables and their guards, the other works with the rows."""

from storage.database.session import Session

__all__ = ["grant_work", "owns_the_tables"]

_GRANTS = """
grant usage on schema public to {role};
grant select, insert, update, delete on all tables in schema public to {role};
grant usage, select on all sequences in schema public to {role};
revoke update, delete on case_event, vault_access, process_release from {role};
revoke insert, update, delete on alembic_version, code_range from {role}
"""


def grant_work(session: Session, role: str) -> None:
    """Grant a role access to the rows of every table; run by the owner after each upgrade.

    It may neither change what is append-only, nor empty, alter or drop a table, nor switch a
    guard off.
    """
    named = session.dialect.identifier_preparer.quote_identifier(role)
    for statement in _GRANTS.format(role=named).split(";"):
        session.exec_driver_sql(statement)


def owns_the_tables(session: Session) -> bool:
    """Whether the role of this session could switch the guards off, as owner or superuser."""
    owned = "select pg_has_role(tableowner, 'member') from pg_tables where tablename = 'case_'"
    return bool(session.exec_driver_sql(owned).scalar())
