"""Overlaps and gaps of a decision table, found exactly rather than by trial.

Every column is divided into ranges within which no cell changes its result; one sample value
represents each range. Numbers are divided at every bound, texts at every text listed, and all
texts not listed share one sample.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Final

from engine.decisions.cells import Cell, Key, key_of
from engine.decisions.tables import DecisionTable, Output
from engine.decisions.types import constant, is_integer

OTHER_TEXT: Final = "（其他）"
OVERLAP_LIMIT: Final = 20
GAP_LIMIT: Final = 3
VISIT_LIMIT: Final = 20_000

Example = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows that both match the example."""

    first: str
    second: str
    example: Example


def list_overlaps(table: DecisionTable) -> list[Overlap]:
    """Pairs of rows that can match the same input, at most OVERLAP_LIMIT."""
    return list(islice(_overlaps(table, _columns(table)), OVERLAP_LIMIT))


def list_gaps(table: DecisionTable) -> list[Example]:
    """Inputs that no row matches, at most GAP_LIMIT; empty when the table is complete."""
    return _Gaps(table, _columns(table)).find()


def list_strays(table: DecisionTable) -> list[tuple[str, object]]:
    """Row and value of every input cell with a value its column does not allow."""
    findings = []
    for number, column in enumerate(table.inputs):
        for rule in table.rules:
            cell = rule.cells[number]
            if cell is None or column.allowed is None:
                continue
            strays = [key[1] for key in cell.keys if not column.allowed.fits(key)]
            findings += [(rule.id, value) for value in strays]
    return findings


def list_strange_answers(table: DecisionTable) -> list[tuple[str, object]]:
    """Row and value of every output its column does not allow; a row may have no output at all."""
    found: list[tuple[str, object]] = []
    for rule in table.rules:
        values = [constant(cell) for cell in rule.outputs]
        if any(value is not None for value in values):
            columns = zip(table.outputs, rule.outputs, values, strict=True)
            found += [
                (rule.id, value)
                for column, cell, value in columns
                if not cell.names and _is_strange(column, value)
            ]
    return found


def _is_strange(column: Output, value: object) -> bool:
    if is_integer(column.type) and type(value) is float:
        return True
    return column.allowed is not None and not column.allowed.fits(key_of(value))


def rows_by_sample(table: DecisionTable) -> list[Mapping[Key, int]]:
    """For each column its samples, each with the rows (as bits) whose cell it matches."""
    return [column.rows for column in _columns(table)]


def list_dead(table: DecisionTable) -> list[str]:
    """Rows of a FIRST table that never fire, because earlier rows match all their inputs."""
    columns = _columns(table)
    found = []
    for row, rule in enumerate(table.rules):
        search = _Gaps(table, [_fitted_by(row, column) for column in columns], below=row)
        if not search.find() and search.visits <= VISIT_LIMIT:
            found.append(rule.id)
    return found


def _fitted_by(row: int, column: "_Column") -> "_Column":
    """The column with only the samples this row matches."""
    rows = {key: bits for key, bits in column.rows.items() if bits >> row & 1}
    return _Column(column.name, rows, [])


@dataclass(frozen=True, slots=True)
class _Column:
    """Samples of one column, each with the rows (as bits) whose cell it matches."""

    name: str
    rows: Mapping[Key, int]
    shared: list[int]


def _columns(table: DecisionTable) -> list[_Column]:
    columns = []
    for number, column in enumerate(table.inputs):
        cells = [rule.cells[number] for rule in table.rules]
        named = {key for cell in cells if cell is not None for key in cell.landmarks()}
        is_whole = is_integer(column.type)
        if column.allowed is not None:
            allowed = column.allowed
            named |= set(allowed.landmarks())
            samples = [key for key in _samples(named, is_whole=is_whole) if allowed.fits(key)]
        else:
            samples = _samples(named, is_whole=is_whole)
        rows = _rows_by_sample(samples, cells)
        columns.append(_Column(column.expression.source, rows, _shared(rows, cells)))
    return columns


def _rows_by_sample(samples: list[Key], cells: list[Cell | None]) -> dict[Key, int]:
    anything = sum(1 << row for row, cell in enumerate(cells) if cell is None)
    rows = dict.fromkeys(samples, anything)
    for row, cell in enumerate(cells):
        if cell is None:
            continue
        plain = not cell.is_negated and not cell.ranges
        for sample in cell.keys if plain else samples:
            if sample in rows and cell.fits(sample):
                rows[sample] |= 1 << row
    return rows


def _shared(rows: Mapping[Key, int], cells: list[Cell | None]) -> list[int]:
    """For each row the rows (as bits) that share a sample with it."""
    everything = 0
    shared = [0] * len(cells)
    plain = sum(1 << row for row, cell in enumerate(cells) if cell is not None)
    for fitting in rows.values():
        everything |= fitting
        for row in _bits(fitting & plain):
            shared[row] |= fitting
    return [everything if cell is None else bits for cell, bits in zip(cells, shared, strict=True)]


def _samples(named: set[Key], *, is_whole: bool) -> list[Key]:
    samples: list[Key] = []
    texts = sorted(str(value) for kind, value in named if kind == "text")
    numbers = sorted(value for _, value in named if type(value) is int or type(value) is float)
    if texts or not named:
        samples += [("text", text) for text in (*texts, OTHER_TEXT)]
    if any(kind == "truth" for kind, _ in named):
        samples += [("truth", True), ("truth", False)]
    if numbers:
        samples += [("number", number) for number in _stretches(numbers, is_whole=is_whole)]
    if ("null", None) in named:
        samples.append(("null", None))
    return samples


def _stretches(numbers: list[float], *, is_whole: bool) -> Iterator[float]:
    yield numbers[0] - 1
    for number, following in pairwise(numbers):
        yield number
        middle = (number + following) / 2
        if not is_whole:
            yield middle
        elif following - number > 1:
            yield number + 1
    yield numbers[-1]
    yield numbers[-1] + 1


def _overlaps(table: DecisionTable, columns: list[_Column]) -> Iterator[Overlap]:
    for row, rule in enumerate(table.rules):
        # Rows share an input exactly when they share a sample in every column.
        sharing = (1 << len(table.rules)) - (1 << row + 1)
        for column in columns:
            sharing &= column.shared[row]
        for other in _bits(sharing):
            both = 1 << row | 1 << other
            example = {column.name: _sample(column, both) for column in columns}
            yield Overlap(rule.id, table.rules[other].id, example)


def _sample(column: _Column, both: int) -> object:
    return next(key[1] for key, rows in column.rows.items() if rows & both == both)


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


@dataclass(slots=True)
class _Gaps:
    """Depth-first search through the columns with the rows that still match."""

    table: DecisionTable
    columns: list[_Column]
    found: list[Example] = field(default_factory=list)
    covered: set[tuple[int, int]] = field(default_factory=set)
    visits: int = 0
    always: list[int] = field(default_factory=list)
    below: int | None = None
    """Only the rows above this one are searched."""

    def find(self) -> list[Example]:
        rules = self.table.rules[: self.below]
        for depth in range(len(self.columns) + 1):
            free = (not any(rule.cells[depth:]) for rule in rules)
            self.always.append(sum(1 << row for row, is_free in enumerate(free) if is_free))
        self._descend(0, (1 << len(rules)) - 1, [])
        return self.found

    def _descend(self, depth: int, rows: int, values: list[object]) -> None:
        """Follow every distinct range of this column until no row is left."""
        self.visits += 1
        if rows & self.always[depth] or (depth, rows) in self.covered:
            return
        if len(self.found) == GAP_LIMIT or self.visits > VISIT_LIMIT:
            return
        if depth == len(self.columns):
            names = (column.name for column in self.columns)
            self.found.append(dict(zip(names, values, strict=True)))
            return
        before = len(self.found)
        seen: set[int] = set()
        for key, fitting in self.columns[depth].rows.items():
            if rows & fitting not in seen:
                seen.add(rows & fitting)
                self._descend(depth + 1, rows & fitting, [*values, key[1]])
        if len(self.found) == before:
            self.covered.add((depth, rows))
