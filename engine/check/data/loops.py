"""Loops in which nothing changes what is asked at their way out: once inside, a case stays.

A gateway whose variables nothing in the loop writes decides the same way every time. The way out
may then be a step that can be interrupted, an event gateway, or a gateway that asks something else.
A step repeated over a list is no wait where the list may be empty: SpiffWorkflow passes it at once,
and a loop of nothing but such steps never comes to rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from engine.binding import MARK
from engine.check.bundle import Drawing
from engine.check.data.flow import DataFlow
from engine.check.soundness.net import Net
from engine.check.soundness.search import Exploration
from engine.check.structure import path_to, reach, reach_all, starts_of, steps
from engine.diagrams.model import Diagram, Node
from engine.findings import Finding, Text

Names: TypeAlias = frozenset[str] | None
"""What a node may write; None for anything."""

_NOTHING: Final[Names] = frozenset()
_STUCK: Final = (
    Text(
        "循环里没有一步改变这里问的变量，进了循环就再也出不去。",
        "Nothing in the loop changes what is asked here: once inside, a case never gets out.",
    ),
    Text(
        "请在循环里给变量赋值，或另画出口，如中断型的定时边界事件。",
        "Let a step in the loop set the variable, or draw another way out, such as a timer "
        "that interrupts.",
    ),
)
_RESTS: Final = frozenset({"user", "manual", "catch", "call", "event_gateway"})


def check_loops_of_data(flow: DataFlow, proved: frozenset[str]) -> Iterator[Finding]:
    """Every gateway at which a case can go round for ever, in sound processes."""
    for drawing in flow.bundle.drawings:
        if drawing.diagram.process_id not in proved or _is_always_interrupted(drawing, flow):
            continue
        found = _Traps(flow, drawing.diagram)
        for node in drawing.diagram.nodes.values():
            if node.kind != "exclusive" or len(node.outgoing) < 2:  # noqa: PLR2004 - a choice
                continue
            inside = found.around(node, is_waiting=False)
            if not inside:
                inside = found.around(node)
                inside = inside if _is_endless(drawing.diagram, inside) else frozenset()
            if inside:
                trace = _round(drawing.diagram, node, inside)
                yield drawing.finding("livelock", node.id, *_STUCK, trace=trace)
                break


def _is_always_interrupted(drawing: Drawing, flow: DataFlow) -> bool:
    """Whether an event on every call of the process ends what goes on in it."""
    calls = list(flow.bundle.calls_of(drawing.diagram.process_id))
    return bool(calls) and all(_is_interrupted(caller, call) for caller, call in calls)


def _is_endless(diagram: Diagram, inside: frozenset[str]) -> bool:
    """Whether no branch beside the loop ends the case while its ways out are closed."""
    if not inside:
        return False
    closed = frozenset(
        flow
        for node in (diagram.nodes[one] for one in inside)
        if node.kind == "exclusive"
        for flow in node.outgoing
        if diagram.flows[flow].target not in inside
    )
    game = Exploration(diagram, Net(diagram, closed=closed))
    game.run()
    return any(fault in {"livelock", "no_end_reached"} for fault, _ in game.faults)


def _is_interrupted(diagram: Diagram, call: Node) -> bool:
    events = (diagram.nodes[name] for name in call.boundaries)
    return any(event.cancel_activity and event.error is None for event in events)


@dataclass(slots=True)
class _Traps:
    flow: DataFlow
    diagram: Diagram
    known: dict[str, Names] = field(default_factory=dict)
    """What each node may write."""

    def around(self, gate: Node, *, is_waiting: bool = True) -> frozenset[str]:
        """The loop in which this gateway keeps a case; empty when there is none.

        Without waiting, only what may run on in one step is looked at.
        """
        asked = self._reads(gate)
        allowed = {
            node.id
            for node in self.diagram.nodes.values()
            if (is_waiting or _runs_on(node)) and not self._always_writes(node, asked)
        }
        while gate.id in allowed:
            inside = self._ring(gate.id, allowed)
            if not inside or not (is_waiting or any(self._repeats(one) for one in inside)):
                return frozenset()
            open_ones = {one for one in inside if self._is_open(one, inside, is_waiting=is_waiting)}
            if not open_ones:
                return inside
            allowed -= open_ones
        return frozenset()

    def _repeats(self, node: str) -> bool:
        return self.diagram.nodes[node].loop is not None

    def _ring(self, gate: str, allowed: set[str]) -> frozenset[str]:
        """Every node on a way from the gateway back to it."""
        ahead = reach([*self._on(gate, allowed)], lambda node: self._on(node, allowed))
        if gate not in ahead:
            return frozenset()
        back: dict[str, set[str]] = {}
        for node in ahead:
            for following in self._on(node, allowed):
                back.setdefault(following, set()).add(node)
        return frozenset(reach([gate], lambda node: iter(back.get(node, ()))))

    def _on(self, node: str, allowed: set[str]) -> Iterator[str]:
        return (one for one in self._following(self.diagram.nodes[node]) if one in allowed)

    def _following(self, node: Node) -> Iterator[str]:
        """Where a case may go on, by what is known of its data."""
        ways = node.outgoing
        if node.kind == "exclusive":
            state = self.flow.before.get((self.diagram.process_id, node.id))
            known = None if state is None else self.flow.split(self.diagram, node, state)
            if known is not None and not known.errors and known.taken:
                ways = tuple(flow for flow in ways if flow in known.taken)
        yield from (self.diagram.flows[flow].target for flow in ways)
        yield from (one for one in node.boundaries if self.diagram.nodes[one].cancel_activity)

    def _is_open(self, node_id: str, inside: frozenset[str], *, is_waiting: bool) -> bool:
        node = self.diagram.nodes[node_id]
        if node.kind == "parallel":
            return _is_inclusive(node) and not self._may_be_silent(node, inside)
        if set(self._following(node)) <= inside:
            return False
        if node.kind != "exclusive":
            return is_waiting or node.loop is None
        asked = self._reads(node)
        writers = (self.diagram.nodes[one] for one in self._beside(inside))
        return any(self._always_writes(one, asked) for one in writers)

    def _beside(self, inside: frozenset[str]) -> Iterator[str]:
        """The loop, and what runs beside it behind a parallel split in it."""
        yield from inside
        for fork in (one for one in inside if _is_fork(self.diagram.nodes[one])):
            for node in self._after(fork):
                if not inside.isdisjoint(self._after(node)):
                    yield node

    def _may_be_silent(self, split: Node, inside: frozenset[str]) -> bool:
        """Whether some branch of an inclusive block, one of which is gone, lies in the loop."""
        for flow in split.outgoing:
            if MARK not in flow:  # nothing is drawn on it
                return True
            choice = self.diagram.nodes[self.diagram.flows[flow].target]
            if any(MARK not in one and one in inside for one in self._following(choice)):
                return True
        return False

    def _after(self, node: str) -> dict[str, str | None]:
        return reach([*steps(self.diagram, node)], lambda one: steps(self.diagram, one))

    def _reads(self, gate: Node) -> frozenset[str]:
        asked = self.flow.asked(self.diagram, gate)
        return frozenset().union(*(one.expression.names for one in asked))

    def _always_writes(self, node: Node, names: frozenset[str]) -> bool:
        """Whether a node writes what is asked; a call, whichever way it is passed."""
        if node.kind != "call" or not self._may_write(node, names):
            return self._may_write(node, names)
        called = self.flow.bundle.diagram(node.called or "")
        return called is None or not _Traps(self.flow, called).is_passed_without(names)

    def is_passed_without(self, names: frozenset[str]) -> bool:
        """Whether some way from start to end writes none of the names."""
        nodes = self.diagram.nodes
        silent = {one.id for one in nodes.values() if not self._may_write(one, names)}
        blocks = [one for one in nodes.values() if one.id in silent and _is_inclusive(one)]
        silent -= {one.id for one in blocks if not self._may_be_silent(one, frozenset(silent))}
        came: dict[str, set[str]] = {}
        pending = [one for one in starts_of(self.diagram) if one in silent]
        for node in pending:
            for following in self._on(node, silent):
                before = came.setdefault(following, set())
                before.add(node)
                # Every branch has to come to a join, one to anything else.
                is_join = nodes[following].kind == "parallel"
                wanted = set(self.diagram.sources(nodes[following])) if is_join else {node}
                if wanted <= before and following not in pending:
                    pending.append(following)
        return any(nodes[one].kind == "end" for one in pending)

    def _may_write(self, node: Node, names: frozenset[str]) -> bool:
        if node.loop is not None:  # nobody is asked where the list is empty
            return False
        if node.id not in self.known:
            self.known[node.id] = self._writes(self.diagram, node, frozenset())
        written = self.known[node.id]
        return written is None or bool(written & names)

    def _writes(self, diagram: Diagram, node: Node, seen: frozenset[str]) -> Names:
        effects = self.flow.effects
        if node.kind == "call":
            return self._written_in(node, seen)
        if node.kind in {"user", "manual"}:
            return _both(frozenset(effects.form_of(node.form or "")), self._said(diagram, node))
        if node.kind == "service":
            return self._said(diagram, node)
        if node.kind == "decision":
            held = self.flow.bundle.tables.get(node.decision or "")
            columns = None if held is None else frozenset(one.name for one in held.table.outputs)
            return _both(columns, self._said(diagram, node))
        if node.message is not None and node.kind != "throw":
            return self.flow.bundle.message_names.get(diagram.process_id, frozenset())
        return _NOTHING

    def _said(self, diagram: Diagram, node: Node) -> Names:
        """What the function of a node declares to give."""
        effects = self.flow.effects
        if not effects.has_function(diagram, node):
            return _NOTHING
        said = effects.declared(diagram, node.id)
        if said is None or said.gives is None:
            return None
        return frozenset({*said.gives, *said.may_give})

    def _written_in(self, call: Node, seen: frozenset[str]) -> Names:
        called = self.flow.bundle.diagram(call.called or "")
        if called is None or called.process_id in seen:
            return None
        seen |= {called.process_id}
        found: Names = frozenset(call.properties)
        for node in called.nodes.values():
            found = _both(found, self._writes(called, node, seen))
        return found


def _is_inclusive(node: Node) -> bool:
    """Whether a parallel gateway stands for an inclusive one, whose branches may be left out."""
    return any(MARK in flow for flow in node.outgoing)


def _is_fork(node: Node) -> bool:
    return node.kind == "parallel" and len(node.outgoing) > 1 and not _is_inclusive(node)


def _runs_on(node: Node) -> bool:
    """Whether a case may pass in one step; a join may have to wait for another branch."""
    is_join = node.kind == "parallel" and len(node.incoming) > 1
    return node.loop is not None or not (is_join or node.kind in _RESTS)


def _both(left: Names, right: Names) -> Names:
    return None if left is None or right is None else left | right


def _round(diagram: Diagram, gate: Node, inside: frozenset[str]) -> tuple[str, ...]:
    """From the start to the gateway, and once round the loop."""
    begin = [one for one in steps(diagram, gate.id) if one in inside]
    back = reach(begin, lambda node: (one for one in steps(diagram, node) if one in inside))
    return (*path_to(gate.id, reach_all(diagram)), *path_to(gate.id, back))
