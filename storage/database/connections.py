"""Connections to one database: how they are opened, handed out and taken back.

The one door to `postgres`, the fast way of PostgreSQL's connections; its plain twin is the
driver's own. SQLAlchemy's pool bounds them and lets callers wait.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import URL, Connection, Dialect, Engine, RootTransaction, create_engine, event
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.pool import NullPool, QueuePool

from storage.database import postgres
from storage.database.drivers import Driver, PlainConnection

Hearers: TypeAlias = Sequence[Callable[[str], None]]

# Every statement of a step is one probe by key; compiling it to machine code costs more (jit).
_POSTGRES_OPTIONS: Final = (
    "-c timezone=UTC -c jit=off -c lock_timeout=10s -c idle_in_transaction_session_timeout=120s"
)
_BUSY_TIMEOUT_MS: Final = 30_000
_PREPARED_STATEMENTS: Final = 500
_WAIT_SECONDS: Final = 30
OVER: Final = "this session's transaction is over"


class Kept(Connection):
    """A connection that serves one transaction after another, and nothing in between."""

    def __init__(self, opener: Engine, hearers: Hearers, *, is_fast: bool) -> None:
        self.pool = opener.pool
        """The pool of the connection; a lost connection is replaced."""
        super().__init__(opener)
        self.is_fast = is_fast
        """Whether rows are read past SQLAlchemy's cursors and results."""
        self.hearers = hearers
        """Called with every statement before it runs."""
        self.is_over = True
        """Whether no transaction of ours is open."""

    def begin(self) -> RootTransaction:
        """Refuse: SQLAlchemy would begin one for a session used beyond its block.

        Raises:
            sqlalchemy.exc.ResourceClosedError: always.
        """
        raise ResourceClosedError(OVER)


class Connections:
    """Connections of SQLAlchemy's pool, checked out and in for each transaction."""

    def __init__(self, opener: Engine, hearers: Hearers, *, is_fast: bool) -> None:
        self.opener = opener
        self._hearers = hearers
        self._is_fast = is_fast

    def take(self) -> Kept:
        """Return a connection outside of any transaction; it waits while too many are taken.

        Raises:
            sqlalchemy.exc.TimeoutError: it waited for half a minute.
        """
        return Kept(self.opener, self._hearers, is_fast=self._is_fast)

    def give_back(self, connection: Kept) -> None:
        """Put a connection back into the pool; close it when the pool was replaced meanwhile."""
        if connection.pool is not self.opener.pool:
            connection.invalidate()
        connection.close()

    def discard(self, connection: Kept) -> None:
        """Put it back as well; with one lost all are replaced, once.

        A late one of the same loss leaves the new ones alone.
        """
        if connection.invalidated and connection.pool is self.opener.pool:
            self.close()
        self.give_back(connection)

    def close(self) -> None:
        """Close all connections."""
        self.opener.dispose()


def open_engine(url: URL, *, most: int | None, is_fast: bool) -> Engine:
    """Return what opens connections to a database, at most so many; None: a new one each time."""
    pool: dict[str, Any] = (
        {"poolclass": NullPool}
        if most is None
        else {
            "poolclass": QueuePool,
            "pool_size": most,
            "max_overflow": 0,
            "pool_timeout": _WAIT_SECONDS,
            "pool_use_lifo": True,  # its prepared statements are the warm ones
        }
    )
    if url.get_backend_name() == "sqlite":
        made = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30}, **pool)
        event.listen(made, "connect", _prepare_sqlite)
        return made
    # The driver would begin transactions automatically; this module begins them explicitly.
    made = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "options": _POSTGRES_OPTIONS,
            "prepare_threshold": 1,
            "application_name": "hangji",
        },
        **pool,
    )
    event.listen(made, "do_connect", _connect_fast if is_fast else _connect_plainly)
    return made


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin transactions automatically, and late; they are begun explicitly.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "mmap_size=0",
    ):
        connection.execute(f"pragma {pragma}").close()


def _connect_fast(
    _dialect: Dialect, _record: object, places: Sequence[Any], names: Mapping[str, Any]
) -> Driver:
    return _prepared(postgres.Connection.connect(*places, **names))


def _connect_plainly(
    _dialect: Dialect, _record: object, places: Sequence[Any], names: Mapping[str, Any]
) -> Driver:
    return _prepared(PlainConnection.connect(*places, **names))


def _prepared(connection: Any) -> Driver:
    connection.prepared_max = _PREPARED_STATEMENTS
    made: Driver = connection
    return made
