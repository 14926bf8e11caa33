"""What the hot path needs of a connection to PostgreSQL, and the driver's own way of doing it."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import psycopg

Rows = Sequence[tuple[Any, ...]]
Parameters = dict[str, Any] | Sequence[Any]

BEGIN: Final = "begin"
BEGIN_READING: Final = "begin isolation level repeatable read"


class Driver(Protocol):
    """The hot statements of a connection; transactions end as the driver ends them."""

    def begin(self, *, is_reading: bool) -> None:
        """Begin a transaction; a reader gets one snapshot, without later commits of others."""
        ...

    def run(self, text: str, parameters: Parameters) -> Rows:
        """Run a statement and return its rows.

        Its places are `%(name)s` when the parameters have names, else `$1`, `$2` and so on.
        """
        ...

    def run_last(
        self, text: str, parameters: Parameters, *, refused: Callable[[], Exception]
    ) -> None:
        """Run the last statement of a transaction, at the latest with its commit.

        A division by zero is its way of saying that it must not happen: then `refused` is raised.
        """
        ...


class PlainConnection(psycopg.Connection[Any]):
    """A connection of the driver as it is: a cursor for each statement, at once."""

    def begin(self, *, is_reading: bool) -> None:
        """Begin a transaction."""
        self.execute(BEGIN_READING if is_reading else BEGIN)

    def run(self, text: str, parameters: Parameters) -> Rows:
        """Run a statement and return its rows."""
        kind = psycopg.Cursor if isinstance(parameters, dict) else psycopg.RawCursor
        with kind(self) as cursor:
            cursor.execute(text, parameters)
            return cursor.fetchall() if cursor.description else ()

    def run_last(
        self, text: str, parameters: Parameters, *, refused: Callable[[], Exception]
    ) -> None:
        """Run the last statement before the commit."""
        try:
            self.run(text, parameters)
        except psycopg.errors.DivisionByZero as error:
            raise refused() from error
