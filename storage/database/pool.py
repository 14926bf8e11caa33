"""Connections to one database, kept ready between transactions.

Taking a connection out of the toolkit's pool and putting it back costs as much as a look-up by
key; the toolkit still opens them, counts them and says when there are too many.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import URL, Connection, Dialect, Engine, RootTransaction, create_engine, event
from sqlalchemy.exc import ResourceClosedError
from sqlalchemy.pool import NullPool, QueuePool

from storage.database import postgres as libpq

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

    def __init__(self, opener: Engine, hearers: Hearers) -> None:
        super().__init__(opener)
        self.hearers = hearers
        """Who hears of every statement before it runs."""
        self.is_over = True
        """Whether no transaction of ours is open."""

    def begin(self) -> RootTransaction:
        """Refuse: SQLAlchemy would begin one for whoever kept a session beyond its block.

        Raises:
            sqlalchemy.exc.ResourceClosedError: always.
        """
        raise ResourceClosedError(OVER)


class Connections:
    """At most so many connections; one that was used last is used next."""

    def __init__(self, url: URL, *, most: int | None, hearers: Hearers) -> None:
        self._keeps = most is not None
        self._engine = _engine(url, most)
        self._hearers = hearers
        self._lock = threading.Lock()
        self._ready: list[Kept] = []
        self._taken: set[Kept] = set()
        self._generation = 0
        self._waiting = 0

    @property
    def engine(self) -> Engine:
        """What opens them."""
        return self._engine

    def take(self) -> Kept:
        """Return a connection outside of any transaction; it waits while too many are taken.

        Raises:
            sqlalchemy.exc.TimeoutError: it waited for half a minute.
        """
        with self._lock:
            if self._ready:
                connection = self._ready.pop()
                self._taken.add(connection)
                return connection
            self._waiting += 1
            generation = self._generation
        try:
            connection = Kept(self._engine, self._hearers)
        finally:
            with self._lock:
                self._waiting -= 1
        with self._lock:
            if generation == self._generation:
                self._taken.add(connection)
        return connection

    def give_back(self, connection: Kept) -> None:
        """Keep a connection whose transaction went well for the next one."""
        with self._lock:
            is_ours = connection in self._taken
            self._taken.discard(connection)
            if is_ours and self._keeps and not self._waiting:
                self._ready.append(connection)
                return
        connection.close()

    def discard(self, connection: Kept) -> None:
        """Give up a connection whose transaction failed.

        With one connection lost the others are as good as lost: all are replaced, once.
        """
        with self._lock:
            is_ours = connection in self._taken
            self._taken.discard(connection)
        if connection.invalidated and is_ours:
            self.close()
        connection.close()

    def close(self) -> None:
        """Give all connections back to the system; those taken follow when they are given back."""
        with self._lock:
            ready, self._ready, self._taken = self._ready, [], set()
            self._generation += 1
        for connection in ready:
            connection.invalidate()
            connection.close()
        self._engine.dispose()


def _engine(url: URL, most: int | None) -> Engine:
    pool: dict[str, Any] = (
        {"poolclass": NullPool}
        if most is None
        else {
            "poolclass": QueuePool,
            "pool_size": most,
            "max_overflow": 0,
            "pool_timeout": _WAIT_SECONDS,
        }
    )
    if url.get_backend_name() == "sqlite":
        made = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30}, **pool)
        event.listen(made, "connect", _prepare_sqlite)
        return made
    # The driver would begin transactions automatically, in steps of its own; we say when and how.
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
    event.listen(made, "do_connect", _connect_postgres)
    return made


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin transactions automatically, and late; we say when and how.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "mmap_size=0",
    ):
        connection.execute(f"pragma {pragma}").close()


def _connect_postgres(
    _dialect: Dialect, _record: object, places: Sequence[Any], names: Mapping[str, Any]
) -> libpq.Connection:
    connection = libpq.Connection.connect(*places, **names)
    connection.prepared_max = _PREPARED_STATEMENTS
    return connection
