"""Connections to one database, kept ready between transactions.

Taking a connection out of the toolkit's pool and putting it back costs as much as a look-up by
key; the toolkit still opens them, counts them and says when there are too many.
"""

import threading

from sqlalchemy import Engine
from sqlalchemy.pool import NullPool

from storage.database.connections import Hearers, Kept


class ReadyConnections:
    """At most so many connections; one that was used last is used next."""

    def __init__(self, opener: Engine, hearers: Hearers, *, is_fast: bool) -> None:
        self._keeps = not isinstance(opener.pool, NullPool)
        self.opener = opener
        self._hearers = hearers
        self._is_fast = is_fast
        self._lock = threading.Lock()
        self._ready: list[Kept] = []
        self._taken: set[Kept] = set()
        self._generation = 0
        self._waiting = 0

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
            connection = Kept(self.opener, self._hearers, is_fast=self._is_fast)
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
        self.opener.dispose()
