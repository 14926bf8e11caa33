"""Branches of non-interrupting events that run into the main way, or into one another."""

from collections.abc import Iterator

from engine.check.structure import path_to, reach
from engine.diagrams.model import Diagram, Node


def side_branches(diagram: Diagram, start: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Steps of the main way, or of another side branch, that a non-interrupting event leads to."""
    main = reach([start.id], lambda node: _interrupting(diagram, node))
    known, ways = set(main), {node: path_to(node, main) for node in main}
    events = [name for node in main for name in diagram.nodes[node].boundaries]
    for event in events:
        if event in known:
            continue
        found = reach([event], lambda node: _interrupting(diagram, node))
        before = ways[diagram.nodes[event].attached_to or ""]
        for node in found:
            way = (*before, *path_to(node, found))
            if node in known and _is_step(diagram.nodes[node]):
                yield node, way
                break
            ways.setdefault(node, way)
            events += diagram.nodes[node].boundaries
        known |= set(found)


def _interrupting(diagram: Diagram, identifier: str) -> Iterator[str]:
    node = diagram.nodes[identifier]
    yield from diagram.targets(node)
    yield from (name for name in node.boundaries if diagram.nodes[name].cancel_activity)


def _is_step(node: Node) -> bool:
    is_join = node.kind == "parallel" and len(node.incoming) > 1
    return is_join or node.kind not in {"exclusive", "parallel", "end"}
