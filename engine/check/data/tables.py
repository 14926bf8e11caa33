"""Inputs that no row of a table matches, reported at the task that would fail."""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.bundle import Drawing
from engine.check.data.domains import ANYTHING, NOT_SET, State, ValueKind, Values
from engine.check.data.flow import DataFlow
from engine.check.data.rows import Asking, reached
from engine.decisions.cells import key_of
from engine.diagrams.model import Node
from engine.findings import Finding, Text
from storage.people.roles import ROLES

LIMITS: Final = "deadlines"
"""The table of limits, evaluated when a user task opens."""


def check_asked_tables(flow: DataFlow) -> Iterator[Finding]:
    """Rule tasks, and tasks of people with a limit."""
    for drawing in flow.bundle.drawings:
        for node in drawing.diagram.nodes.values():
            state = flow.before.get((drawing.diagram.process_id, node.id))
            if state is None:
                continue
            if node.kind == "decision" and node.properties.get("none_ok") != "yes":
                inputs = flow.effects.inputs(node, state)
                yield from _check(flow, drawing, node, node.decision or "", inputs)
            elif node.kind in {"user", "manual"} and node.deadline:
                yield from _check(flow, drawing, node, LIMITS, _asked_for_limit(node, state))


def _asked_for_limit(node: Node, state: State) -> dict[str, Values]:
    """The input of the table of limits when a task opens."""
    step: Values = frozenset({key_of(node.deadline)})
    return {"step": step, "level": _level(node, state)}


def _level(node: Node, state: State) -> Values:
    if node.role in ROLES:
        return frozenset({key_of(node.role)})
    level = state.get("level", NOT_SET)
    # The role of the owner's post where no level is known; of other run-time lanes any role.
    return level if node.role == "owner" and ValueKind.MISSING not in level else ANYTHING


def _check(
    flow: DataFlow, drawing: Drawing, node: Node, table: str, inputs: Mapping[str, Values]
) -> Iterator[Finding]:
    asked = flow.effects.asking(table)
    if asked is None:
        return
    if node.kind == "decision":
        for name in asked.table.names_read():
            if inputs.get(name, NOT_SET) & {ValueKind.MISSING, ValueKind.ANY} == NOT_SET:
                yield _unfilled(drawing, node, name)
                return
    found = reached(asked, inputs)
    if found is None or found.gap is None:
        if node.kind == "decision":
            yield from _check_inputs(drawing, node, asked, inputs)
        return
    if table == LIMITS and node.kind != "decision" and not _is_step(asked, inputs):
        return  # the city's rule of limits reports it
    case = ", ".join(f"{name} = {value}" for name, value in found.gap.items())
    message = Text(
        f"决策表 {table} 没有一行适用于：{case}。案件会停在这里。",
        f"No row of {table} fits {case}; the case would stop here.",
    )
    way_out = Text(
        "请在表里补一行，或更正这个任务给出的输入。",
        "Add a row to the table, or correct what this task asks it with.",
    )
    yield drawing.finding("no_row", node.id, message, way_out, trace=(node.id, table))


def _check_inputs(
    drawing: Drawing, node: Node, asked: Asking, inputs: Mapping[str, Values]
) -> Iterator[Finding]:
    """Every value known to come to a column is one the column allows."""
    for column in asked.table.inputs:
        name = column.expression.source
        known = (one for one in inputs.get(name, ANYTHING) if not isinstance(one, ValueKind))
        strange = [key for key in known if column.allowed and not column.allowed.fits(key)]
        for _, value in sorted(strange, key=str):
            message = Text(
                f"{name} 会是“{value}”，决策表 {asked.table.id} 的这一列不允许。",
                f"{name} can be {value!r}, which this column of {asked.table.id} does not allow.",
            )
            way_out = Text(
                "请更正给出它的表单、函数或属性，或加进允许值。",
                "Correct what gives it (a form, a function, a property), or allow the value.",
            )
            trace = (node.id, name, str(value), asked.table.id)
            yield drawing.finding("decision_value", node.id, message, way_out, trace=trace)


def _is_step(asked: Asking, inputs: Mapping[str, Values]) -> bool:
    """Whether any row is for this step."""
    found = reached(asked, {"step": inputs["step"]})
    return found is not None and bool(found.rows)


def _unfilled(drawing: Drawing, node: Node, name: str) -> Finding:
    message = Text(
        f"决策表要读的 {name} 到这里还没有给出。",
        f"{name}, which the table reads, is not set here.",
    )
    way_out = Text(
        "请在规则任务上写出这个属性，或让前面的步骤给出它。",
        "Write it as a property of the rule task, or let a step before fill it.",
    )
    return drawing.finding("not_set", node.id, message, way_out)
