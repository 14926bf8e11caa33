"""Rows of an imported file, how they are refused by cell, and what came of them."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from storage.errors import HangjiError

Parsed = TypeVar("Parsed")


class ImportRefusedError(Exception):
    """A file with wrong rows; nothing of it was written."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class CellRefusedError(ValueError):
    """One cell is wrong; the message names its row and column."""


def place_of(number: int, head: str | None = None) -> str:
    """Return how a message names a row, and the column by its head in the file."""
    row = f"第 {number} 行 (row {number})"
    return row if head is None else f"{row}“{head}”"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file; the head is row 1, as a spreadsheet counts."""

    number: int
    cells: Mapping[str, str]
    heads: Mapping[str, str]
    """The name of each column in the file."""

    def text(self, column: str) -> str:
        """Return a cell, empty when the file has no such column."""
        return self.cells.get(column, "")

    def required(self, column: str) -> str:
        """Return a cell that must be filled in."""
        return self.text(column) or self.refuse(
            column,
            "不能为空，请填写；表格里有合并单元格时请先取消合并并逐行填写"
            " (empty: fill it in, in every row of a merged cell)",
        )

    def refuse(self, column: str, problem: str) -> NoReturn:
        """Refuse a cell.

        Raises:
            CellRefusedError: always.
        """
        head = self.heads.get(column, column)
        named = head if head == column else f"{head} {column}"
        message = f"{place_of(self.number, named)}：{problem}。"
        raise CellRefusedError(message)


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read."""

    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()

    def has(self, column: str) -> bool:
        """Whether the file has a column."""
        return any(column in row.heads for row in self.rows[:1])


@dataclass(slots=True)
class Imported:
    """The result of an import."""

    rows: int
    added: int = 0
    changed: int = 0
    passwords: dict[str, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    """The changes, a line each."""
    warnings: list[str] = field(default_factory=list)
    """Warnings for review, a line each; such a row was imported or left unchanged."""


def parse(rows: Iterable[Row], of_row: Callable[[Row], Parsed]) -> list[tuple[Row, Parsed]]:
    """Parse every row.

    Raises:
        ImportRefusedError: rows are wrong, all of them named.
    """
    parsed, problems = [], []
    for row in rows:
        try:
            parsed.append((row, of_row(row)))
        except CellRefusedError as error:
            problems.append(str(error))
        except HangjiError as error:
            problems.append(f"{place_of(row.number)}：{error.message}")
    if problems:
        raise ImportRefusedError(problems)
    return parsed


def unrepeated(
    parsed: Sequence[tuple[Row, Parsed]],
    key: Callable[[Parsed], Hashable | None],
    what: str,
    warnings: list[str],
) -> list[tuple[Row, Parsed]]:
    """Return the rows without repetitions, which are added to the warnings.

    Raises:
        ImportRefusedError: rows with the same key differ; both are named.
    """
    first: dict[Hashable, tuple[Row, Parsed]] = {}
    kept, problems = [], []
    for row, value in parsed:
        name = key(value)
        before = None if name is None else first.setdefault(name, (row, value))
        if before is None or before[0] is row:
            kept.append((row, value))
        elif before[1] == value:
            warnings.append(
                f"{place_of(before[0].number)}与{place_of(row.number)}相同，只导入一次"
                " (the same row twice, imported once)。"
            )
        else:
            problems.append(
                f"{place_of(before[0].number)}与{place_of(row.number)}：{what}相同而内容不同，"
                "请只保留正确的一行 (same key, different content: keep the right row)。"
            )
    if problems:
        raise ImportRefusedError(problems)
    return kept
