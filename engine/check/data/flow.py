"""The data of every case at once: which values each name can have before each node.

Diagrams are followed from their start, into the processes they call and out again, until nothing
new is found. A name that is not set on some way keeps `ValueKind.MISSING` among its values. A
process is followed apart for every start of a case and every set of properties it is called with.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final, TypeAlias

from engine.check.bundle import Bundle
from engine.check.data.conditions import Branching, Condition, conditions_of, refined, split
from engine.check.data.domains import ANYTHING, NOT_SET, State, Values
from engine.check.data.effects import Effects
from engine.check.structure import main_way, starts_of, steps
from engine.diagrams.model import Diagram, Node

Place: TypeAlias = tuple[str, str]
"""Process and node."""

Context: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]
"""Process a case begins with, process followed, and the properties it is called with."""

WORK_LIMIT: Final = 20_000
"""Maximum of nodes visited in one check, over diagrams and calls; beyond it data go unchecked."""


class TooMuchError(Exception):
    """The data have too many ways to be followed in time."""


@dataclass(slots=True)
class DataFlow:
    """The result: the data before every node, over all paths and callers."""

    bundle: Bundle
    effects: Effects
    before: dict[Place, State] = field(default_factory=dict)
    walks: dict[Context, "Walk"] = field(default_factory=dict)
    work: int = 0
    ends: int = 0
    """How often a process ended with something new."""
    _asked: dict[Place, list[Condition]] = field(default_factory=dict)
    _splits: dict[tuple[Place, tuple[Values, ...]], Branching | None] = field(default_factory=dict)

    def follow(self) -> None:
        """Follow every process nobody calls, also once more on the data of its last run."""
        drawings = self.bundle.drawings
        called = {node.called for one in drawings for node in one.diagram.nodes.values()}
        for drawing in drawings:
            if drawing.diagram.process_id not in called:
                self._follow(drawing.diagram)
        for (_, process, _), walk in self.walks.items():
            for node, state in walk.before.items():
                known = self.before.setdefault((process, node), dict(state))
                grown(known, state)

    def _follow(self, diagram: Diagram) -> None:
        walk = self.walk((diagram.process_id, diagram.process_id, ()), diagram)
        walk.enter(self.effects.begin(diagram))
        known = -1
        while known != self.ends:
            known = self.ends
            walk.run()
            if walk.left is not None:
                walk.enter(walk.left)

    def walk(self, context: Context, diagram: Diagram) -> "Walk":
        """The walk through a process in one context."""
        if context not in self.walks:
            self.walks[context] = Walk(self, diagram, context)
        return self.walks[context]

    def asked(self, diagram: Diagram, node: Node) -> list[Condition]:
        """The conditions of a gateway, compiled once."""
        place = (diagram.process_id, node.id)
        if place not in self._asked:
            self._asked[place] = conditions_of(diagram, node)
        return self._asked[place]

    def split(self, diagram: Diagram, node: Node, state: State) -> Branching | None:
        """Which flows a gateway takes, tried once for the same values."""
        asked = self.asked(diagram, node)
        names = sorted(frozenset().union(*(one.expression.names for one in asked)))
        key = ((diagram.process_id, node.id), tuple(state.get(name, ANYTHING) for name in names))
        if key not in self._splits:
            self._splits[key] = split(asked, node.default, state)
        return self._splits[key]


def grown(known: State, state: State) -> bool:
    """Add to `known` what else can be; whether there was anything new."""
    is_new = False
    for name, values in state.items():
        have = known[name]
        if have is not values and not values <= have:
            known[name] = have | values
            is_new = True
    return is_new


def merged(states: list[State]) -> State:
    """What the data can be when a case came all these ways: set by one is set."""
    found: State = {}
    for name in states[0]:
        values = [state[name] for state in states]
        union = values[0].union(*values[1:])
        is_set = any(NOT_SET.isdisjoint(one) for one in values)
        found[name] = union - NOT_SET if is_set else union
    return found


class Walk:
    """One process followed in one context; it may be entered again with more."""

    def __init__(self, flow: DataFlow, diagram: Diagram, context: Context) -> None:
        self.flow = flow
        self.diagram = diagram
        self.context = context
        self.arrived: dict[str, dict[str, State]] = {}
        self.before: dict[str, State] = {}
        self.left: State | None = None
        self.main = main_way(diagram)
        self.pending: list[tuple[int, str]] = []
        self.order = {node: place for place, node in enumerate(_in_order(diagram))}
        self.is_open = False
        self.settled_at: int | None = None
        """How many new ends were known when nothing new was left to follow here."""
        self.calls = [node.id for node in diagram.nodes.values() if node.kind == "call"]

    def enter(self, state: State) -> None:
        """A case comes to the start with these data."""
        start = next((one for one in self.diagram.nodes.values() if one.kind == "start"), None)
        if start is not None:
            self._arrive(start.id, "", state)

    def run(self) -> None:
        """Follow what is new, and look again at what was called."""
        if self.is_open:  # it calls itself, which is reported elsewhere
            return
        if not self.pending and self.settled_at == self.flow.ends:
            return
        self.is_open, ends = True, self.flow.ends
        for one in self.calls:
            if one in self.before:
                self._put_off(one)
        while self.pending:
            self._count()
            node = self.diagram.nodes[heappop(self.pending)[1]]
            for via, target, following in self._leave(node, self.before[node.id]):
                self._arrive(target, via, following)
        self.is_open, self.settled_at = False, ends

    def _put_off(self, node: str) -> None:
        """Follow a node later, after those that lead to it."""
        entry = (self.order.get(node, len(self.order)), node)
        if entry not in self.pending:
            heappush(self.pending, entry)

    def _count(self) -> None:
        self.flow.work += 1
        if self.flow.work > WORK_LIMIT:
            raise TooMuchError

    def _arrive(self, target: str, via: str, state: State) -> None:
        node = self.diagram.nodes.get(target)
        if node is None:
            return
        together = state
        if node.kind == "parallel" and len(node.incoming) > 1:
            ways = self.arrived.setdefault(target, {})
            grown(ways.setdefault(via, dict(state)), state)
            if len(ways) < len(node.incoming):
                return
            together = merged(list(ways.values()))
        known = self.before.get(target)
        if known is None:
            self.before[target] = dict(together)
        elif not grown(known, together):
            return
        self._put_off(target)

    def _leave(self, node: Node, state: State) -> Iterator[tuple[str, str, State]]:
        """Every way on from a node: flow, node it leads to, and the data there."""
        for event in node.boundaries:
            # The output of the task is not available when a boundary event interrupts it.
            yield event, event, state
        if node.kind == "end":
            self._end(node, state)
            return
        behind = self._behind(node, state)
        if behind is None:
            return
        ways = self._ways(node, behind)
        for flow in node.outgoing:
            if flow in ways:
                yield flow, self.diagram.flows[flow].target, ways[flow]

    def _end(self, node: Node, state: State) -> None:
        if node.id not in self.main or "errorEventDefinition" in node.events:
            return
        if self.left is None:
            self.left = dict(state)
        elif not grown(self.left, state):
            return
        self.flow.ends += 1

    def _behind(self, node: Node, state: State) -> State | None:
        if node.kind != "call":
            return self.flow.effects.behind(self.diagram, node, state)
        called = self.flow.bundle.diagram(node.called or "")
        if called is None:
            return {name: values | ANYTHING for name, values in state.items()}
        properties = tuple(sorted(node.properties.items()))
        walk = self.flow.walk((self.context[0], called.process_id, properties), called)
        walk.enter(self.flow.effects.handed_down(node, state))
        walk.run()
        return walk.left

    def _ways(self, node: Node, state: State) -> Mapping[str, State]:
        """The flows a case can take, each with the data that follow from taking it."""
        asks = node.kind == "exclusive" and self.flow.asked(self.diagram, node)
        result = self.flow.split(self.diagram, node, state) if asks else None
        if result is None:
            return dict.fromkeys(node.outgoing, state)
        ways = {flow: refined(state, kept) for flow, kept in result.taken.items()}
        # A condition that cannot be evaluated is reported; what follows is looked at all the same.
        return ways or dict.fromkeys(node.outgoing, state)


def _in_order(diagram: Diagram) -> Iterator[str]:
    """Nodes in the order in which a case comes to them, each after those before it."""
    starts = starts_of(diagram)
    seen, found = set(starts), list[str]()
    pending = [(node, steps(diagram, node)) for node in starts]
    while pending:
        node, ahead = pending[-1]
        following = next((one for one in ahead if one not in seen), None)
        if following is None:
            pending.pop()
            found.append(node)
        else:
            seen.add(following)
            pending.append((following, steps(diagram, following)))
    return reversed(found)
