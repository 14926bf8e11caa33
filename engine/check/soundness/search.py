"""Whether every case can reach an end: the markings of the net are visited, shortest way first.

Main way and side branches are one game. Tokens of different branches move independently until a
join or an end that stops everything, so of a marking only one token is moved where that loses
nothing (partial-order reduction, after Valmari's stubborn sets): no other token can come to where
it stands or to a join it lets fire, it has a move that does not stop the others, and one that leads
to something new. Markings from which no end was found are looked at again with every token.
tests/fault compares the verdicts with the real engine, every way, on random diagrams.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from engine.check.soundness.net import Marking, Net, Passage, Path, Token, TooLargeError
from engine.check.soundness.sides import side_branches
from engine.check.structure import path_to, reach, steps
from engine.diagrams.model import Diagram, Node

STATE_LIMIT: Final = 5_000

Fault = Literal[
    "join_waits", "two_tokens", "no_end_reached", "livelock", "dead_node", "side_branch", "unproved"
]


@dataclass(slots=True)
class Exploration:
    """One game; `faults` are what it found, each with the way to it."""

    diagram: Diagram
    net: Net
    faults: dict[tuple[Fault, str], Path] = field(default_factory=dict)
    came_from: dict[Marking, tuple[Marking, Passage] | None] = field(default_factory=dict)
    before: dict[Marking, list[Marking]] = field(default_factory=dict)
    settled: set[Marking] = field(default_factory=set)
    """Markings that are an end, or a fault already reported."""
    whole: set[Marking] = field(default_factory=set)
    """Markings of which every token was moved."""
    visited: set[str] = field(default_factory=set)
    pending: deque[Marking] = field(default_factory=deque)
    _behind: dict[str, frozenset[str]] = field(default_factory=dict)

    def run(self) -> None:
        """Play the game, unless side branches run into the main way."""
        start = next(node for node in self.diagram.nodes.values() if node.kind == "start")
        for fault, trace in side_branches(self.diagram, start):
            self.note("side_branch", fault, trace)
        if self.faults:
            return
        try:
            self._explore(start)
            self._judge(start)
        except TooLargeError:
            self.note("unproved", self.diagram.process_id, ())
        if not self.faults:
            self._note_dead_nodes(start)

    def note(self, fault: Fault, element: str, trace: Path) -> None:
        """Keep the first, and so the shortest, way to each fault."""
        self.faults.setdefault((fault, element), trace)

    # -- the markings ----------------------------------------------------------------------------

    def _explore(self, start: Node) -> None:
        origin: Marking = (("", start.id),)
        self.came_from[origin] = None
        self.settled.discard(origin)
        self.visited.add(start.id)
        self._reach(origin, list(self.net.begin(start)))
        self._empty_pending()

    def _empty_pending(self) -> None:
        while self.pending:
            marking = self.pending.popleft()
            if not marking:
                self.settled.add(marking)
            elif all(flow for _, flow in marking):
                self.settled.add(marking)
                join = marking[0][0]
                trace = self._trace(marking, marking, missing=join)
                self.note("join_waits", join, (*trace, join))
            else:
                self._reach(marking, self._steps_of(marking))
            if len(self.came_from) > STATE_LIMIT:
                raise TooLargeError

    def _steps_of(self, marking: Marking) -> list[Passage]:
        """The moves of one token where that is enough, else those of all."""
        found: list[Passage] = []
        tokens = [token for token in dict.fromkeys(marking) if not token[1]]
        for token in tokens:
            moves = list(self.net.moves(marking, token))
            if len(tokens) == 1 or self._is_enough(marking, token, moves):
                return moves
            found += moves
        self.whole.add(marking)
        return found

    def _is_enough(self, marking: Marking, token: Token, moves: list[Passage]) -> bool:
        others = [node for node, _ in marking if node != token[0]]
        behind = [self._after(node) for node in others]
        met = {token[0], *(join for move in moves for join in move.fired)}
        if any(not met.isdisjoint(nodes) for nodes in behind):
            return False
        going = [move.reached for move in moves if not any(leg.stops for leg in move.legs)]
        return any(reached not in self.came_from for reached in going)

    def _after(self, node: str) -> frozenset[str]:
        """Every node a token can come to from this one."""
        if node not in self._behind:
            following = list(steps(self.diagram, node))
            found = reach(following, lambda one: steps(self.diagram, one))
            self._behind[node] = frozenset(found)
        return self._behind[node]

    def _reach(self, marking: Marking, moves: list[Passage]) -> None:
        for step in moves:
            self.visited.update(node for leg in step.legs for node in leg.path)
            twice = next((left for left, right in pairwise(step.reached) if left == right), None)
            if twice is not None:
                trace = (*self._trace(marking, _taken(marking, step)), *_nodes(step, (twice,)))
                before = self._trace(marking, (twice,)) if twice in marking else ()
                self.note("two_tokens", self._first_of_row(twice[0]), _one_after(before, trace))
                self.settled.add(marking)
                continue
            self.before.setdefault(step.reached, []).append(marking)
            if step.reached not in self.came_from:
                self.came_from[step.reached] = (marking, step)
                self.pending.append(step.reached)

    def _first_of_row(self, identifier: str) -> str:
        """The first user task of the row of steps that ends at a resting place."""
        node = self.diagram.nodes[identifier]
        found = identifier
        while node.kind not in {"exclusive", "parallel", "event_gateway"}:
            if node.kind == "user":
                found = node.id
            if len(node.incoming) != 1:
                break
            node = self.diagram.nodes[self.diagram.sources(node)[0]]
            if node.kind in {"start", "boundary"} or node.boundaries:
                break
        return found

    def _trace(self, marking: Marking, wanted: Marking, *, missing: str = "") -> Path:
        """The way on which the wanted tokens came to be, and those ended that a join misses."""
        pieces: list[Path] = []
        needed = set(wanted)
        step = self.came_from[marking]
        while step is not None and needed:
            earlier, move = step
            left = {leg.token for leg in move.legs if leg.token in needed}
            taken = set(_taken(earlier, move))
            is_escape = missing and not any(leg.token for leg in move.legs)
            if left or (is_escape and any(missing in self._after(node) for node, _ in taken)):
                pieces.append(_nodes(move, tuple(needed)))
                needed = needed - left | taken
            marking, step = earlier, self.came_from[earlier]
        begin = marking[0][1] if step is None and marking and not marking[0][0] else ""
        return ((begin,) if begin else ()) + tuple(
            node for path in reversed(pieces) for node in path
        )

    # -- the verdict -----------------------------------------------------------------------------

    def _judge(self, start: Node) -> None:
        """Search backwards: whatever cannot get to an end goes round for ever."""
        while True:
            lost = self._lost()
            fresh = [one for one in lost if one not in self.whole and one[0][0]]
            if not fresh:
                break
            for marking in fresh:
                self.whole.add(marking)
                for token in dict.fromkeys(marking):
                    if not token[1]:
                        self._reach(marking, list(self.net.moves(marking, token)))
            self._empty_pending()
        if not lost:
            return
        if not self._can_end(start.id):
            self.note("no_end_reached", self.diagram.process_id, (start.id,))
            return
        # The first token that has no end before it; else what is first lost as a whole.
        alone = ((one, token) for one in lost for token in one if not self._can_end(token[0]))
        marking, token = next(alone, (lost[0], lost[0][0]))
        self.note("livelock", token[0] or token[1], self._trace(marking, (token,)))

    def _can_end(self, node: str) -> bool:
        return not node or any(self.diagram.nodes[one].kind == "end" for one in self._after(node))

    def _lost(self) -> list[Marking]:
        good = set(self.settled)
        pending = list(good)
        while pending:
            for marking in self.before.get(pending.pop(), ()):
                if marking not in good:
                    good.add(marking)
                    pending.append(marking)
        return [marking for marking in self.came_from if marking not in good]

    def _note_dead_nodes(self, start: Node) -> None:
        connected = reach([start.id], lambda node: steps(self.diagram, node))
        for identifier in connected:
            if identifier not in self.visited:
                self.note("dead_node", identifier, path_to(identifier, connected))


def _taken(marking: Marking, step: Passage) -> Marking:
    """The tokens a move took away."""
    left = {leg.token for leg in step.legs}
    return tuple(token for token in marking if token not in step.reached or token in left)


def _nodes(step: Passage, wanted: Marking) -> Path:
    """The nodes passed on the way to the wanted tokens, or to the end where none is one of them."""
    legs = [leg.path for leg in step.legs if leg.token in wanted]
    paths = legs or [leg.path for leg in step.legs]
    return tuple(dict.fromkeys(node for path in paths for node in path))


def _one_after(first: Path, second: Path) -> Path:
    """Two ways from the start, the second from where it parts from the first."""
    together = 0
    while together < min(len(first), len(second)) and first[together] == second[together]:
        together += 1
    return (*first, *second[together:])
