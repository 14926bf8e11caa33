"""One statement of the hot path on PostgreSQL, handed to libpq itself; prepared once a connection.

A cursor of the driver takes several times what looking up a row by its key takes: it converts,
plans its own preparing and waits in steps that Python resumes. Here a statement is one call that
waits without holding the interpreter, and rows are read by the driver's own binary loaders.
"""

import re
import select
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from storage.database.drivers import BEGIN, BEGIN_READING, Parameters, Rows

_COMMIT: Final = "commit"

_PLACE: Final = re.compile(r"%\((\w+)\)s|%%")
_KEPT_AT_MOST: Final = 64
"""The server keeps some 0.4 MB for each step statement of each connection."""
_TEXT: Final = int(Format.TEXT)
_BINARY: Final = int(Format.BINARY)
_TUPLES: Final = int(ExecStatus.TUPLES_OK)
_DONE: Final = frozenset({int(ExecStatus.COMMAND_OK), _TUPLES})


class Connection(psycopg.Connection[Any]):
    """A connection whose hot statements, and the ends of whose transactions, go straight to libpq.

    The beginning of a transaction travels with its first statement, and its last statement with
    the commit: two round trips less. The driver's own `rollback` would also forget every statement
    that is kept prepared.
    """

    def __init__(self, pgconn: PGconn) -> None:
        super().__init__(pgconn)
        self._reader: Any = Transformer(self)  # its C twin is not typed
        self._names: dict[str, bytes] = {}
        self._count = 0
        self._begins: str | None = None
        self._last: _Last | None = None
        self._ready = select.poll()
        self._ready.register(pgconn.socket, select.POLLIN)

    @property
    def statements(self) -> tuple[str, ...]:
        """The prepared statements, the last used one at the end."""
        return tuple(self._names)

    def run(self, text: str, parameters: Parameters) -> Rows:
        """Run a statement and return its rows.

        Its places are `%(name)s` when the parameters have names, else `$1`, `$2` and so on.
        """
        call = self._call(text, parameters)
        if self._last is not None:
            self._settle()
        if self._begins is None:
            result = self.pgconn.exec_prepared(call.name, call.values, call.formats, _BINARY)
        else:
            begun, result = self._together(self._call(self._begins), call)
            self._begins = None
            self._checked(begun)
        self._checked(result)
        if result.status != _TUPLES:
            return ()
        self._reader.set_pgresult(result)
        rows: Rows = self._reader.load_rows(0, result.ntuples, tuple)
        return rows

    def run_last(
        self, text: str, parameters: Parameters, *, refused: Callable[[], Exception]
    ) -> None:
        """Run a statement with the commit, or before whatever else is run until then.

        A division by zero is its way of saying that it must not happen: then `refused` is raised.
        """
        self._settle()
        self._last = _Last(self._call(text, parameters), refused)

    def begin(self, *, is_reading: bool) -> None:
        """Begin a transaction; a reader gets one snapshot, without later commits of others."""
        self._begins = BEGIN_READING if is_reading else BEGIN

    def commit(self) -> None:
        """End the transaction, if there is one."""
        last, self._begins, self._last = self._last, None, None
        if last is not None:
            done, ended = self._together(last.call, self._call(_COMMIT))
            self._accept(done, last)
            self._checked(ended)
        elif self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._checked(self.pgconn.exec_(_COMMIT.encode()))

    def rollback(self) -> None:
        """Take the transaction back, if there is one."""
        self._begins = self._last = None
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._checked(self.pgconn.exec_(b"rollback"))

    def cursor(self, *args: Any, **more: Any) -> Any:
        """Return a cursor of the driver; what waits to be sent is sent before."""
        self._settle()
        return super().cursor(*args, **more)

    def _settle(self) -> None:
        """Send what waits for something to travel with."""
        begins, self._begins = self._begins, None
        if begins is not None:
            self._checked(self.pgconn.exec_(begins.encode()))
        last, self._last = self._last, None
        if last is not None:
            call = last.call
            done = self.pgconn.exec_prepared(call.name, call.values, call.formats, _BINARY)
            self._accept(done, last)

    def _call(self, text: str, parameters: Parameters = ()) -> "_StatementCall":
        name = self._names.pop(text, None) or self._prepare(text)
        self._names[text] = name  # as the one used last
        if not parameters:
            return _StatementCall(name, [], [])
        if isinstance(parameters, dict):
            parameters = [parameters[name_] for name_ in _numbered(text).names]
        # An encoder would keep what PostgreSQL refuses, and cut the text there.
        if "\x00" in "".join([parameter for parameter in parameters if isinstance(parameter, str)]):
            message = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
            raise psycopg.DataError(message)
        values: list[Any] = [_WRITERS[type(parameter)](parameter) for parameter in parameters]
        return _StatementCall(
            name,
            values,
            [_BINARY if type(parameter) is bytes else _TEXT for parameter in parameters],
        )

    def _prepare(self, text: str) -> bytes:
        if len(self._names) >= _KEPT_AT_MOST:
            oldest = next(iter(self._names))
            self._checked(self.pgconn.exec_(b"deallocate " + self._names.pop(oldest)))
        self._count += 1
        name = b"hangji_%d" % self._count
        self._checked(self.pgconn.prepare(name, _numbered(text).text))
        return name

    def _together(
        self, first: "_StatementCall", second: "_StatementCall"
    ) -> tuple[PGresult, PGresult]:
        """Run two statements in one round trip; after a failure the second is not run."""
        pgconn = self.pgconn
        pgconn.enter_pipeline_mode()
        try:
            for call in (first, second):
                pgconn.send_query_prepared(call.name, call.values, call.formats, _BINARY)
            pgconn.pipeline_sync()
            results = self._results(3)
        finally:
            if pgconn.status == ConnStatus.OK:
                pgconn.exit_pipeline_mode()
        return results[0], results[1]

    def _results(self, count: int) -> list[PGresult]:
        """The results of several statements and, after each, nothing; the last says all is over."""
        pgconn, results = self.pgconn, list[PGresult]()
        was_nothing = False
        while len(results) < count:
            while pgconn.is_busy():
                self._ready.poll()  # lets other threads run; requesting the result would not
                pgconn.consume_input()
            result = pgconn.get_result()
            if result is not None:
                results.append(result)
            elif was_nothing:
                message = "the connection was lost while a statement ran"
                raise psycopg.OperationalError(message)
            was_nothing = result is None
        return results

    def _accept(self, result: PGresult, last: "_Last") -> None:
        try:
            self._checked(result)
        except psycopg.errors.DivisionByZero as error:
            raise last.refused() from error

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in _DONE:
            return result
        if self.pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError(result.get_error_message())
        error = error_from_result(result)
        if isinstance(error, InvalidSqlStatementName | FeatureNotSupported):
            # Let go by `deallocate all`, or planned for columns that have changed since; what is
            # prepared is prepared again, and the piece of work is done again.
            self._names.clear()
        raise error


class _StatementCall(NamedTuple):
    """A prepared statement and its parameters, as libpq takes them."""

    name: bytes
    values: list[Any]
    formats: list[int]


class _Last(NamedTuple):
    """A statement that waits for the commit, and what to raise when it must not happen."""

    call: _StatementCall
    refused: Callable[[], Exception]


class _Numbered(NamedTuple):
    """A statement as PostgreSQL takes it, and the names behind its numbers."""

    text: bytes
    names: tuple[str, ...]


@lru_cache(maxsize=2048)
def _numbered(text: str) -> _Numbered:
    places: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found[1]
        return "%" if name is None else f"${places.setdefault(name, len(places) + 1)}"

    numbered = _PLACE.sub(number, text)
    return _Numbered(numbered.encode(), tuple(places))


_Writer = Callable[[Any], bytes | None]


class _Writers(dict[type, _Writer]):
    """Encoders by class; a subclass uses the encoder of its base class."""

    def __missing__(self, kind: type) -> _Writer:
        writer = next((self[base] for base in kind.__mro__[1:] if base in self), None)
        if writer is None:
            message = f"no column takes {kind.__name__}"
            raise TypeError(message)
        self[kind] = writer
        return writer


_WRITERS: Final = _Writers(
    {
        str: str.encode,
        int: b"%d".__mod__,
        float: lambda value: repr(value).encode(),
        bool: lambda value: b"t" if value else b"f",
        bytes: lambda value: value,
        datetime: lambda value: value.isoformat().encode(),
        type(None): lambda _: None,
    }
)
"""Values as text, for the cast in the statement; bytes stay as they are."""
