"""A plain drawing for a file that has none: one column per step from the start, in rows."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from lxml import etree

from engine.diagrams.dialect import BPMN, BPMN_DI, DC, DI
from engine.diagrams.xml import Tree

_B: Final = f"{{{BPMN}}}"
_DI: Final = f"{{{BPMN_DI}}}"
_DC: Final = f"{{{DC}}}"
_WAY: Final = f"{{{DI}}}waypoint"
_NAMES: Final = {"bpmndi": BPMN_DI, "dc": DC, "di": DI}
_COLUMN, _ROW, _LEFT, _TOP = 160, 120, 120, 100

Place = tuple[float, float, float, float]


def draw(root: Tree, process: Tree, nodes: Iterable[Tree]) -> int:
    """Draw every node and line of a process that has no shape; how many were drawn."""
    listed = list(nodes)
    flows = process.findall(f"{_B}sequenceFlow")
    drawn = {one.get("bpmnElement") for one in root.iter(f"{_DI}BPMNShape", f"{_DI}BPMNEdge")}
    if any(node.get("id") in drawn for node in listed):
        return 0  # somebody drew it; what is missing is named by the check
    for old in root.findall(f"{_DI}BPMNDiagram"):
        root.remove(old)
    diagram = etree.SubElement(root, f"{_DI}BPMNDiagram", nsmap=_NAMES, id="drawn_diagram")
    plane = etree.SubElement(diagram, f"{_DI}BPMNPlane", id="drawn_plane")
    plane.set("bpmnElement", process.get("id"))
    places = _places(listed, flows)
    for node in listed:
        shape = etree.SubElement(plane, f"{_DI}BPMNShape", id=f"{node.get('id')}_shape")
        shape.set("bpmnElement", node.get("id"))
        numbers = dict(zip(("x", "y", "width", "height"), places[node.get("id")], strict=True))
        etree.SubElement(
            shape, f"{_DC}Bounds", {key: f"{value:g}" for key, value in numbers.items()}
        )
    for flow in flows:
        ends = (flow.get("sourceRef"), flow.get("targetRef"))
        if all(end in places for end in ends):
            _line(plane, flow, places[ends[0]], places[ends[1]])
    etree.indent(diagram, space="  ", level=1)
    return len(listed)


def _line(plane: Tree, flow: Tree, source: Place, target: Place) -> None:
    edge = etree.SubElement(plane, f"{_DI}BPMNEdge", id=f"{flow.get('id')}_edge")
    edge.set("bpmnElement", flow.get("id"))
    begin = (source[0] + source[2], source[1] + source[3] / 2)
    end = (target[0], target[1] + target[3] / 2)
    middle = end[0] - 25
    points = [begin, (middle, begin[1]), (middle, end[1]), end]
    for x, y in points if begin[1] != end[1] or end[0] < begin[0] else (begin, end):
        etree.SubElement(edge, _WAY, x=f"{x:g}", y=f"{y:g}")


def _places(nodes: list[Tree], flows: list[Tree]) -> Mapping[str, Place]:
    columns = _columns(nodes, flows)
    filled: dict[int, int] = {}
    places = {}
    for node in nodes:
        column = columns[node.get("id")]
        row = filled.get(column, 0)
        filled[column] = row + 1
        name = etree.QName(node).localname
        width, height = _size(str(name))
        x = _LEFT + column * _COLUMN - width / 2
        y = _TOP + row * _ROW - height / 2
        places[node.get("id")] = (x, y, width, height)
    return places


def _size(name: str) -> tuple[int, int]:
    if name.endswith("Event"):
        return 36, 36
    return (50, 50) if name.endswith("Gateway") else (100, 80)


def _columns(nodes: list[Tree], flows: list[Tree]) -> dict[str, int]:
    """How many steps each node is from a start, at least; what is not reached stands last."""
    following: dict[str, list[str]] = {}
    for flow in flows:
        following.setdefault(flow.get("sourceRef"), []).append(flow.get("targetRef"))
    for node in nodes:
        host = node.get("attachedToRef")
        if host is not None:
            following.setdefault(host, []).append(node.get("id"))
    begun = [node.get("id") for node in nodes if etree.QName(node).localname == "startEvent"]
    columns = dict.fromkeys(begun or [node.get("id") for node in nodes[:1]], 0)
    pending = deque(columns)
    while pending:
        here = pending.popleft()
        for target in following.get(here, ()):
            if target not in columns:
                columns[target] = columns[here] + 1
                pending.append(target)
    last = max(columns.values(), default=0) + 1
    return {node.get("id"): columns.get(node.get("id"), last) for node in nodes}
