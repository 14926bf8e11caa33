"""Statements of the hot path, handed to the driver without the toolkit's result machinery.

Building result objects costs more than a look-up by key does. Event listeners still
receive every statement, so that statements can be counted and faults injected; errors are those of
the toolkit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Dialect, Select

from storage.database.drivers import Parameters, Rows
from storage.database.session import Session, as_toolkit_error, driver_of, hear

Question = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A question as one driver takes it, and how its values are read and written."""

    text: str
    places: tuple[str, ...] | None
    constants: Mapping[str, Any]
    writers: Mapping[str, Callable[[Any], Any]]
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]

    def bound(self, parameters: Mapping[str, Any]) -> Any:
        """Return the parameters by name or by place."""
        values = {**self.constants, **parameters}
        for name, write in self.writers.items():
            values[name] = write(values[name])
        return values if self.places is None else tuple(values[name] for name in self.places)

    def read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Turn what the driver gave into what the columns hold."""
        if not self.readers:
            return row
        values = list(row)
        for place, reader in self.readers:
            if values[place] is not None:
                values[place] = reader(values[place])
        return tuple(values)


_known: dict[tuple[int, str], _Compiled] = {}


def rows_of(session: Session, question: Question, parameters: Mapping[str, Any]) -> Rows:
    """Run a query defined at module level; return all rows."""
    if not session.is_fast:
        return [tuple(row) for row in session.execute(question, parameters)]
    known = _known.get((id(question), session.dialect.name))
    if known is None:
        known = _compile(question, session.dialect)
        _known[(id(question), session.dialect.name)] = known
    rows = run(session, known.text, known.bound(parameters))
    return [known.read(row) for row in rows] if known.readers else rows


def run(session: Session, text: str, parameters: Any) -> Rows:
    """Run one statement in the driver's syntax; return its rows, none when it has none."""
    hear(session, text)
    try:
        if session.dialect.name == "sqlite":
            return _run_sqlite(session, text, parameters)
        return driver_of(session).run(text, parameters)
    except session.dialect.loaded_dbapi.Error as error:
        raise as_toolkit_error(session, error, text, parameters) from error


def run_last(
    session: Session, text: str, parameters: Parameters, *, refused: Callable[[], Exception]
) -> None:
    """Run one statement on PostgreSQL that may be sent with the commit; return no rows."""
    hear(session, text)
    try:
        driver_of(session).run_last(text, parameters, refused=refused)
    except session.dialect.loaded_dbapi.Error as error:
        raise as_toolkit_error(session, error, text, parameters) from error


def _run_sqlite(session: Session, text: str, parameters: Any) -> Rows:
    cursor = session.connection.cursor()
    try:
        cursor.execute(text, parameters)
        rows: Rows = cursor.fetchall()
    finally:
        cursor.close()
    return rows


def _compile(question: Question, dialect: Dialect) -> _Compiled:
    compiled = question.compile(dialect=dialect)
    writers = {
        name: write
        for name, bind in compiled.binds.items()
        if (write := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    readers = [
        (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
        for place, column in enumerate(question.selected_columns)
    ]
    places = compiled.positiontup
    return _Compiled(
        str(compiled),
        None if places is None else tuple(places),
        {name: bind.value for name, bind in compiled.binds.items() if not bind.required},
        writers,
        tuple((place, read) for place, read in readers if read is not None),
    )
