"""Inclusive gateways, read as a parallel block with a choice of taking each branch or not.

That is what a block means: every branch whose condition holds is gone, and the way on waits for
those. The engine and the proof know nothing of inclusive gateways, so they cannot disagree about
them; the joins of the library guess which branch may still come, and guess wrong in loops.

A block begins at one inclusive gateway and ends at another, and its branches meet nowhere else.
What is no such block stays as it was drawn, and the check refuses it.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine.binding import MARK
from engine.diagrams.dialect import BPMN
from engine.diagrams.xml import Element, Tree

_B: Final = f"{{{BPMN}}}"
_NODES_AT_MOST: Final = 400
"""Of nodes and flows; in a larger process no block is looked for, and the check refuses it."""
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"


def without_inclusive(root: Element) -> Element:
    """The drawing with every inclusive block spelled out; the same tree without one."""
    if next(root.iter(f"{_B}inclusiveGateway"), None) is None:
        return root
    drawn = deepcopy(root)
    for process in list(drawn.iter(f"{_B}process")):
        gateways = list(process.findall(f"{_B}inclusiveGateway"))
        ways = _Ways(process)
        for gateway in gateways if len(ways.nodes) <= _NODES_AT_MOST else ():
            block = ways.block_of(gateway.get("id") or "")
            if block is not None:
                _spell_out(process, ways, block)
                ways = _Ways(process)
    return drawn


@dataclass(frozen=True, slots=True)
class _Block:
    """An inclusive gateway, the one its branches meet at, and the nodes of each branch by flow."""

    split: str
    join: str
    branches: dict[str, frozenset[str]]


class _Ways:
    """How the nodes of one process are connected."""

    def __init__(self, process: Tree) -> None:
        self.nodes: dict[str, Tree] = {one.get("id"): one for one in process if one.get("id")}
        self.flows: dict[str, Tree] = {
            one.get("id"): one for one in process.findall(f"{_B}sequenceFlow")
        }
        self.leaving: dict[str, list[str]] = {}
        self.entering: dict[str, list[str]] = {}
        self.borders: dict[str, list[str]] = {}
        for name, flow in self.flows.items():
            self.leaving.setdefault(flow.get("sourceRef"), []).append(name)
            self.entering.setdefault(flow.get("targetRef"), []).append(name)
        for name, node in self.nodes.items():
            if node.get("attachedToRef"):
                self.borders.setdefault(node.get("attachedToRef"), []).append(name)

    def block_of(self, split: str) -> _Block | None:
        """The block an inclusive gateway begins, where it is one."""
        gateway = self.nodes[split]
        out = self.leaving.get(split, [])
        is_split = len(out) > 1 and len(self.entering.get(split, [])) == 1
        if (
            gateway.tag != f"{_B}inclusiveGateway"
            or not is_split
            or gateway.get("default") not in out
        ):
            return None
        candidates = (name for name in self._behind(split, stop="") if self._joins(name))
        blocks = (self._block(split, join, out) for join in candidates)
        return next((block for block in blocks if block is not None), None)

    def _joins(self, name: str) -> bool:
        node = self.nodes.get(name)
        is_inclusive = node is not None and node.tag == f"{_B}inclusiveGateway"
        meets = len(self.entering.get(name, [])) > 1 and len(self.leaving.get(name, [])) == 1
        return is_inclusive and meets

    def _block(self, split: str, join: str, out: list[str]) -> _Block | None:
        branches = {flow: self._branch(flow, join) for flow in out}
        inside = [node for nodes in branches.values() for node in nodes]
        if split in inside or len(inside) != len(set(inside)):
            return None
        met = {self._branch_at(flow, split, branches) for flow in self.entering[join]}
        if met != set(out):
            return None
        all_inside = {*inside, split}
        strange = (
            flow.get("sourceRef") not in all_inside
            for flow in self.flows.values()
            if flow.get("targetRef") in inside
        )
        return None if any(strange) else _Block(split, join, branches)

    def _branch(self, flow: str, join: str) -> frozenset[str]:
        first = self.flows[flow].get("targetRef")
        return frozenset() if first == join else frozenset([first, *self._behind(first, stop=join)])

    def _branch_at(self, flow: str, split: str, branches: dict[str, frozenset[str]]) -> str | None:
        """The branch a flow into the join belongs to."""
        source = self.flows[flow].get("sourceRef")
        if source == split:
            return flow
        return next((name for name, nodes in branches.items() if source in nodes), None)

    def _behind(self, first: str, *, stop: str) -> list[str]:
        """Every node behind one, nearest first, as far as `stop`."""
        found: dict[str, None] = {}
        pending = [first]
        for reached in pending:
            for name in self._next(reached):
                if name != stop and name not in found:
                    found[name] = None
                    pending.append(name)
        return list(found)

    def _next(self, name: str) -> Iterator[str]:
        yield from (self.flows[flow].get("targetRef") for flow in self.leaving.get(name, []))
        yield from self.borders.get(name, [])


def _spell_out(process: Tree, ways: _Ways, block: _Block) -> None:
    """Let the block fork and join, and each branch begin with a choice of leaving it out."""
    split, join = ways.nodes[block.split], ways.nodes[block.join]
    default = split.attrib.pop("default")
    for gateway in (split, join):
        gateway.tag = f"{_B}parallelGateway"
        for listed in [*gateway.findall(f"{_B}incoming"), *gateway.findall(f"{_B}outgoing")]:
            gateway.remove(listed)
    others = [ways.flows[flow] for flow in block.branches if flow != default]
    asked = [f"({_condition(flow)})" for flow in others]
    for place, (name, nodes) in enumerate(block.branches.items()):
        flow = ways.flows[name]
        if not nodes:  # nothing is done on it
            _drop_condition(flow)
            continue
        if name == default:
            _set_condition(flow, f"not ({' or '.join(asked)})")
        choice, met = f"{block.split}{MARK}{place}", f"{block.join}{MARK}{place}"
        left_out = f"{name}{MARK}left_out"
        _add(process, "exclusiveGateway", choice, default=left_out)
        _add(process, "exclusiveGateway", met)
        _flow(process, f"{name}{MARK}asked", block.split, choice)
        _flow(process, left_out, choice, met)
        _flow(process, f"{name}{MARK}done", met, block.join)
        flow.set("sourceRef", choice)
        for into in ways.entering[block.join]:
            if ways.flows[into].get("sourceRef") in nodes:
                ways.flows[into].set("targetRef", met)


def _condition(flow: Tree) -> str:
    return (flow.findtext(f"{_B}conditionExpression") or "").strip() or "true"


def _drop_condition(flow: Tree) -> None:
    for condition in flow.findall(f"{_B}conditionExpression"):
        flow.remove(condition)


def _set_condition(flow: Tree, text: str) -> None:
    _drop_condition(flow)
    condition = etree.SubElement(flow, f"{_B}conditionExpression")
    condition.set(_XSI, f"{flow.prefix}:tFormalExpression" if flow.prefix else "tFormalExpression")
    condition.text = text


def _add(process: Tree, tag: str, name: str, **attributes: str) -> None:
    first = process.find(f"{_B}sequenceFlow")
    first.addprevious(etree.Element(f"{_B}{tag}", id=name, **attributes))


def _flow(process: Tree, name: str, source: str, target: str) -> None:
    last = process.findall(f"{_B}sequenceFlow")[-1]
    last.addnext(etree.Element(f"{_B}sequenceFlow", id=name, sourceRef=source, targetRef=target))
