"""One statement of the hot path on PostgreSQL, handed to libpq itself; prepared once a connection.

A cursor of the driver takes several times what looking up a row by its key takes: it converts,
plans its own preparing and waits in steps that Python resumes. Here a statement is one call that
waits without holding the interpreter, and rows are read by the driver's own binary loaders.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

Rows = Sequence[tuple[Any, ...]]

_PLACE: Final = re.compile(r"%\((\w+)\)s|%%")
_KEPT_AT_MOST: Final = 500
_TEXT: Final = int(Format.TEXT)
_BINARY: Final = int(Format.BINARY)
_TUPLES: Final = int(ExecStatus.TUPLES_OK)
_DONE: Final = frozenset({int(ExecStatus.COMMAND_OK), _TUPLES})


class Connection(psycopg.Connection[Any]):
    """A connection whose hot statements, and the ends of whose transactions, go straight to libpq.

    The driver's own `rollback` would also forget every statement that is kept prepared.
    """

    def __init__(self, pgconn: PGconn) -> None:
        super().__init__(pgconn)
        self._reader: Any = Transformer(self)  # its C twin is not typed
        self._names: dict[str, bytes] = {}
        self._count = 0

    @property
    def statements(self) -> tuple[str, ...]:
        """What is kept prepared, oldest first."""
        return tuple(self._names)

    def run(self, text: str, parameters: Mapping[str, Any] | Sequence[Any]) -> Rows:
        """Run a statement; gives its rows.

        Its places are `%(name)s` when the parameters have names, else `$1`, `$2` and so on.
        """
        name = self._names.get(text) or self._prepare(text)
        if isinstance(parameters, dict):
            parameters = [parameters[one] for one in _numbered(text).names]
        values: list[Any] = [_WRITERS[type(one)](one) for one in parameters]
        formats = [_BINARY if type(one) is bytes else _TEXT for one in parameters]
        result = self._checked(self.pgconn.exec_prepared(name, values, formats, _BINARY))
        if result.status != _TUPLES:
            return ()
        self._reader.set_pgresult(result)
        rows: Rows = self._reader.load_rows(0, result.ntuples, tuple)
        return rows

    def begin(self, *, is_reading: bool) -> None:
        """Begin a transaction; a reader sees one picture, not what others commit meanwhile."""
        self._command(b"begin isolation level repeatable read" if is_reading else b"begin")

    def commit(self) -> None:
        """End the transaction, if there is one."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._command(b"commit")

    def rollback(self) -> None:
        """Take the transaction back, if there is one."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._command(b"rollback")

    def _command(self, text: bytes) -> None:
        self._checked(self.pgconn.exec_(text))

    def _prepare(self, text: str) -> bytes:
        if len(self._names) >= _KEPT_AT_MOST:
            oldest = next(iter(self._names))
            self._command(b"deallocate " + self._names.pop(oldest))
        self._count += 1
        name = b"hangji_%d" % self._count
        self._checked(self.pgconn.prepare(name, _numbered(text).text))
        self._names[text] = name
        return name

    def _checked(self, result: PGresult) -> PGresult:
        status = result.status
        if status in _DONE:
            return result
        if self.pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError(result.get_error_message())
        error = error_from_result(result)
        if isinstance(error, InvalidSqlStatementName):
            # `deallocate all` by somebody else; the piece of work is done again.
            self._names.clear()
        raise error


@dataclass(frozen=True, slots=True)
class _Numbered:
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


def _text(value: str) -> bytes:
    # An encoder would keep what PostgreSQL refuses, and cut the text there.
    if "\x00" in value:
        message = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
        raise psycopg.DataError(message)
    return value.encode()


_Writer = Callable[[Any], bytes | None]


class _Writers(dict[type, _Writer]):
    """How a value is written, by its class; a subclass is written as what it is built on."""

    def __missing__(self, kind: type) -> _Writer:
        writer = next((self[base] for base in kind.__mro__[1:] if base in self), None)
        if writer is None:
            message = f"no column takes {kind.__name__}"
            raise TypeError(message)
        self[kind] = writer
        return writer


_WRITERS: Final = _Writers(
    {
        str: _text,
        int: lambda value: b"%d" % value,
        bool: lambda value: b"t" if value else b"f",
        bytes: lambda value: value,
        datetime: lambda value: value.isoformat().encode(),
        type(None): lambda _: None,
    }
)
"""Values as text, for the cast in the statement; bytes stay as they are."""
