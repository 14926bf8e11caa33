"""逐级流转：一级一级上报，不跳级，不缺级，不下转（R40）。"""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.face import (
    ACTIVITIES,
    Bundle,
    Diagram,
    Drawing,
    Finding,
    Node,
    Text,
    compared,
    path_to,
    reach,
    steps,
)
from handlers.policy.policy import Policy

RUNGS: Final[tuple[frozenset[str], ...]] = (
    frozenset({"unit_leader", "grid_member", "=start_level"}),
    frozenset({"grid_leader"}),
    frozenset({"village_center"}),
    frozenset({"station"}),
    frozenset({"county"}),
    frozenset({"city"}),
)
"""R40: the roles of each level, lowest first; the collector's own post is known at run time."""

CHAIN: Final = "escalation"
PASSES_UP: Final = ("outcome", ("text", "pass_up"))
"""The answer that passes a case up, as conditions ask for it."""
STARTS: Final = "start_level"
"""The variable that holds the level at which a case enters."""

_STEP: Final = Text(
    "请按 单元长、网格员 → 网格长 → 平台中心 → 市管所 → 县级 → 市级 逐级连线。",
    "Draw unit or grid member, grid leader, village centre, station, county, city, one by one.",
)


def check_chain(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """R40: a case that a level cannot resolve goes to the next level and to no other."""
    diagram = drawing.diagram
    if diagram.process_id != CHAIN:
        return
    rungs = {node.id: rung for node in diagram.nodes.values() if (rung := _rung(node)) is not None}
    for missing in sorted(set(range(len(RUNGS))) - set(rungs.values())):
        who = " / ".join(sorted(RUNGS[missing] - {"=start_level"}))
        message = Text(f"缺少一级：{who}。", f"The level {who} is missing.")
        yield drawing.finding("chain", diagram.process_id, message, _STEP, clause="R40")
    rising: set[tuple[int, int]] = set()
    for identifier, rung in rungs.items():
        for target, trace in _next_rungs(diagram, identifier, rungs):
            rising.add((rung, rungs[target]))
            if rungs[target] not in {rung, rung + 1}:
                message = Text("没有逐级流转。", "The chain does not rise by one level.")
                yield drawing.finding("chain", target, message, _STEP, trace=trace, clause="R40")
    yield from _check_ways(drawing, rungs, rising)
    yield from _check_rounds(drawing, rungs)
    yield from _check_answers(drawing, rungs)


def _check_rounds(drawing: Drawing, rungs: Mapping[str, int]) -> Iterator[Finding]:
    """A level that is left is not entered again at once: the case would go round in it."""
    diagram = drawing.diagram

    def on_the_rung(activity: str) -> Iterator[str]:
        for target, _ in _next_rungs(diagram, activity, rungs):
            if rungs[target] == rungs[activity]:
                yield target

    for identifier in rungs:
        reached = reach(list(on_the_rung(identifier)), on_the_rung)
        if identifier in reached:
            message = Text("离开这一级又回到这一级。", "The level leads back into itself.")
            trace = (*_between(diagram, identifier), *path_to(identifier, reached))
            yield drawing.finding("chain", identifier, message, _STEP, trace=trace, clause="R40")


def _check_answers(drawing: Drawing, rungs: Mapping[str, int]) -> Iterator[Finding]:
    """The ways of a choice lead to what they say: a start to its rung, passing up to the next."""
    diagram = drawing.diagram
    for node in diagram.nodes.values():
        asked = {way: compared(diagram.flows[way].condition or "") for way in node.outgoing}
        asks_outcome = any(PASSES_UP in pairs for pairs in asked.values())
        for way, pairs in asked.items():
            words = {value[1] for name, value in pairs if name == STARTS}
            wanted = {number for number, rung in enumerate(RUNGS) if rung & words}
            reached = {rungs[one] for one in _entered(diagram, diagram.flows[way].target, rungs)}
            is_start = bool(wanted) and {name for name, _ in pairs} == {STARTS}
            is_up = PASSES_UP in pairs
            if (is_start and wanted != reached) or (asks_outcome and is_up != bool(reached)):
                message = Text(
                    "这条路没有通到它说的那一级。", "The way does not lead to the level it says."
                )
                trace = (node.id, way, diagram.flows[way].target)
                yield drawing.finding("chain", way, message, _STEP, trace=trace, clause="R40")


def _entered(diagram: Diagram, target: str, rungs: Mapping[str, int]) -> Iterator[str]:
    """Activities with a level that a way leads to first."""
    if target in rungs:
        yield target
    elif target not in diagram.nodes or diagram.nodes[target].kind not in ACTIVITIES:
        yield from (one for one, _ in _next_rungs(diagram, target, rungs))


def _between(diagram: Diagram, identifier: str) -> Iterator[str]:
    """The gateways right behind an activity, and their ways."""
    for node in map(diagram.nodes.get, steps(diagram, identifier)):
        if node is not None and node.kind == "exclusive":
            yield from (node.id, *node.outgoing)


def _check_ways(
    drawing: Drawing, rungs: Mapping[str, int], rising: set[tuple[int, int]]
) -> Iterator[Finding]:
    """Check the default start, and that every level but the last leads to the next one."""
    diagram = drawing.diagram
    for flow, trace in _default_start(diagram, rungs):
        message = Text("默认从已经另有条件的一级开始。", "The default starts at another rung.")
        yield drawing.finding("chain", flow, message, _STEP, trace=trace, clause="R40")
    for rung in sorted(set(rungs.values()) - {len(RUNGS) - 1}):
        if (rung, rung + 1) not in rising and rung + 1 in rungs.values():
            element = next(name for name, own in rungs.items() if own == rung)
            message = Text("从这一级不能上报。", "Nothing leads up from this level.")
            yield drawing.finding("chain", element, message, _STEP, clause="R40")


def _default_start(
    diagram: Diagram, rungs: Mapping[str, int]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Default starts at a level that a condition also selects, each with its path."""
    for node in diagram.nodes.values():
        asked = [diagram.flows[one].condition or "" for one in node.outgoing]
        words = {value[1] for text in asked for name, value in compared(text) if name == STARTS}
        named = {number for number, rung in enumerate(RUNGS) if rung & words}
        # A default that leads nowhere is a finding of another rule.
        default = None if node.default is None else diagram.flows.get(node.default)
        if not named or default is None:
            continue
        target = default.target
        first = [(target, (node.id, target))] if target in rungs else []
        for rung, way in first or _next_rungs(diagram, target, rungs):
            if rungs[rung] in named:
                yield default.id, (node.id, *way)


def _rung(node: Node) -> int | None:
    """The level an activity works on: its `level` property, else its lane."""
    if node.kind not in ACTIVITIES:
        return None
    names = (node.properties.get("level"), node.role)
    numbers = (
        number for name in names if name for number, rung in enumerate(RUNGS) if name in rung
    )
    return next(numbers, None)


def _next_rungs(
    diagram: Diagram, identifier: str, rungs: Mapping[str, int]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Activities with a level that follow without another step in between, each with its path.

    A step that belongs to no level, such as one that returns the case, ends a path; a table that
    is asked does not.
    """

    def following(node: str) -> Iterator[str]:
        kind = diagram.nodes[node].kind if node in diagram.nodes else None
        is_step = kind in ACTIVITIES and (kind != "decision" or node in rungs)
        return iter(()) if is_step and node != identifier else steps(diagram, node)

    reached = reach([identifier], following)
    for element in reached:
        if element != identifier and element in rungs:
            yield element, path_to(element, reached)


POLICY: Final = Policy("chain", ("R40",), of_drawing=check_chain)
