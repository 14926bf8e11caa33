"""Which rows of a table can fit what its inputs can be, and what then is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from engine.check.data.domains import ANYTHING, NOTHING, Atom, ValueKind, Values
from engine.decisions.analysis import rows_by_sample
from engine.decisions.cells import Key, key_of
from engine.decisions.tables import DecisionTable, Rule
from engine.errors import ExpressionError

TRIES: Final = 3_000


@dataclass(frozen=True, slots=True)
class Asking:
    """A table with the rows each value of each column fits, as bits; worked out once."""

    table: DecisionTable
    columns: tuple[Mapping[Key, int], ...]
    silent: int
    """Rows without output (as bits): their inputs are declared impossible."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The rows that can fit (as bits), and inputs that none fits."""

    rows: int
    gap: Mapping[str, object] | None


def asking(table: DecisionTable) -> Asking:
    """Prepare a table."""
    silent = sum(1 << row for row, rule in enumerate(table.rules) if answers_nothing(rule))
    return Asking(table, tuple(rows_by_sample(table)), silent)


def answers_nothing(rule: Rule) -> bool:
    """Whether every answer of a row is empty."""
    return all(_constant(cell) == NOTHING for cell in rule.outputs)


def reached(asked: Asking, inputs: Mapping[str, Values]) -> Reached | None:
    """Possible outputs of a table; None when there are too many inputs to try."""
    names = [column.expression.source for column in asked.table.inputs]
    options = [
        _bits(rows, asked, number, inputs.get(name, ANYTHING))
        for number, (name, rows) in enumerate(zip(names, asked.columns, strict=True))
    ]
    count = 1
    for column in options:
        count *= len(column)
    if count > TRIES:
        return None
    everything = ((1 << len(asked.table.rules)) - 1) & ~asked.silent
    found, gap = 0, None
    for combination in product(*(column.items() for column in options)):
        fitting = everything
        for bits, _ in combination:
            fitting &= bits
        found |= fitting
        if not fitting and gap is None:
            gap = {name: value for name, (_, value) in zip(names, combination, strict=True)}
    return Reached(found, gap)


def _bits(rows: Mapping[Key, int], asked: Asking, number: int, values: Values) -> dict[int, object]:
    """Every different set of rows the values of one column fit, with a value for each.

    When neither the data nor the column limits a value, only an unmatched kind counts as a gap.
    """
    found: dict[int, object] = {}
    if ValueKind.ANY in values and asked.table.inputs[number].allowed is None:
        every = 0
        for bits in rows.values():
            every |= bits
        return {every: "…"}
    for atom in values:
        if atom is ValueKind.MISSING:
            continue
        if isinstance(atom, ValueKind):
            for key, bits in rows.items():
                if atom is ValueKind.ANY or _is_of(key, atom):
                    found.setdefault(bits, key[1])
        else:
            found.setdefault(_fitting(rows, asked, number, atom), atom[1])
    return found


def _fitting(rows: Mapping[Key, int], asked: Asking, number: int, key: Key) -> int:
    if key in rows:
        return rows[key]
    cells = (rule.cells[number] for rule in asked.table.rules)
    return sum(1 << row for row, cell in enumerate(cells) if cell is None or cell.fits(key))


def _is_of(key: Key, kind: ValueKind) -> bool:
    return {"text": ValueKind.TEXT, "number": ValueKind.NUMBER}.get(key[0]) is kind


def answers(table: DecisionTable, rows: int, *, may_be_none: bool) -> dict[str, Values]:
    """The possible values of every output column in these rows."""
    found: dict[str, Values] = {}
    for number, column in enumerate(table.outputs):
        cells = (rule.outputs[number] for row, rule in enumerate(table.rules) if rows & 1 << row)
        values: Values = frozenset().union(*(_constant(cell) for cell in cells))
        found[column.name] = values | NOTHING if may_be_none else values
    return found


def _constant(cell: Any) -> frozenset[Atom]:
    if cell.names:
        return ANYTHING
    try:
        return frozenset({key_of(cell.evaluate({}))})
    except ExpressionError:
        return ANYTHING
