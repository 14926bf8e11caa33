"""Differences between tables: rows, cells, columns and hit policy."""

from collections.abc import Iterator

from engine.check.changes.words import Change, added, changed, removed
from engine.decisions.cells import Cell
from engine.decisions.tables import DecisionTable, Rule
from engine.findings import Text

_ROW = Text("行", "row")
_COLUMN = Text("列", "column")


def changes_of_table(file: str, old: DecisionTable, new: DecisionTable) -> Iterator[Change]:
    """The way rows are chosen, then columns, then rows by their ids."""
    if old.hit_policy != new.hit_policy:
        what = Text("命中策略", "hit policy")
        yield changed(file, new.id, new.label, what, old.hit_policy, new.hit_policy)
    had, has = _columns(old), _columns(new)
    for label, identifier in has.items():
        if label not in had:
            yield added(file, identifier, label, _COLUMN)
    for label, identifier in had.items():
        if label not in has:
            yield removed(file, identifier, label, _COLUMN)
    yield from _rows(file, old, new)


def _columns(table: DecisionTable) -> dict[str, str]:
    """Ids of the columns by their labels."""
    inputs = {column.label: column.id for column in table.inputs}
    return inputs | {column.label: column.id for column in table.outputs}


def _rows(file: str, old: DecisionTable, new: DecisionTable) -> Iterator[Change]:
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    for name, rule in after.items():
        if name not in before:
            yield added(file, name, _row(new, rule), _ROW)
    for name, rule in before.items():
        if name not in after:
            yield removed(file, name, _row(old, rule), _ROW)
            continue
        now = _cells(new, after[name])
        for column, value in _cells(old, rule).items():
            if column in now and now[column] != value:
                label = _row(new, after[name])
                yield changed(file, name, label, Text(column, column), value, now[column])


def _cells(table: DecisionTable, rule: Rule) -> dict[str, str]:
    """Every cell of a row by the label of its column."""
    inputs = zip(table.inputs, rule.cells, strict=True)
    outputs = zip(table.outputs, rule.outputs, strict=True)
    return {
        **{column.label: _test(cell) for column, cell in inputs},
        **{column.label: cell.source.strip("\"'") for column, cell in outputs},
    }


def _row(table: DecisionTable, rule: Rule) -> str:
    """The identity of a row: its input cells that are not empty."""
    asked = (
        _test(cell)
        for column, cell in zip(table.inputs, rule.cells, strict=True)
        if cell is not None and column is not None
    )
    return ", ".join(asked) or rule.description or rule.id


def _test(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    keys = sorted(str(value) for _, value in cell.keys)
    ranges = [f"{one.low}..{one.high}" for one in cell.ranges]
    text = "/".join([*keys, *ranges])
    return f"not({text})" if cell.is_negated else text
