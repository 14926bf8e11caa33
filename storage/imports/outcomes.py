"""What came of each row of a file, and the interface every kind of import implements.

Reading a file asks nothing of the rows that are there; `judge` compares a chunk of rows with the
database, `write` writes what was judged, both for a chunk in one transaction.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from storage.database.session import Session
from storage.errors import HangjiError
from storage.imports.rows import CellRefusedError, Row, Table, place_of

Value = dict[str, Any]
"""What the cells of a row mean, as a document."""

Outcome = Literal["added", "changed", "same", "refused", "review"]


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row whose cells are right; `place` is its position in the order of writing."""

    place: int
    number: int
    value: Value
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a row does, or did: `before` and `after` are the fields it changes."""

    entry: ParsedRow
    outcome: Outcome
    subject: str | None = None
    before: Value | None = None
    after: Value | None = None
    message: str | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class ImportAct:
    """The batch on whose behalf something is written, and when."""

    batch_id: int
    source: str
    now: datetime
    origin: str | None = None
    """Which kind of source a list of businesses is."""
    actor: str = ""
    is_full: bool = False
    """A list of businesses names all of its source."""


@dataclass(slots=True)
class ReadRows:
    """The rows of a file: those to be judged, and those settled by reading alone."""

    entries: list[ParsedRow] = field(default_factory=list)
    settled: list[Judged] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, entry: ParsedRow, problem: str) -> None:
        """Settle a row as refused."""
        self.entries = [kept for kept in self.entries if kept is not entry]
        self.settled.append(Judged(entry, "refused", message=problem))


class ImportKind(Protocol):
    """One kind of list: how its rows are read, judged, written and taken back."""

    def ordered(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Order the rows for writing, from their cells alone."""
        ...

    def read(self, session: Session, table: Table, act: ImportAct) -> ReadRows:
        """Read the rows, in the order of `ordered`."""
        ...

    def judge(self, session: Session, entries: Sequence[ParsedRow], act: ImportAct) -> list[Judged]:
        """Compare rows with the database; nothing is written."""
        ...

    def write(self, session: Session, rows: Sequence[Judged], act: ImportAct) -> list[Judged]:
        """Write rows that add or change something; return them with their subjects."""
        ...

    def undo(self, session: Session, row: Judged, act: ImportAct) -> str | None:
        """Take a written row back; return why it stays when it was changed since."""
        ...

    def warn(self, session: Session, rows: Iterable[Judged], act: ImportAct) -> list[str]:
        """List what is to be looked at after all rows were written."""
        ...


def parse(rows: Sequence[Row], of_row: Callable[[Row], Value]) -> ReadRows:
    """Read every row; those with a wrong cell are settled as refused."""
    reading = ReadRows()
    for place, row in enumerate(rows):
        try:
            reading.entries.append(ParsedRow(place, row.number, of_row(row)))
        except CellRefusedError as error:
            _refused(reading, place, row, str(error))
        except HangjiError as error:
            _refused(reading, place, row, f"{place_of(row.number)}：{error.message}")
    return reading


def unrepeated(reading: ReadRows, key: Callable[[Value], Hashable | None], what: str) -> ReadRows:
    """Settle repeated rows: the same row twice counts once, contradicting rows are refused."""
    first: dict[Hashable, ParsedRow] = {}
    wrong: dict[int, str] = {}
    kept = []
    for entry in reading.entries:
        name = key(entry.value)
        before = entry if name is None else first.setdefault(name, entry)
        if before is entry:
            kept.append(entry)
        elif before.value == entry.value:
            message = (
                f"{place_of(before.number)}与{place_of(entry.number)}相同，只导入一次"
                " (the same row twice, imported once)。"
            )
            reading.warnings.append(message)
            reading.settled.append(Judged(entry, "same", message=message))
        else:
            kept.append(entry)
            message = (
                f"{place_of(before.number)}与{place_of(entry.number)}：{what}相同而内容不同，"
                "请只保留正确的一行 (same key, different content: keep the right row)。"
            )
            wrong[entry.place] = message
            wrong.setdefault(before.place, message)
    refused = [
        Judged(entry, "refused", message=wrong[entry.place])
        for entry in kept
        if entry.place in wrong
    ]
    reading.settled += refused
    reading.entries = [entry for entry in kept if entry.place not in wrong]
    return reading


def refused_as(rows: Iterable[Judged], problems: dict[int, str]) -> list[Judged]:
    """Refuse the rows at the places of `problems`; return all of them."""
    return [
        replace(row, outcome="refused", message=problems[row.entry.place])
        if row.entry.place in problems
        else row
        for row in rows
    ]


def _refused(reading: ReadRows, place: int, row: Row, problem: str) -> None:
    entry = ParsedRow(place, row.number, dict(row.cells))
    reading.settled.append(Judged(entry, "refused", message=problem))
