"""Decision tables in use: no two rows at once, no input nobody thought of."""

from collections.abc import Iterator, Mapping

from engine.check.bundle import Bundle, TableFile
from engine.decisions.analysis import (
    list_dead,
    list_gaps,
    list_overlaps,
    list_strange_answers,
    list_strays,
)
from engine.decisions.tables import DecisionTable
from engine.decisions.types import list_mistyped
from engine.findings import Finding, Severity, Text


def check_tables(bundle: Bundle) -> Iterator[Finding]:
    """Overlaps, strange values and gaps between listed values are errors, other gaps warnings."""
    drawn = _drawn(bundle)
    for held in bundle.tables.values():
        yield from _check_strays(held)
        yield from _check_types(held)
        yield from _check_answers(bundle, held)
        if held.table.hit_policy == "UNIQUE":
            yield from _check_overlaps(held)
        elif held.table.hit_policy == "FIRST":
            yield from _check_dead(held)
        if held.table.id in drawn:
            yield from _check_names(bundle, held)
        # A table that no diagram uses, such as the chase table, may have rows without output.
        if _is_listed(held.table):
            yield from _check_gaps(held, "error")
        elif not drawn.get(held.table.id, bool(bundle.drawings)):
            yield from _check_gaps(held, "warning")
    yield from _check_collecting(bundle)


def _drawn(bundle: Bundle) -> dict[str, bool]:
    """Tables in use; true when every user draws what happens when no row fits (`none_ok`)."""
    users: dict[str, bool] = {}
    for drawing in bundle.drawings:
        for node in drawing.diagram.nodes.values():
            if node.decision:
                draws_it = node.properties.get("none_ok") == "yes"
                users[node.decision] = users.get(node.decision, True) and draws_it
    return users


def _check_names(bundle: Bundle, held: TableFile) -> Iterator[Finding]:
    for column in held.table.inputs:
        unknown = sorted(column.expression.names - bundle.names)
        if unknown:
            listed = ", ".join(unknown)
            message = Text(f"没有谁给出变量 {listed}。", f"Nothing fills the variable {listed}.")
            way_out = Text(
                "请更正输入列，或写进流程的 variables 属性。",
                "Correct the input, or declare it in a process's `variables`.",
            )
            trace = tuple(_asking(bundle, held))
            yield Finding("error", "unknown_name", held.file, column.id, message, way_out, trace)


def _asking(bundle: Bundle, held: TableFile) -> Iterator[str]:
    """The rule tasks that use a table: one of them may name it by mistake."""
    for drawing in bundle.drawings:
        for node in drawing.diagram.nodes.values():
            if node.decision == held.table.id:
                yield node.id


def _check_strays(held: TableFile) -> Iterator[Finding]:
    for row, value in (*list_strays(held.table), *list_strange_answers(held.table)):
        message = Text(f"取值 {value} 不在列的允许值中。", f"{value} is not a value of its column.")
        way_out = Text("请更正取值，或加进允许值。", "Correct it, or add it to the allowed values.")
        yield Finding("error", "decision_value", held.file, row, message, way_out)


def _check_types(held: TableFile) -> Iterator[Finding]:
    for element, value, declared in list_mistyped(held.table):
        message = Text(
            f"{value} 不是这一列的类型 {declared}。",
            f"{value} is no {declared}, the type of its column.",
        )
        way_out = Text(
            "文字加引号，数字、true、false 不加；或更正列的类型。",
            "Quote texts, not numbers, true or false; or correct the type of the column.",
        )
        yield Finding("error", "cell_type", held.file, element, message, way_out)


def _check_answers(bundle: Bundle, held: TableFile) -> Iterator[Finding]:
    """A word without quotes is a name: what the row answers then is what somebody gave it."""
    asked = frozenset().union(*(column.expression.names for column in held.table.inputs))
    known = asked | bundle.names
    for rule in held.table.rules:
        unknown = sorted(frozenset().union(*(cell.names for cell in rule.outputs)) - known)
        if unknown:
            listed = ", ".join(unknown)
            message = Text(f"没有谁给出变量 {listed}。", f"Nothing fills the variable {listed}.")
            way_out = Text("文字请加引号。", "Put texts in quotes.")
            yield Finding("error", "unknown_name", held.file, rule.id, message, way_out)


def _check_dead(held: TableFile) -> Iterator[Finding]:
    for row in list_dead(held.table):
        message = Text(
            f"第 {row} 行永远用不上：前面的行已经包含它。",
            f"Row {row} never fires: the rows before it take everything that fits it.",
        )
        way_out = Text("请把它移到前面，或删去。", "Move it up, or remove it.")
        yield Finding("error", "decision_dead", held.file, row, message, way_out)


def _check_overlaps(held: TableFile) -> Iterator[Finding]:
    for overlap in list_overlaps(held.table):
        example = _shown(held.table, overlap.example)
        message = Text(
            f"第 {overlap.first} 行和第 {overlap.second} 行会同时符合，例如 {example}。",
            f"Rows {overlap.first} and {overlap.second} both fit {example}.",
        )
        way_out = Text("请改成只有一行符合。", "Narrow one of them.")
        rows = (overlap.first, overlap.second)
        yield Finding(
            "error", "decision_overlap", held.file, overlap.second, message, way_out, rows
        )


def _check_gaps(held: TableFile, severity: Severity) -> Iterator[Finding]:
    gaps = [] if _collects(held.table) else list_gaps(held.table)
    if gaps:
        examples = "；".join(_shown(held.table, gap) for gap in gaps)
        message = Text(f"有的情形没有一行符合，例如 {examples}。", f"No row fits, e.g. {examples}.")
        way_out = Text(
            "请补一行；或画出无行可用时的去向，并在规则任务上设 none_ok=yes。",
            "Add a row, or draw where the case goes then and set none_ok=yes on the rule task.",
        )
        yield Finding(severity, "decision_gap", held.file, held.table.id, message, way_out)


def _is_listed(table: DecisionTable) -> bool:
    """Whether every column lists single values: then each combination is meant to have a row."""
    allowed = [column.allowed for column in table.inputs]
    return bool(allowed) and all(
        cell is not None and not cell.ranges and not cell.is_negated for cell in allowed
    )


def _check_collecting(bundle: Bundle) -> Iterator[Finding]:
    for drawing in bundle.drawings:
        for node in drawing.diagram.nodes.values():
            held = bundle.tables.get(node.decision or node.advice or "")
            if held is not None and _collects(held.table):
                message = Text("这里要一行，这张表给出多行。", "The table answers several rows.")
                way_out = Text("请用 UNIQUE 或 FIRST 的决策表。", "Use a UNIQUE or FIRST table.")
                trace = (node.id, held.table.id)
                yield drawing.finding("decision_collects", node.id, message, way_out, trace=trace)


def _collects(table: DecisionTable) -> bool:
    return table.hit_policy == "COLLECT"


def _shown(table: DecisionTable, example: Mapping[str, object]) -> str:
    """The example without the columns that no row reads."""
    asked = {
        column.expression.source
        for number, column in enumerate(table.inputs)
        if any(rule.cells[number] is not None for rule in table.rules)
    }
    named = (f"{name} = {value}" for name, value in example.items() if name in asked)
    return ", ".join(named) or "-"
