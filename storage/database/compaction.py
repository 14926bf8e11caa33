"""Making sure that what was deleted is gone from the file of a SQLite database."""

import sqlite3
from contextlib import closing
from typing import Final

from storage.database.session import Database

__all__ = ["compact"]

_WAIT_SECONDS: Final = 30.0
# Deleted words stay in the segments of the search index until it is built again, deleted rows in
# free pages until the file is written again, and both in the log until it is emptied.
_STATEMENTS: Final = (
    "insert into case_words (case_words) values ('rebuild')",
    "vacuum",
    "pragma wal_checkpoint(truncate)",
)


def compact(database: Database) -> bool:
    """Write a SQLite file again without what was deleted; False while others keep it busy.

    PostgreSQL has autovacuum for it.
    """
    if not database.is_sqlite:
        return True
    path = str(database.url.database)
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
        try:
            for statement in _STATEMENTS:
                connection.execute(statement)
        except sqlite3.OperationalError:
            return False
    return True
