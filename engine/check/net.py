"""A diagram as a token net: the places where tokens wait, and the moves between them.

Data are ignored: every flow out of a gateway may be taken, every event may happen. A token waits
at tasks and events, or on a flow into a parallel join; it passes all other nodes in the same move.
In a sequence of steps without a choice only the last is a waiting place, because everything that
can happen at the others can happen there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final, TypeAlias

from engine.diagrams.model import ACTIVITIES, Diagram, Flow, Node

Token: TypeAlias = tuple[str, str]
"""Node a token rests on, and the flow it came by where the node is a parallel join."""

Marking: TypeAlias = tuple[Token, ...]
"""All tokens of a case, sorted; empty when it has ended."""

Path: TypeAlias = tuple[str, ...]

WORK_LIMIT: Final = 60_000
_RESTING: Final = ACTIVITIES | {"catch", "throw"}
_STOPPED: Final[Token] = ("", "")
"""Stands for a terminate or error end, which takes all other tokens along."""


class TooLargeError(Exception):
    """The game has too many moves to be looked at in time."""


@dataclass(frozen=True, slots=True)
class Move:
    """The tokens a move leaves behind, and the nodes it passes."""

    tokens: Marking
    path: Path


@dataclass(slots=True)
class Net:
    """The moves of one diagram."""

    diagram: Diagram
    work: int = 0
    _on_the_way: set[str] = field(default_factory=set)

    def leave(self, node: Node) -> list[Move]:
        """The moves of a token that leaves a node by all its flows."""
        return self._all(self.diagram.flows[flow] for flow in node.outgoing)

    def moves(self, marking: Marking) -> Iterator[tuple[Marking, Path]]:
        """Every marking one move leads to, with the nodes passed on the way."""
        for token in dict.fromkeys(marking):
            if token[1]:
                continue
            rest = list(marking)
            rest.remove(token)
            for move in self._fire(self.diagram.nodes[token[0]]):
                yield from self.settle([*rest, *move.tokens], move.path)

    def settle(self, tokens: Iterable[Token], path: Path) -> Iterator[tuple[Marking, Path]]:
        """Let every parallel join fire that has all its tokens."""
        self._count()
        marking = tuple(sorted(tokens))
        if _STOPPED in marking:
            yield (), path
            return
        join = self._ready_join(marking)
        if join is None:
            yield marking, path
            return
        rest = list(marking)
        for flow in join.incoming:
            rest.remove((join.id, flow))
        for move in self.leave(join):
            yield from self.settle([*rest, *move.tokens], (*path, join.id, *move.path))

    def _fire(self, node: Node) -> Iterator[Move]:
        """The node is done, or one of the interrupting events on its border happens."""
        if node.kind == "event_gateway":
            for target in self.diagram.targets(node):
                yield from self._pass(self.diagram.nodes[target])
            return
        yield from self.leave(node)
        for identifier in node.boundaries:
            event = self.diagram.nodes[identifier]
            if event.cancel_activity:
                yield from self._pass(event)

    def _pass(self, event: Node) -> Iterator[Move]:
        for move in self.leave(event):
            yield Move(move.tokens, (event.id, *move.path))

    def _ready_join(self, marking: Marking) -> Node | None:
        present = set(marking)
        for node in dict.fromkeys(identifier for identifier, flow in marking if flow):
            join = self.diagram.nodes[node]
            if all((node, flow) in present for flow in join.incoming):
                return join
        return None

    def _all(self, flows: Iterable[Flow]) -> list[Move]:
        """Take several flows at once; every combination of what they may lead to."""
        combined = []
        for moves in product(*(self._arrive(flow) for flow in flows)):
            self._count()
            tokens = tuple(token for move in moves for token in move.tokens)
            path = tuple(node for move in moves for node in move.path)
            combined.append(Move(tokens, path))
        return combined

    def _arrive(self, flow: Flow) -> list[Move]:
        """The markings that result when a token takes this flow and all tokens have settled."""
        self._count()
        node = self.diagram.nodes[flow.target]
        if node.kind == "end":
            stops = bool(node.events)
            return [Move((_STOPPED,) if stops else (), (node.id,))]
        if node.kind == "parallel" and len(node.incoming) > 1:
            return [Move(((node.id, flow.id),), ())]
        if self._rests(node):
            return [Move(((node.id, ""),), (node.id,))]
        # A ring of gateways without a step in it leads nowhere.
        if flow.id in self._on_the_way:
            return []
        self._on_the_way.add(flow.id)
        moves = self._through(node)
        self._on_the_way.discard(flow.id)
        return [Move(move.tokens, (node.id, *move.path)) for move in moves]

    def _through(self, node: Node) -> list[Move]:
        flows = [self.diagram.flows[flow] for flow in node.outgoing]
        if node.kind == "exclusive":
            return [move for flow in flows for move in self._arrive(flow)]
        return self._all(flows)

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
