"""Dump a database to one file and restore it: SQLite's online backup, pg_dump and pg_restore.

A dump is a snapshot of the caller's read transaction; concurrent writes are not blocked.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL

from storage.database.session import Database, Session
from storage.errors import HangjiError

__all__ = ["dump", "load", "name_of_dump", "skip_numbers"]

_NUMBERED: Final = ("case_", "running_process")


def name_of_dump(database: Database) -> str:
    """Return the file name of a dump."""
    return "database.sqlite3" if database.is_sqlite else "database.dump"


def dump(database: Database, session: Session, path: Path) -> None:
    """Write the snapshot of the transaction of `session` to a file.

    Raises:
        HangjiError: the client program of PostgreSQL is missing or failed.
    """
    if database.is_sqlite:
        source: Any = session.connection.driver_connection
        with closing(sqlite3.connect(path)) as copy:
            source.backup(copy)
            # A single file without a write-ahead log, so that it can be copied on its own.
            copy.execute("pragma journal_mode = delete")
        return
    snapshot = session.exec_driver_sql("select pg_export_snapshot()").scalar_one()
    _run("pg_dump", database.url, "--format=custom", f"--snapshot={snapshot}", f"--file={path}")


def load(database: Database, path: Path) -> None:
    """Fill an empty database from a file that `dump` wrote on the same kind of database.

    Raises:
        HangjiError: the file is not a dump, or the client program is missing or failed;
            nothing is left behind.
    """
    if database.is_sqlite:
        # Closed first: an open connection would keep reading the replaced file.
        database.close()
        target = Path(str(database.url.database))
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
        except sqlite3.DatabaseError as error:
            message = f"{path} cannot be read: {error}."
            raise HangjiError(message, code="dump_unreadable") from error
        return
    options = ("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction")
    _run("pg_restore", database.url, *options, f"--dbname={database.url.database}", str(path))


def skip_numbers(session: Session, count: int) -> None:
    """Skip numbers after a restore: those assigned after the backup must not be reused."""
    for table in _NUMBERED:
        if session.dialect.name == "sqlite":
            statement = "update sqlite_sequence set seq = seq + ? where name = ?"
            session.exec_driver_sql(statement, (count, table))
        else:
            sequence = f"{table}_id_seq"
            session.exec_driver_sql(
                f"select setval('{sequence}', last_value + {int(count)}) from {sequence}"  # noqa: S608 - constants and a number
            )


def _run(program: str, url: URL, *options: str) -> None:
    path = shutil.which(program)
    if path is None:
        message = f"{program} is missing: install the client programs of PostgreSQL."
        raise HangjiError(message, code="program_missing")
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [path, *options], env=_environment(url), capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{program} did not succeed: {done.stderr.strip()[-500:]}"
        raise HangjiError(message, code="program_failed")


def _environment(url: URL) -> dict[str, str]:
    """Pass the address in the environment: every user of a machine can read command lines."""
    host = url.query.get("host") or url.host
    given = {
        "PGHOST": host if isinstance(host, str) else None,
        "PGPORT": None if url.port is None else str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": None if url.password is None else str(url.password),
        "PGDATABASE": url.database,
    }
    return {**os.environ, **{name: value for name, value in given.items() if value}}
