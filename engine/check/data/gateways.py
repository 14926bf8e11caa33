"""Conditions that decide nothing: never or always true, hidden behind another, of a wrong type."""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.bundle import Drawing
from engine.check.data.conditions import Branching, Condition, decided
from engine.check.data.domains import ANYTHING, State, ValueKind, compared, fits, shown
from engine.check.data.flow import DataFlow
from engine.diagrams.model import Node
from engine.findings import Finding, Text

_WAY_OUT: Final = Text(
    "请从列出的取值中选一个，或检查变量由谁给出。",
    "Choose one of the values listed, or look at what fills the variable.",
)
_CONSTANT_WAY_OUT: Final = Text(
    "请更正条件；不需要判断的，请删去这条连线。",
    "Correct the condition; where nothing is to be decided, remove the flow.",
)


def check_gateways(flow: DataFlow) -> Iterator[Finding]:
    """Every gateway that a case can come to."""
    for drawing in flow.bundle.drawings:
        diagram = drawing.diagram
        for node, asked in decided(diagram):
            state = flow.before.get((diagram.process_id, node.id))
            if state is None:
                continue
            # What a caller that was not sent hands down, nobody knows here.
            handed = dict.fromkeys(flow.effects.handed_names, ANYTHING)
            state = {**state, **handed}
            strange = {one.flow: found for one in asked if (found := _strange(one, state))}
            yield from _check_values(drawing, strange, state)
            result = flow.split(diagram, node, state)
            if result is not None:
                rest = [one for one in asked if one.flow not in strange]
                yield from _check_ways(drawing, rest, result)
                yield from _check_left_out(drawing, node, result)


def _strange(asked: Condition, state: State) -> list[tuple[str, str]]:
    """Names with literals they are compared with and can never be."""
    return [
        (name, str(literal[1]))
        for name, literal in compared(asked.expression.source)
        if not fits(literal, state.get(name, frozenset({ValueKind.ANY})))
    ]


def _check_values(
    drawing: Drawing, strange: Mapping[str, list[tuple[str, str]]], state: State
) -> Iterator[Finding]:
    for flow, found in strange.items():
        for name, literal in found:
            if not state[name]:
                continue  # nothing sets it on any way here: `not_set` says so
            known = shown(state[name])
            message = Text(
                f"{name} 走到这里不会是“{literal}”，只会是：{known}。",
                f"{name} is never {literal!r} here, only: {known}.",
            )
            yield drawing.finding("value", flow, message, _WAY_OUT)


def _check_left_out(drawing: Drawing, node: Node, result: Branching) -> Iterator[Finding]:
    """A gateway without a default, and values that come to it and fit no condition."""
    if result.stuck is None or result.errors:
        return
    case = ", ".join(f"{name} = {value}" for name, value in result.stuck.items())
    message = Text(
        f"{case} 时没有一个条件成立，案件会停在这里。",
        f"No condition holds for {case}; the case would stop here.",
    )
    way_out = Text(
        "请设一个默认出口，或补上条件。", "Make one flow the default, or add a condition."
    )
    yield drawing.finding("no_default", node.id, message, way_out, trace=(node.id, *node.outgoing))


def _check_ways(drawing: Drawing, asked: list[Condition], result: Branching) -> Iterator[Finding]:
    for one in asked:
        if one.flow in result.errors:
            reason = result.errors[one.flow]
            message = Text(
                f"条件会算不出来：{reason}。", f"The condition cannot be evaluated: {reason}."
            )
            way_out = Text(
                "请只比较同类的值：文字与文字，数与数。",
                "Compare values of one type: texts with texts, numbers with numbers.",
            )
            yield drawing.finding("condition_type", one.flow, message, way_out)
        elif one.flow not in result.holds:
            message = Text("这个条件永远不成立。", "This condition is never true.")
            yield drawing.finding("condition_constant", one.flow, message, _CONSTANT_WAY_OUT)
        elif one.flow not in result.fails_to_hold:
            message = Text("这个条件永远成立。", "This condition is always true.")
            yield drawing.finding("condition_constant", one.flow, message, _CONSTANT_WAY_OUT)
        elif one.flow not in result.taken:
            before = "、".join(other.flow for other in asked if other.flow in result.taken)
            message = Text(
                f"这条连线永远不走：前面的条件（{before}）已经包含它。",
                f"This flow is never taken: conditions before it ({before}) hold already.",
            )
            way_out = Text("请改条件，或调整先后。", "Change the condition, or the order.")
            yield drawing.finding("condition_hidden", one.flow, message, way_out)
