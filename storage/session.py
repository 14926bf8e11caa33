"""Where a transaction begins and ends, for both databases; the only place that commits."""

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar, cast

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool, QueuePool

from storage import libpq
from storage.errors import Conflict, FormInvalid, HangjiError, Overloaded, Refused
from storage.tables import OWNER_NOT_BELOW_COLLECTOR

__all__ = ["Database", "Session", "StatementCount"]

Session: TypeAlias = Connection
"""What storage functions receive: one open transaction. It cannot outlive its `with` block."""

Result = TypeVar("Result")

# Every statement of a step is one probe by key; compiling it to machine code costs more (jit).
_POSTGRES_OPTIONS = (
    "-c timezone=UTC -c jit=off -c lock_timeout=10s -c idle_in_transaction_session_timeout=120s"
)

# Serialization failure, deadlock, lock timeout, a prepared statement that was let go or is planned
# for other columns: the database has taken everything back.
_ROLLED_BACK_STATES = frozenset({"40001", "40P01", "55P03", "26000", "0A000"})
_BUSY_TIMEOUT_MS = 30_000
_RETRY_AFTER_SECONDS = 2
_PREPARED_STATEMENTS = 500

_HEARERS = "hangji_hearers"

_open: ContextVar[bool] = ContextVar("hangji_transaction_open", default=False)


class StatementCount:
    """The SQL texts that ran while counting, for tests and for the step budget."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __len__(self) -> int:
        """Say how many ran."""
        return len(self.statements)


class Database:
    """One database, SQLite or PostgreSQL, behind the same two doors.

    `transaction()` writes and `reading()` reads; opening one inside another is refused, because
    the outer one must be able to promise that all of it happens or nothing.
    """

    def __init__(self, url: str, *, pool_size: int = 10, pooled: bool = True) -> None:
        self.url = make_url(_with_driver(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._hearers: list[Callable[[str], None]] = []
        self._engine = self._create(pool_size, pooled=pooled).execution_options(
            **{_HEARERS: self._hearers}
        )
        self._turns = _Turns()
        event.listen(self._engine, "before_cursor_execute", self._hear)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write: commit when the block returns, roll back when it raises."""
        with self._alone():
            if self.is_sqlite:
                with self._turns.taken(), self._opened(is_reading=False) as session:
                    yield session
            else:
                with self._opened(is_reading=False) as session:
                    yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read one consistent picture; nothing written here survives."""
        with self._alone(), self._opened(is_reading=True) as session:
            yield session

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
        """Let `hear` know of every statement before it runs; what it raises breaks the statement.

        For counting, and for tests that break a step at each of its points.
        """
        self._hearers.append(hear)
        try:
            yield
        finally:
            self._hearers.remove(hear)

    def close(self) -> None:
        """Give all connections back to the system."""
        self._engine.dispose()

    def _create(self, pool_size: int, *, pooled: bool) -> Engine:
        pool: dict[str, Any] = (
            {"poolclass": QueuePool, "pool_size": pool_size, "max_overflow": 0, "pool_timeout": 30}
            if pooled
            else {"poolclass": NullPool}
        )
        if self.is_sqlite:
            made = create_engine(
                self.url, connect_args={"check_same_thread": False, "timeout": 30}, **pool
            )
            event.listen(made, "connect", _prepare_sqlite)
            event.listen(made, "begin", _begin_sqlite)
            return made
        # The driver would begin transactions by itself, in steps of its own; we say when and how.
        made = create_engine(
            self.url,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "options": _POSTGRES_OPTIONS,
                "prepare_threshold": 1,
                "application_name": "hangji",
            },
            **pool,
        )
        event.listen(made, "do_connect", _connect_postgres)
        event.listen(made, "begin", _begin_postgres)
        return made

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if _open.get():
            message = "a transaction is open already; pass its session on instead of opening one"
            raise RuntimeError(message)
        mark = _open.set(True)
        try:
            yield
        finally:
            _open.reset(mark)

    @contextmanager
    def _opened(self, *, is_reading: bool) -> Iterator[Session]:
        with _in_our_words(), self._engine.connect() as connection:
            if is_reading:
                connection.info["reading"] = True
            try:
                with connection.begin() as transaction:
                    yield connection
                    if is_reading:
                        transaction.rollback()
            finally:
                if not connection.invalidated:
                    connection.info.pop("reading", None)

    def _hear(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        for hear in self._hearers:
            hear(statement)


class _Turns:
    """Writers of one SQLite file wait in line: first come, first served.

    The file's own lock is unfair; under load one writer can wait for seconds
    (notes/reliability.md section 7).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._busy = False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for my turn, hand on to the next when done."""
        turn = threading.Event()
        with self._lock:
            if self._busy:
                self._waiting.append(turn)
            else:
                self._busy = True
                turn.set()
        turn.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._busy = False


def _with_driver(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin transactions by itself, and late; we say when and how.
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


def hear(session: Session, text: str) -> None:
    """Tell who listens to the database of a session that a statement is about to run."""
    for one in session.get_execution_options()[_HEARERS]:
        one(text)


def driver_of(session: Session) -> libpq.Connection:
    """Give the driver's own connection under a session on PostgreSQL."""
    return cast("libpq.Connection", session.connection.dbapi_connection)


def as_toolkit_error(
    session: Session,
    error: Any,  # noqa: ANN401 - of whichever driver
    text: str,
    parameters: Any = None,  # noqa: ANN401 - as the driver takes it
) -> StatementError:
    """Say an error of the driver as SQLAlchemy does.

    With one connection lost the others in the pool are as good as lost: all are made anew.
    """
    driver = session.dialect.loaded_dbapi.Error
    is_lost = session.dialect.is_disconnect(error, session.connection, None)
    if is_lost:
        session.invalidate(error)
        session.engine.dispose()
    said: StatementError = DBAPIError.instance(
        text,
        parameters,
        error,
        driver,
        connection_invalidated=is_lost,
        dialect=session.dialect,
    )
    return said


def _begin_postgres(connection: Connection) -> None:
    driver_of(connection).begin(is_reading=bool(connection.info.get("reading")))


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails under load without waiting.
    is_reading = connection.info.get("reading")
    connection.exec_driver_sql("begin" if is_reading else "begin immediate")


def is_taken_back(error: BaseException) -> bool:
    """Whether the database gave way and has taken everything back: it may be tried again."""
    orig = getattr(error, "orig", None)
    return getattr(orig, "sqlstate", None) in _ROLLED_BACK_STATES


def _may_repeat(error: DBAPIError, *, is_keyed: bool) -> bool:
    return is_taken_back(error) or (is_keyed and error.connection_invalidated)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Say in hangji's errors what the database refuses for a reason of ours."""
    try:
        yield
    except (StatementError, PoolTimeout) as error:
        said = _said(error)
        if said is None:
            raise
        raise said from error


def _said(error: StatementError | PoolTimeout) -> HangjiError | None:
    if isinstance(error, IntegrityError):
        return _translated(error)
    if isinstance(error, DataError):
        # Bad input that slipped past every form is still bad input (api.md: never 5xx).
        message = "输入中有数据库无法保存的字符或数值。"
        return FormInvalid(message, errors=[("", message)], code="bad_value")
    if isinstance(error, PoolTimeout):
        return _overloaded()
    if isinstance(error, OperationalError):
        return _overloaded() if _is_full_or_locked(error) or _is_away(error) else None
    # A step that lost its race may say so when the next statement pushes it out.
    return error.orig if isinstance(error.orig, HangjiError) else None


def _translated(error: IntegrityError) -> HangjiError | None:
    text = str(error.orig)
    if OWNER_NOT_BELOW_COLLECTOR in text:
        return Refused(
            "上级采集的事件不得流转到下级办理；请转给同级或上级。",
            code="owner_below_collector",
            clause="R26",
        )
    if "idempotency" in text:
        return Conflict(
            "同一请求正在处理，请稍后重试。",
            code="key_in_use",
        )
    return None


def _is_full_or_locked(error: OperationalError) -> bool:
    text = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    return state == "53100" or any(
        sign in text for sign in ("database is locked", "disk is full", "too many clients")
    )


def _is_away(error: OperationalError) -> bool:
    """Whether nobody answered at all: nothing was asked yet, so nothing can have happened."""
    is_unasked = error.statement is None and not error.connection_invalidated
    text = str(error.orig)
    return is_unasked and ("connection failed" in text or "connection is bad" in text)


def _overloaded() -> Overloaded:
    return Overloaded(
        "系统繁忙，请稍后再试。",
        retry_after=_RETRY_AFTER_SECONDS,
    )
