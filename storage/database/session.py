"""Where a transaction begins and ends, for both databases; the only place that commits."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, ResourceClosedError, StatementError

from storage.database.addresses import masked, read_address
from storage.database.connections import OVER, Connections, Kept, open_engine
from storage.database.drivers import Driver
from storage.database.refusals import refusal_of

__all__ = ["Database", "Session", "StatementCount"]

Session: TypeAlias = Kept
"""One open transaction, passed to storage functions. It cannot outlive its `with` block."""

Result = TypeVar("Result")

# Serialization failure, deadlock, lock timeout, a prepared statement that was let go or is planned
# for other columns: the database has taken everything back.
_ROLLED_BACK_STATES: Final = frozenset({"40001", "40P01", "55P03", "26000", "0A000"})

_open: ContextVar[bool] = ContextVar("hangji_transaction_open", default=False)


class StatementCount:
    """The SQL texts that ran while counting, for tests and for the step budget."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __len__(self) -> int:
        """The number of statements that ran."""
        return len(self.statements)


class Database:
    """One database, SQLite or PostgreSQL, behind the same two doors.

    `transaction()` writes and `reading()` reads; opening one inside another is refused, because
    the outer one must be able to promise that all of it happens or nothing.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        pooled: bool = True,
        has_fast_rows: bool = True,
    ) -> None:
        self.url = read_address(url)
        self.shown = masked(url)
        """The address as it may be printed."""
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._hearers: list[Callable[[str], None]] = []
        opener = open_engine(self.url, most=pool_size if pooled else None, is_fast=has_fast_rows)
        self._connections = Connections(opener, self._hearers, is_fast=has_fast_rows)
        self._turns = _Turns()
        self._is_heard = False

    def transaction(self) -> AbstractContextManager[Session]:
        """Write: commit when the block returns, roll back when it raises."""
        turns = self._turns if self.is_sqlite else None
        return _Transaction(self._connections, turns, is_reading=False)

    def reading(self) -> AbstractContextManager[Session]:
        """Read one consistent picture; nothing written here survives."""
        return _Transaction(self._connections, None, is_reading=True)

    def run(
        self,
        work: Callable[[Session], Result],
        *,
        is_keyed: bool = False,
        attempts: int = 5,
        pause: Callable[[float], None] = time.sleep,
    ) -> Result:
        """Do a WHOLE piece of work in one transaction, again when the database gave way.

        After a lost connection nobody knows whether the commit happened: that is tried again
        only with `is_keyed`, when an idempotency key inside `work` answers the question.
        """
        for attempt in range(1, attempts + 1):
            try:
                with self.transaction() as session:
                    return work(session)
            except DBAPIError as error:
                if attempt == attempts or not _may_repeat(error, is_keyed=is_keyed):
                    raise
                pause(random.uniform(0.5, 1.5) * 0.02 * 2**attempt)  # noqa: S311 - jitter, no secret
        raise AssertionError  # pragma: no cover - the loop returns or raises

    @contextmanager
    def counting(self) -> Iterator[StatementCount]:
        """Collect the statements that run inside the block, in any thread."""
        count = StatementCount()
        with self.interrupted(count.statements.append):
            yield count

    @contextmanager
    def interrupted(self, hear: Callable[[str], None]) -> Iterator[None]:
        """Call `hear` with every statement before it runs; an exception in it aborts the statement.

        For counting, and for tests that break a step at each of its points.
        """
        if not self._is_heard:
            # Only now: a listener on the toolkit costs time in every transaction.
            event.listen(self._connections.opener, "before_cursor_execute", self._hear)
            self._is_heard = True
        self._hearers.append(hear)
        try:
            yield
        finally:
            self._hearers.remove(hear)

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def _hear(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        for hear in self._hearers:
            hear(statement)


class _Transaction:
    """One transaction as a `with` block; a generator in its place would cost as much as a look-up.

    What the database refuses for a reason of ours leaves the block in our words.
    """

    __slots__ = ("_connections", "_is_reading", "_mark", "_session", "_turns")
    _mark: Token[bool]
    _session: Kept

    def __init__(
        self, connections: Connections, turns: "_Turns | None", *, is_reading: bool
    ) -> None:
        self._connections = connections
        self._turns = turns
        self._is_reading = is_reading

    def __enter__(self) -> Session:
        if _open.get():
            message = "a transaction is open already; pass its session on instead of opening one"
            raise RuntimeError(message)
        if self._turns is not None:
            self._turns.take()
        try:
            self._session = self._begun()
        except BaseException as error:
            self._hand_on()
            _say(error)
            raise
        self._mark = _open.set(True)
        return self._session

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._session.is_over = True
        try:
            if error is None:
                self._end()
            else:
                self._give_up(self._session)
        except Exception as failed:
            _say(failed)
            raise
        finally:
            self._hand_on()
            _open.reset(self._mark)
        _say(error)

    def _begun(self) -> Kept:
        session = self._connections.take()
        try:
            Connection.begin(session)  # its own `begin` refuses everybody else
            if session.dialect.name == "sqlite":
                # A deferred transaction that reads and then writes fails under load, unwaited for.
                session.exec_driver_sql("begin" if self._is_reading else "begin immediate")
            else:
                driver_of(session).begin(is_reading=self._is_reading)
        except BaseException:
            self._give_up(session)
            raise
        session.is_over = False
        return session

    def _end(self) -> None:
        try:
            if self._is_reading:
                self._session.rollback()
            else:
                self._session.commit()
        except BaseException:
            self._give_up(self._session)
            raise
        self._connections.give_back(self._session)

    def _give_up(self, session: Kept) -> None:
        try:
            if not session.invalidated:
                # After a commit that failed the toolkit takes the transaction for ended.
                session.connection.rollback()
        except session.dialect.loaded_dbapi.Error as error:
            session.invalidate(error)
        except BaseException:
            session.invalidate()
            raise
        finally:
            self._connections.discard(session)

    def _hand_on(self) -> None:
        if self._turns is not None:
            self._turns.hand_on()


def _say(error: BaseException | None) -> None:
    """Raise in our words what the database refused for a reason of ours."""
    said = None if error is None else refusal_of(error)
    if said is not None:
        raise said from error


class _Turns:
    """Writers of one SQLite file wait in line: first come, first served.

    The file's own lock is unfair; under load one writer can wait for seconds
    (notes/reliability.md section 7).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._busy = False

    def take(self) -> None:
        """Wait for my turn."""
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def hand_on(self) -> None:
        """Hand on to the next."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._busy = False


def hear(session: Session, text: str) -> None:
    """Notify the listeners of the session's database that a statement is about to run.

    Raises:
        sqlalchemy.exc.ResourceClosedError: the session was kept beyond its block.
    """
    if session.is_over:
        raise ResourceClosedError(OVER)
    for hearer in session.hearers:
        hearer(text)


def driver_of(session: Session) -> Driver:
    """Return the driver's own connection under a session on PostgreSQL."""
    taken: Any = session.connection
    driver: Driver = taken.dbapi_connection
    return driver


def as_toolkit_error(
    session: Session,
    error: Any,
    text: str,
    parameters: Any = None,
) -> StatementError:
    """Convert an error of the driver to SQLAlchemy's."""
    driver = session.dialect.loaded_dbapi.Error
    is_lost = session.dialect.is_disconnect(error, session.connection, None)
    if is_lost:
        session.invalidate(error)
    said: StatementError = DBAPIError.instance(
        text,
        parameters,
        error,
        driver,
        connection_invalidated=is_lost,
        dialect=session.dialect,
    )
    return said


def is_taken_back(error: BaseException) -> bool:
    """Whether the database gave way and has taken everything back: it may be tried again."""
    orig = getattr(error, "orig", None)
    return getattr(orig, "sqlstate", None) in _ROLLED_BACK_STATES


def _may_repeat(error: DBAPIError, *, is_keyed: bool) -> bool:
    return is_taken_back(error) or (is_keyed and error.connection_invalidated)
