"""Whether every case can reach an end: all markings of the net are visited, shortest way first.

A branch begun by a non-interrupting event is proved apart: it must come to an end on its own
and must not run into the main way.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from engine.check.bundle import Drawing
from engine.check.net import WORK_LIMIT, Marking, Net, Path, TooLargeError
from engine.check.structure import reach, steps
from engine.diagrams.model import Diagram, Node
from engine.findings import Finding, Severity, Text

STATE_LIMIT: Final = 5_000
NODE_LIMIT: Final = 200
_AT_ONCE: Final = 2
"""So many diagrams at their limits are proved in one check; a shipped one takes a hundredth."""

Fault = Literal[
    "join_waits", "two_tokens", "no_end_reached", "livelock", "dead_node", "side_branch", "unproved"
]

_WORDS: Final[Mapping[Fault, tuple[Text, Text]]] = {
    "join_waits": (
        Text("并行汇合会一直等下去。", "The parallel join can wait for ever."),
        Text(
            "排他网关分出的路请用排他网关汇合。",
            "Merge what an exclusive gateway split with an exclusive gateway.",
        ),
    ),
    "two_tokens": (
        Text("同一件事会同时办两次。", "The same step can be open twice at once."),
        Text(
            "并行网关分出的路请用并行网关汇合。",
            "Join what a parallel gateway split with a parallel gateway.",
        ),
    ),
    "no_end_reached": (
        Text("任何案件都走不到结束。", "No case can ever reach an end."),
        Text("请给循环画一个出口。", "Draw a way out of the loop."),
    ),
    "livelock": (
        Text("走到这里就再也出不去。", "From here a case can never reach an end."),
        Text("请给循环画一个出口。", "Draw a way out of the loop."),
    ),
    "dead_node": (
        Text("任何案件都走不到这里。", "No case can ever come here."),
        Text("请检查前面的网关。", "Look at the gateways before it."),
    ),
    "side_branch": (
        Text(
            "不中断的边界事件分出的路汇入了主路，这一步会重复办理。",
            "A branch of a non-interrupting event runs into the main way; the step runs twice.",
        ),
        Text("请让这条分支自己结束，或改为中断型。", "End the branch on its own, or interrupt."),
    ),
    "unproved": (
        Text("图过于复杂，不能证明每个案件都能办结。", "Too complex to prove that cases end."),
        Text("请拆成几个流程。", "Cut it into several processes."),
    ),
}


_SPENT: Final = (
    Text(
        "这次送检的图太多、太复杂，还没有轮到证明这张图。",
        "Too many complex diagrams in one check; this one was not looked at any more.",
    ),
    Text("请分几次送检，并简化复杂的图。", "Check fewer files at once; cut the complex ones."),
)


@dataclass(slots=True)
class Effort:
    """The cost of the proofs of one check so far, over all its diagrams."""

    states: int = 0
    work: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether no further diagram is looked at."""
        return self.states >= _AT_ONCE * STATE_LIMIT or self.work >= _AT_ONCE * WORK_LIMIT


def check_soundness(drawing: Drawing, effort: Effort) -> Iterator[Finding]:
    """Every fault once, with the shortest way to it; the diagram must be well connected."""
    diagram = drawing.diagram
    if effort.is_spent:
        yield drawing.finding("unproved", diagram.process_id, *_SPENT, severity="warning")
        return
    search = _Search(diagram, Net(diagram))
    if len(diagram.nodes) > NODE_LIMIT:
        search.note("unproved", diagram.process_id, ())
    else:
        search.run()
        effort.states += search.states
        effort.work += search.net.work
    for (fault, element), trace in search.faults.items():
        severity: Severity = "warning" if fault == "unproved" else "error"
        yield drawing.finding(fault, element, *_WORDS[fault], severity=severity, trace=trace)


@dataclass(slots=True)
class _Game:
    """One net explored from one beginning."""

    came_from: dict[Marking, tuple[Marking, Path] | None] = field(default_factory=dict)
    before: dict[Marking, list[Marking]] = field(default_factory=dict)
    settled: set[Marking] = field(default_factory=set)
    """Markings that are an end, or a fault already reported."""
    visited: dict[str, Path] = field(default_factory=dict)
    """Every node passed, with the way to it."""


@dataclass(slots=True)
class _Search:
    diagram: Diagram
    net: Net
    faults: dict[tuple[Fault, str], Path] = field(default_factory=dict)
    visited: dict[str, Path] = field(default_factory=dict)
    states: int = 0

    def run(self) -> None:
        """Play the main game, then that of every side branch found on the way."""
        start = next(node for node in self.diagram.nodes.values() if node.kind == "start")
        try:
            self._play(start, ())
            for event in self._side_branches():
                self._play(event, self.visited[event.attached_to or ""])
        except TooLargeError:
            self.note("unproved", self.diagram.process_id, ())
        if not self.faults:
            self._note_dead_nodes(start)

    def note(self, fault: Fault, element: str, trace: Path) -> None:
        """Keep the first, and so the shortest, way to each fault."""
        self.faults.setdefault((fault, element), trace)

    def _side_branches(self) -> Iterator[Node]:
        """Non-interrupting events, as long as play reaches further ones."""
        done: set[str] = set()
        while True:
            hosts = (self.diagram.nodes[host] for host in self.visited)
            events = [self.diagram.nodes[name] for host in hosts for name in host.boundaries]
            fresh = [
                event for event in events if not event.cancel_activity and event.id not in done
            ]
            if not fresh:
                return
            done.update(event.id for event in fresh)
            yield from fresh

    def _play(self, begin: Node, prefix: Path) -> None:
        game = _Game()
        path = (*prefix, begin.id)
        game.visited[begin.id] = path
        self._explore(game, begin, path)
        self._judge(game, path)
        for node, way in game.visited.items():
            if node in self.visited and self._is_step(self.diagram.nodes[node]):
                self.note("side_branch", node, way)
            self.visited.setdefault(node, way)

    def _is_step(self, node: Node) -> bool:
        is_join = node.kind == "parallel" and len(node.incoming) > 1
        return is_join or node.kind not in {"exclusive", "parallel", "end"}

    def _explore(self, game: _Game, begin: Node, prefix: Path) -> None:
        origin: Marking = (("", begin.id),)
        game.came_from[origin] = None
        pending: deque[Marking] = deque()
        for move in self.net.leave(begin):
            for marking, path in self.net.settle(move.tokens, move.path):
                self._reach(game, pending, (origin, prefix), (marking, path))
        while pending:
            marking = pending.popleft()
            self.states += 1
            trace = self._trace(game, marking, prefix)
            if not marking:
                game.settled.add(marking)
                continue
            if all(flow for _, flow in marking):
                game.settled.add(marking)
                self.note("join_waits", marking[0][0], (*trace, marking[0][0]))
                continue
            for following in self.net.moves(marking):
                self._reach(game, pending, (marking, trace), following)
            if len(game.came_from) > STATE_LIMIT:
                raise TooLargeError

    def _reach(
        self,
        game: _Game,
        pending: "deque[Marking]",
        source: tuple[Marking, Path],
        following: tuple[Marking, Path],
    ) -> None:
        (marking, trace), (reached, path) = source, following
        for number, node in enumerate(path, start=1):
            if node not in game.visited:
                game.visited[node] = (*trace, *path[:number])
        twice = next((left for left, right in pairwise(reached) if left == right), None)
        if twice is not None:
            self.note("two_tokens", self._first_of_row(twice[0]), (*trace, *path))
            game.settled.add(marking)
            return
        game.before.setdefault(reached, []).append(marking)
        if reached not in game.came_from:
            game.came_from[reached] = (marking, path)
            pending.append(reached)

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
            if node.kind in {"start", "boundary"}:
                break
        return found

    def _trace(self, game: _Game, marking: Marking, prefix: Path) -> Path:
        pieces: list[Path] = []
        step = game.came_from[marking]
        while step is not None:
            marking, path = step
            pieces.append(path)
            step = game.came_from[marking]
        return (*prefix, *(node for path in reversed(pieces) for node in path))

    def _judge(self, game: _Game, prefix: Path) -> None:
        """Search backwards: whatever cannot get to an end goes round for ever."""
        good = set(game.settled)
        pending = list(good)
        while pending:
            for marking in game.before.get(pending.pop(), ()):
                if marking not in good:
                    good.add(marking)
                    pending.append(marking)
        lost = next((marking for marking in game.came_from if marking not in good), None)
        if lost is None:
            return
        if game.came_from[lost] is None:
            self.note("no_end_reached", self.diagram.process_id, prefix)
        else:
            trace = self._trace(game, lost, prefix)
            self.note("livelock", lost[0][0], trace)

    def _note_dead_nodes(self, start: Node) -> None:
        connected = reach([start.id], lambda node: steps(self.diagram, node))
        for identifier in connected:
            if identifier not in self.visited:
                self.note("dead_node", identifier, ())
