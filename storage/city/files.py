"""Reading files of a city pack; a wrong cell is refused by file, row and column."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from storage.errors import Refused


@dataclass(frozen=True, slots=True)
class PackFile:
    """`pack.json` as it was read; a file that cannot be read has no entries."""

    file: Path
    entries: dict[str, Any]

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Raise the refusal of an entry."""
        raise _refusal(self.file, 1, key, problem)


@dataclass(frozen=True, slots=True)
class PackRow:
    """One row of a file of the pack; the header is row 1."""

    file: Path
    number: int
    cells: dict[str, str | None]

    def refuse(self, column: str, problem: str) -> NoReturn:
        """Raise the refusal of a cell."""
        raise _refusal(self.file, self.number, column, problem)

    def text(self, column: str) -> str:
        """Return a cell, empty when it is missing."""
        return self.cells.get(column) or ""

    def required(self, column: str) -> str:
        """Return a cell that must be filled in."""
        return self.text(column) or self.refuse(column, "不能为空，请填写 (empty, fill it in)")

    def choice(self, column: str, allowed: tuple[str, ...]) -> str:
        """Return a cell that holds one of a few words."""
        value = self.text(column)
        if value not in allowed:
            known = ", ".join(name or "(empty)" for name in allowed)
            self.refuse(column, f"“{value}” 不可用，请写 (write one of): {known}")
        return value

    def number_of(self, column: str) -> int:
        """Return the whole number of a cell."""
        value = self.required(column)
        if not (value.isascii() and value.isdigit()):
            self.refuse(column, f"“{value}” 不是数，请写整数 (write a whole number)")
        return int(value)

    def flag(self, column: str) -> bool:
        """Return whether a cell means yes."""
        return self.choice(column, ("yes", "no")) == "yes"


def pack_rows(path: Path, columns: tuple[str, ...]) -> Iterator[PackRow]:
    """Read the rows of a file of a pack.

    Raises:
        Refused: the file or a column is missing.
    """
    if not path.is_file():
        raise _refusal(path, 1, columns[0], "没有这个文件 (no such file)")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for column in columns:
            if column not in (reader.fieldnames or ()):
                raise _refusal(path, 1, column, "缺少这一列 (the column is missing)")
        for number, cells in enumerate(reader, start=2):
            yield PackRow(path, number, cells)


def read_pack(path: Path) -> PackFile:
    """Read `pack.json`; each entry is checked where it is read."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        entries = None
    return PackFile(path, entries if isinstance(entries, dict) else {})


def listed_rows(pack: PackFile, name: str, key: str) -> list[PackRow]:
    """The entries of a list of pack.json as rows, the first is row 1; none is there twice."""
    listed = pack.entries.get(name)
    if not (
        isinstance(listed, list) and listed and all(isinstance(entry, dict) for entry in listed)
    ):
        pack.refuse(name, f"请列出 {{{key}, zh, en, …}} (list the {name})")
    rows = []
    known: set[str] = set()
    for number, given in enumerate(listed, start=1):
        cells = dict.fromkeys((key, "zh", "en", "when"), "")
        cells |= {column: str(value) for column, value in given.items()}
        row = PackRow(pack.file, number, dict(cells))
        if row.required(key) in known:
            row.refuse(key, f"{row.text(key)} 重复 (double)")
        known.add(row.text(key))
        rows.append(row)
    return rows


def _refusal(file: Path, number: int, column: str, problem: str) -> Refused:
    message = f"{file}: 第 {number} 行 (row) {column}: {problem}。"
    return Refused(message, code="city_pack_invalid", file=file.name, row=number, column=column)
