"""The explorer agrees with a plain token game that leaves nothing out."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check.bundle import Drawing
from engine.check.soundness import Effort, check_soundness
from engine.diagrams.model import Diagram
from engine.diagrams.reader import read_diagram
from engine.diagrams.xml import parse_xml
from tests.engine import drawing as d

FAULTS = {"join_waits", "two_tokens", "no_end_reached", "livelock"}


@dataclass
class _Maker:
    """Draws nested blocks, some of them with the wrong kind of gateway at one end."""

    random: Random
    parts: list[str] = field(default_factory=list)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}"

    def task(self) -> tuple[str, str]:
        name = self.name("task")
        self.parts.append(d.user(name))
        if self.random.random() < 0.25:
            event = self.name("event")
            self.parts.append(d.boundary(event, name, d.timer()))
            end = self.name("end")
            inner = self.random.choice(["", "<bpmn:terminateEventDefinition/>"])
            self.parts.append(d.end(end, inner) + d.path(event, end))
        return name, name

    def gateway(self, kind: str) -> str:
        name = self.name(kind)
        # One gateway in eight is of the other kind than its block needs.
        wrong = self.random.random() < 0.125
        self.parts.append(d.fork(name) if (kind == "fork") != wrong else d.xor(name))
        return name

    def block(self, depth: int) -> tuple[str, str]:
        kind = self.random.choice(["task", "row", "xor", "fork", "loop"]) if depth else "task"
        if kind == "task":
            return self.task()
        if kind == "row":
            (first, one), (two, last) = self.block(depth - 1), self.block(depth - 1)
            self.parts.append(d.path(one, two))
            return first, last
        if kind == "loop":
            into, (first, last), out = (
                self.gateway("xor"),
                self.block(depth - 1),
                self.gateway("xor"),
            )
            self.parts.append(d.path(into, first) + d.path(last, out, into))
            return into, out
        split, join = self.gateway(kind), self.gateway(kind)
        for _ in range(2):
            first, last = self.block(depth - 1)
            self.parts.append(d.path(split, first) + d.path(last, join))
        return split, join


def _diagram(random: Random) -> Drawing:
    maker = _Maker(random)
    first, last = maker.block(3)
    body = (
        d.start()
        + "".join(maker.parts)
        + d.end()
        + d.path("reported", first)
        + d.path(last, "closed")
    )
    root = parse_xml(d.diagram(body), name="p.bpmn")
    return Drawing("p.bpmn", root, read_diagram(root, name="p.bpmn"))


Marking = tuple[tuple[str, str], ...]


def _moves(diagram: Diagram, marking: Marking) -> list[Marking]:
    """One token moves by one node; joins fire when all their tokens are there."""
    found = []
    for identifier, flow in set(marking):
        node = diagram.nodes[identifier]
        rest = Counter(marking)
        if node.kind == "parallel" and len(node.incoming) > 1:
            needed = Counter((identifier, one) for one in node.incoming)
            if needed <= rest and flow == node.incoming[0]:
                found.append((rest - needed, node.outgoing))
            continue
        rest -= Counter([(identifier, flow)])
        if node.kind == "end":
            found.append((Counter() if node.events else rest, ()))
        elif node.kind == "exclusive":
            found += [(rest, (one,)) for one in node.outgoing]
        else:
            found.append((rest, node.outgoing))
            found += [(rest, diagram.nodes[event].outgoing) for event in node.boundaries]
    return [_marking(diagram, rest, flows) for rest, flows in found]


def _marking(diagram: Diagram, rest: Counter[tuple[str, str]], flows: tuple[str, ...]) -> Marking:
    tokens = list(rest.elements())
    for flow in flows:
        target = diagram.nodes[diagram.flows[flow].target]
        is_join = target.kind == "parallel" and len(target.incoming) > 1
        tokens.append((target.id, flow if is_join else ""))
    return tuple(sorted(tokens))


def _is_sound(diagram: Diagram) -> bool | None:
    """Play everything; None when that takes too long."""
    start: Marking = (("reported", ""),)
    before: dict[Marking, list[Marking]] = {start: []}
    pending = [start]
    for marking in pending:
        for following in _moves(diagram, marking):
            if _meets_at_a_step(diagram, following):
                return False
            if following not in before:
                before[following] = []
                pending.append(following)
            before[following].append(marking)
        if len(before) > 20_000 or len(marking) > 12:
            return None
    return set(before) <= _ending(before)


def _ending(before: dict[Marking, list[Marking]]) -> set[Marking]:
    """Every marking from which the case can end."""
    good: set[Marking] = {()}
    todo: list[Marking] = [()] if () in before else []
    while todo:
        for marking in before[todo.pop()]:
            if marking not in good:
                good.add(marking)
                todo.append(marking)
    return good


def _meets_at_a_step(diagram: Diagram, marking: Marking) -> bool:
    twice = [token for token, count in Counter(marking).items() if count > 1]
    return any(flow or diagram.nodes[name].kind == "user" for name, flow in twice)


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_explorer_and_a_plain_token_game_agree(random: Random) -> None:
    drawing = _diagram(random)
    expected = _is_sound(drawing.diagram)

    found = {finding.rule for finding in check_soundness(drawing, Effort())}

    if expected is not None and "unproved" not in found:
        assert bool(found & FAULTS) is not expected
