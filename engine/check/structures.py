"""What of a diagram decides whether a case of it can start: everything but words and values."""

from typing import TypeAlias

from engine.diagrams.model import Diagram, Node
from engine.errors import ExpressionError
from engine.expressions.language import compile_expression

Structure: TypeAlias = tuple[object, ...]


def structure_of(diagram: Diagram) -> Structure:
    """Nodes and flows; of expressions only whether they read anything, or else what they say."""
    nodes = tuple(_node(node) for node in diagram.nodes.values())
    flows = tuple((flow.id, flow.source, flow.target) for flow in diagram.flows.values())
    said = tuple((one.element, one.use, _said(one.source)) for one in diagram.expressions)
    return (diagram.process_id, nodes, flows, said, tuple(sorted(diagram.messages.items())))


def _node(node: Node) -> Structure:
    timer = None if node.timer is None else node.timer.kind
    drawn = (node.id, node.tag, node.called, node.decision, node.attached_to, node.cancel_activity)
    events = (node.events, timer, node.message, node.error, node.loop, node.default is None)
    return (*drawn, *events, node.incoming, node.outgoing)


def _said(source: str) -> str:
    try:
        return "" if compile_expression(source).names else source
    except ExpressionError:
        return source
