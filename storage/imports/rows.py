"""Rows of an imported file as they were read, and how they are refused by cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn


class ImportRefusedError(Exception):
    """A file that cannot be read without losing something; `heads` is what it has, if known."""

    def __init__(self, problems: list[str], heads: "tuple[FileHead, ...]" = ()) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.heads = heads


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
class FileHead:
    """One column of a file: its name there, the column it is read as, and a cell of it."""

    name: str
    column: str | None
    sample: str


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was read."""

    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()
    heads: tuple[FileHead, ...] = ()

    def has(self, column: str) -> bool:
        """Whether the file has a column."""
        return any(column in row.heads for row in self.rows[:1])
