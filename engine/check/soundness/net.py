"""A diagram as a token net: the places where tokens wait, and the moves between them.

Data are ignored: every flow out of a gateway may be taken, every event may happen. A token waits
at tasks and events, or on a flow into a parallel join; it passes all other nodes in the same move.
In a sequence of steps without a choice only the last is a waiting place, because everything that
can happen at the others can happen there.

What a non-interrupting event begins is a token beside the others. SpiffWorkflow lets such an event
happen once for each time its task opens. It is begun as soon as the task opens: whatever can happen
later can happen to a token that has waited since. What runs without a person until it ends is over
at once and leaves no token.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Final, NamedTuple, TypeAlias

from engine.check.soundness.calls import ANY_END, Ends
from engine.check.structure import reach, steps
from engine.diagrams.model import ACTIVITIES, Diagram, Node

Token: TypeAlias = tuple[str, str]
"""Node a token rests on, and the flow it came by where the node is a parallel join."""

Marking: TypeAlias = tuple[Token, ...]
"""All tokens of a case, sorted; empty when it has ended."""

Path: TypeAlias = tuple[str, ...]

WORK_LIMIT: Final = 60_000
_RESTING: Final = ACTIVITIES | {"catch", "throw"}
_AUTOMATIC: Final = frozenset({"service", "decision", "throw"})


class TooLargeError(Exception):
    """The game has too many moves to be looked at in time."""


class Leg(NamedTuple):
    """The part of a move that leads to one token, or to an end."""

    token: Token | None
    path: Path
    stops: bool = False
    """Whether it is an end that takes all other tokens along."""


Move: TypeAlias = tuple[Leg, ...]


class Passage(NamedTuple):
    """A move of a marking: what it leads to, by which legs, and the joins that fired."""

    reached: Marking
    legs: Move
    fired: Path = ()


@dataclass(slots=True)
class Net:
    """The moves of one diagram; `ends` tells how the processes it calls can end.

    Flows that are `closed` are never taken by a choice.
    """

    diagram: Diagram
    ends: Mapping[str, Ends] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    work: int = 0
    _on_the_way: set[str] = field(default_factory=set)
    _fired: dict[str, list[Move]] = field(default_factory=dict)

    def begin(self, node: Node) -> Iterator[Passage]:
        """The first markings of a case that starts at a node."""
        for move in self._leave(node):
            yield from self._settle((), move)

    def moves(self, marking: Marking, token: Token) -> Iterator[Passage]:
        """Every move of one token that does not wait at a join."""
        rest = list(marking)
        rest.remove(token)
        for move in self._fire(self.diagram.nodes[token[0]]):
            yield from self._settle(rest, move)

    def _settle(self, rest: Iterable[Token], move: Move, fired: Path = ()) -> Iterator[Passage]:
        """Let every parallel join fire that has all its tokens."""
        self._count()
        if any(leg.stops for leg in move):
            yield Passage((), move, fired)
            return
        marking = tuple(sorted([*rest, *(leg.token for leg in move if leg.token is not None)]))
        join = self._ready_join(marking)
        if join is None:
            yield Passage(marking, move, fired)
            return
        if join.id in fired:  # round a block all of whose branches are left out, without a step
            return
        taken = {(join.id, flow) for flow in join.incoming}
        before = next((leg.path for leg in move if leg.token in taken), ())
        left = list(marking)
        for token in taken:
            left.remove(token)
        kept = tuple(leg for leg in move if leg.token not in taken)
        for token in (leg.token for leg in kept if leg.token is not None):
            left.remove(token)
        for following in self._leave(join):
            legs = tuple(_behind((*before, join.id), leg) for leg in following)
            yield from self._settle(left, (*kept, *legs), (*fired, join.id))

    def _fire(self, node: Node) -> list[Move]:
        """The node is done, or one of the interrupting events on its border happens."""
        if node.id not in self._fired:
            self._fired[node.id] = list(self._ways_on(node))
        return self._fired[node.id]

    def _ways_on(self, node: Node) -> Iterator[Move]:
        if node.kind == "event_gateway":
            for target in self.diagram.targets(node):
                yield from self._pass(self.diagram.nodes[target])
            return
        ends = self.ends.get(node.called or "", ANY_END) if node.kind == "call" else ANY_END
        if ends.is_normal:
            yield from self._leave(node)
        for identifier in node.boundaries:
            event = self.diagram.nodes[identifier]
            if event.cancel_activity and (event.error is None or ends.may_fail(event.error)):
                yield from self._pass(event)

    def _pass(self, event: Node, *, at_once: bool = False) -> Iterator[Move]:
        for move in self._leave(event, at_once=at_once):
            yield tuple(_behind((event.id,), leg) for leg in move)

    def _ready_join(self, marking: Marking) -> Node | None:
        present = set(marking)
        for node in dict.fromkeys(identifier for identifier, flow in marking if flow):
            join = self.diagram.nodes[node]
            if all((node, flow) in present for flow in join.incoming):
                return join
        return None

    def _leave(self, node: Node, *, at_once: bool = False) -> list[Move]:
        """The moves of a token that leaves a node by all its flows."""
        ways = [self._arrive(flow, at_once=at_once) for flow in node.outgoing]
        return self._together(ways)

    def _together(self, ways: Iterable[list[Move]]) -> list[Move]:
        """Every combination of what several tokens may do at once."""
        combined = []
        for moves in product(*ways):
            self._count()
            combined.append(tuple(leg for move in moves for leg in move))
        return combined

    def _arrive(self, flow: str, *, at_once: bool) -> list[Move]:
        """What happens when a token takes this flow, until all that follows rests or ends."""
        self._count()
        node = self.diagram.nodes[self.diagram.flows[flow].target]
        if node.kind == "end":
            return [(Leg(None, (node.id,), stops=bool(node.events)),)]
        if node.kind == "parallel" and len(node.incoming) > 1:
            return [(Leg((node.id, flow), ()),)]
        is_automatic = node.kind in _AUTOMATIC and not node.boundaries
        if self._rests(node) and not (at_once and is_automatic):
            here: list[Move] = [(Leg((node.id, ""), (node.id,)),)]
            return self._together([here, *(self._beside(node, event) for event in node.boundaries)])
        # A ring of gateways without a step in it leads nowhere.
        if flow in self._on_the_way:
            return []
        self._on_the_way.add(flow)
        passes = at_once and (is_automatic or node.kind in {"exclusive", "parallel"})
        moves = self._through(node, at_once=passes)
        self._on_the_way.discard(flow)
        return [tuple(_behind((node.id,), leg) for leg in move) for move in moves]

    def _beside(self, host: Node, identifier: str) -> list[Move]:
        """What a non-interrupting event begins; nothing for another one."""
        event = self.diagram.nodes[identifier]
        if event.cancel_activity or identifier in self._on_the_way:
            return [()]
        self._on_the_way.add(identifier)
        found = [
            tuple(_behind((host.id,), leg) for leg in move)
            for move in self._pass(event, at_once=True)
        ]
        self._on_the_way.discard(identifier)
        # An end that stops everything hides what the others do when the event does not happen.
        return [*found, ()] if self._may_stop(event) else found

    def _may_stop(self, event: Node) -> bool:
        behind = reach([event.id], lambda node: steps(self.diagram, node))
        return any(self.diagram.nodes[node].events for node in behind if self._is_end(node))

    def _is_end(self, identifier: str) -> bool:
        return self.diagram.nodes[identifier].kind == "end"

    def _through(self, node: Node, *, at_once: bool) -> list[Move]:
        if node.kind == "exclusive":
            open_ones = (flow for flow in node.outgoing if flow not in self.closed)
            ways = (self._arrive(flow, at_once=at_once) for flow in open_ones)
            return [move for moves in ways for move in moves]
        return self._leave(node, at_once=at_once)

    def _rests(self, node: Node) -> bool:
        if node.kind == "event_gateway" or node.boundaries:
            return True
        if node.kind not in _RESTING:
            return False
        (target,) = self.diagram.targets(node)
        following = self.diagram.nodes[target]
        return following.kind not in _RESTING or len(following.incoming) > 1

    def _count(self) -> None:
        self.work += 1
        if self.work > WORK_LIMIT:
            raise TooLargeError


def _behind(nodes: Path, leg: Leg) -> Leg:
    return Leg(leg.token, (*nodes, *leg.path), leg.stops)
