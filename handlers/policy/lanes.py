"""各环节由谁办：lanes.csv 写明的泳道；协管员不能认定终止经营（R03、R42 等）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Diagram, Drawing, Finding, Node, Text, compared
from handlers.policy.policy import BY_PEOPLE, Policy
from handlers.policy.verified import reached_without
from storage.city.rules import find_installed
from storage.people.roles import DEPARTMENT


def check_lanes(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """A task with a form of the list stands in the lane of the list; other forms are free."""
    city = find_installed()
    lanes = {} if city is None else city.lanes
    for node in drawing.diagram.nodes.values():
        wanted = lanes.get(node.form or "") if node.kind in BY_PEOPLE else None
        if wanted is None or node.role in {None, wanted.role}:
            continue
        message = Text(
            f"表单 {node.form} 的任务画在泳道“{node.lane}”里，应当由 {wanted.role} 办。",
            f"A task with the form {node.form} belongs to {wanted.role}, not to {node.role}.",
        )
        way_out = Text(
            "请移到那条泳道；改由别人办的，改城市包的 lanes.csv。",
            "Move it to that lane; who does it is a line of lanes.csv of the city pack.",
        )
        yield drawing.finding("lane_of_form", node.id, message, way_out, clause=wanted.clause)


POLICY: Final = Policy("lane_of_form", ("R03", "R27", "R42"), of_drawing=check_lanes)


# ── who declares the end of a business ───────────────────────────────────────────────────────────

CEASED: Final = "business_ceased"
DECLARED: Final = "set_terminated"
_BY_THE_OPERATOR: Final = frozenset({"said", "seen"})
"""What the operator said, as the tasks of an assistant record it."""


def check_declared_end(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """R03: without the operator's own word only the department declares the end of a business."""
    diagram = drawing.diagram
    if diagram.process_id != CEASED:
        return
    of_assistants = (
        node
        for node in diagram.nodes.values()
        if node.kind in BY_PEOPLE and node.role not in DEPARTMENT
    )
    for task in of_assistants:
        missed = reached_without(
            diagram,
            list(diagram.targets(task)),
            {DECLARED},
            is_met=_is_decided_anew,
            counts=_is_without_the_operator,
        )
        for identifier, trace in missed:
            message = Text(
                "经营者没有确认，监管所也没有核实，就认定终止经营。",
                "The end is declared without the operator's word or the station.",
            )
            way_out = Text(
                "联系不上的先由市场监管所核实（confirm_by_station）。",
                "Let the station confirm it where the operator was not reached.",
            )
            yield drawing.finding(
                "declared_end", identifier, message, way_out, trace=trace, clause="R03"
            )


def _is_decided_anew(node: Node) -> bool:
    return node.kind in BY_PEOPLE


def _is_without_the_operator(diagram: Diagram, flow: str) -> bool:
    asked = compared(diagram.flows[flow].condition or "")
    return not any(
        name in _BY_THE_OPERATOR and str(value) == "terminated" for name, (_, value) in asked
    )


DECLARED_END: Final = Policy("declared_end", ("R03",), of_drawing=check_declared_end)
