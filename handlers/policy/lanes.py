"""各环节由谁办：表单属于哪条泳道，城市包 lanes.csv 说了算（R03、R42 等）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Text
from handlers.policy.policy import Policy
from storage.city.rules import find_installed


def check_lanes(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """A task with a form of the list stands in the lane of the list; other forms are free."""
    city = find_installed()
    lanes = {} if city is None else city.lanes
    for node in drawing.diagram.nodes.values():
        wanted = lanes.get(node.form or "") if node.kind == "user" else None
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
