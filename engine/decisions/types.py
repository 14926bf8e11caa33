"""Types that columns declare (`typeRef`), and cells that hold another kind of value.

The engine compares values by their kind whatever a column declares: a cell of another kind fits
nothing, or answers what nobody can use.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.decisions.cells import Cell, key_of
from engine.decisions.tables import DecisionTable
from engine.errors import ExpressionError
from engine.expressions.language import Expression

_INTEGERS: Final = frozenset({"integer", "int", "long"})
_KINDS: Final[Mapping[str, str]] = {
    "string": "text",
    "number": "number",
    "double": "number",
    "boolean": "truth",
    **dict.fromkeys(_INTEGERS, "number"),
}
"""Kinds of values (`cells.Key`) by declared type; other types say nothing."""


def is_integer(declared: str) -> bool:
    """Whether the numbers of a column are whole."""
    return declared in _INTEGERS


def list_mistyped(table: DecisionTable) -> Iterator[tuple[str, object, str]]:
    """Row or column, value and declared type of every value that is of another kind."""
    for number, column in enumerate(table.inputs):
        cells = [(column.id, column.allowed)]
        cells += [(rule.id, rule.cells[number]) for rule in table.rules]
        for element, cell in cells:
            for value in _strange(cell, column.type):
                yield element, value, column.type
    for number, answer in enumerate(table.outputs):
        for value in _strange(answer.allowed, answer.type):
            yield answer.id, value, answer.type
        for rule in table.rules:
            kind, value = key_of(constant(rule.outputs[number]))
            if kind not in {"null", "other", _KINDS.get(answer.type, kind)}:
                yield rule.id, value, answer.type


def _strange(cell: Cell | None, declared: str) -> Iterator[object]:
    kind = _KINDS.get(declared)
    if cell is None or kind is None:
        return
    yield from sorted((value for one, value in cell.keys if one not in {"null", kind}), key=str)
    if kind != "number":
        yield from (interval.low for interval in cell.ranges)


def constant(cell: Expression) -> object:
    """What an output cell answers whatever is asked; None where that depends on the question."""
    if cell.names:
        return None
    try:
        return cell.evaluate({})
    except ExpressionError:
        return None
