"""A drawing as SVG, from its own coordinates: for pages that carry everything with them.

Each element is a group with its id in `data-id`; what is marked is up to the page.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from engine.diagrams.dialect import BPMN, BPMN_DI, DC, DI
from engine.diagrams.model import Box, Diagram, Flow, Node
from engine.diagrams.xml import Element, local_name

_DI: Final = f"{{{BPMN_DI}}}"
_DC: Final = f"{{{DC}}}"
_WAY: Final = f"{{{DI}}}waypoint"
_MARGIN, _SIZE, _LINE = 24, 12, 15
_SIGNS: Final = {
    "exclusive": "×",
    "parallel": "+",
    "event_gateway": "◇",
    "user": "人",
    "manual": "手",
    "service": "⚙",
    "decision": "表",
    "call": "⊞",
    "timerEventDefinition": "◷",
    "messageEventDefinition": "✉",
    "errorEventDefinition": "↯",
    "terminateEventDefinition": "●",
}
_TAGS: Final = {"inclusiveGateway": "○", "subProcess": "⊟", "sendTask": "✉", "receiveTask": "✉"}
_HEAD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{width:g}" '
    'height="{height:g}" role="img" aria-label={label}>'
    '<defs><marker id="{id}-arrow" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="8" '
    'markerHeight="8" orient="auto"><path class="arrow" d="M0 0 10 5 0 10z"/></marker></defs>'
)


def draw_svg(root: Element, diagram: Diagram) -> str:
    """The picture of a diagram; empty where nothing is drawn."""
    shapes = {one.get("bpmnElement") or "": one for one in root.iter(f"{_DI}BPMNShape")}
    edges = {one.get("bpmnElement") or "": one for one in root.iter(f"{_DI}BPMNEdge")}
    boxes = list(diagram.shapes.values())
    if not boxes:
        return ""
    left, top = min(box.x for box in boxes) - _MARGIN, min(box.y for box in boxes) - _MARGIN
    width = max(box.x + box.width for box in boxes) + _MARGIN - left
    height = max(box.y + box.height for box in boxes) + _MARGIN + 20 - top
    parts = [
        _HEAD.format(
            view=f"{left:g} {top:g} {width:g} {height:g}",
            width=width,
            height=height,
            label=quoteattr(diagram.label or diagram.process_id),
            id=_mark(diagram),
        )
    ]
    named = {one.get("id") or "": one for one in root.iter(f"{{{BPMN}}}participant")}
    named |= {one.get("id") or "": one for one in root.iter(f"{{{BPMN}}}lane")}
    for identifier, element in named.items():
        if identifier in diagram.shapes:
            parts += _lane(diagram.shapes[identifier], element)
    flows = {name: flow for one in diagram.whole() for name, flow in one.flows.items()}
    for identifier, edge in edges.items():
        parts += _edge(identifier, edge, flows.get(identifier), _mark(diagram))
    nodes = {name: node for one in diagram.whole() for name, node in one.nodes.items()}
    for identifier, node in nodes.items():
        if identifier in diagram.shapes:
            parts += _node(node, diagram.shapes[identifier], shapes.get(identifier))
    return "".join([*parts, "</svg>"])


def _mark(diagram: Diagram) -> str:
    """A name for the arrow of this picture that needs no escaping."""
    return re.sub(r"[^a-zA-Z0-9_]", "_", diagram.process_id)


def _lane(box: Box, element: Element) -> Iterator[str]:
    x, y = box.x + 15, box.y + box.height / 2
    kind = "pool" if local_name(element) == "participant" else "lane"
    yield f'<rect class="{kind}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" '
    yield f'height="{box.height:g}"/><text class="side" x="{x:g}" y="{y:g}" '
    yield f'transform="rotate(-90 {x:g} {y:g})">{escape(element.get("name") or "")}</text>'


def _edge(identifier: str, edge: Element, flow: Flow | None, mark: str) -> Iterator[str]:
    points = [(float(one.get("x") or 0), float(one.get("y") or 0)) for one in edge.iter(_WAY)]
    if not points:
        return
    way = " ".join(f"{x:g},{y:g}" for x, y in points)
    kind = "flow" if flow else "other"
    yield f'<g class="{kind}" data-id={quoteattr(identifier)}>'
    yield f'<polyline points="{way}" marker-end="url(#{mark}-arrow)"/>'
    if flow is not None and flow.label:
        x, y = points[(len(points) - 1) // 2]
        yield from _name_of(flow.label, edge, Box(x + 4, y - 22, 80, 14))
    yield "</g>"


def _node(node: Node, box: Box, shape: Element | None) -> Iterator[str]:
    x, y, width, height = box.x, box.y, box.width, box.height
    sign = next((_SIGNS[one] for one in (*node.events, node.kind) if one in _SIGNS), "")
    sign = _TAGS.get(node.tag, sign)
    middle = (x + width / 2, y + height / 2)
    yield f'<g class="node {node.kind}" data-id={quoteattr(node.id)}>'
    yield f"<title>{escape(node.label or node.id)} {escape(node.id)}</title>"
    if node.kind in {"start", "end", "boundary", "catch", "throw"}:
        dashed = ' class="beside"' if not node.cancel_activity else ""
        yield f'<circle{dashed} cx="{middle[0]:g}" cy="{middle[1]:g}" r="{width / 2:g}"/>'
    elif node.tag.endswith("Gateway"):
        half = width / 2
        yield f'<path d="M{middle[0]:g} {y:g}l{half:g} {half:g} {-half:g} {half:g} '
        yield f'{-half:g} {-half:g}z"/>'
    else:
        yield f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8"/>'
        yield f'<text class="sign" x="{x + 12:g}" y="{y + 15:g}">{sign}</text>'
        yield from _words(node.label, middle, width - 10)
        yield "</g>"
        return
    yield f'<text class="sign" x="{middle[0]:g}" y="{middle[1]:g}" dy=".35em">{sign}</text>'
    below = Box(x - 30, y + height + 4, width + 60, 14)
    if node.label and shape is not None:
        yield from _name_of(node.label, shape, below)
    yield "</g>"


def _name_of(label: str, drawn: Element, otherwise: Box) -> Iterator[str]:
    """A name where the drawing puts it."""
    bounds = drawn.find(f"{_DI}BPMNLabel/{_DC}Bounds")
    box = otherwise
    if bounds is not None:
        x, y, width, height = (float(bounds.get(key) or 0) for key in ("x", "y", "width", "height"))
        box = Box(x, y, max(width, 60), height)
        box = Box(x + width / 2 - box.width / 2, y, box.width, height)
    yield from _words(label, (box.x + box.width / 2, box.y + box.height / 2), box.width + 10)


def _words(label: str, middle: tuple[float, float], width: float) -> Iterator[str]:
    lines = _wrapped(label, width)
    x, y = middle[0], middle[1] - (len(lines) - 1) * _LINE / 2
    for number, line in enumerate(lines):
        yield f'<text x="{x:g}" y="{y + number * _LINE:g}" dy=".35em">{escape(line)}</text>'


def _wrapped(label: str, width: float) -> list[str]:
    """Lines that fit; Chinese breaks anywhere, other words as a whole where they can."""
    lines, line, filled = list[str](), "", 0.0
    for letter in " ".join(label.split()):
        wide = _SIZE if ord(letter) > 0x2E80 else _SIZE * 0.56  # noqa: PLR2004 - from here on East Asian
        if filled + wide > width and line:
            head, space, rest = line.rpartition(" ")
            line, kept = (rest, head) if space and letter != " " else ("", line)
            lines.append(kept)
            filled = sum(_SIZE if ord(one) > 0x2E80 else _SIZE * 0.56 for one in line)  # noqa: PLR2004 - as above
        line += letter
        filled += wide
    return [*lines, line][:6] if line else lines[:6]
