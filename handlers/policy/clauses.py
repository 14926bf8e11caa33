"""工作方案的条款：逐级流转、事项受理、结果反馈；每条注明出处。"""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.face import (
    ACTIVITIES,
    Bundle,
    Diagram,
    Drawing,
    Expression,
    ExpressionError,
    Finding,
    Json,
    Node,
    Text,
    path_to,
    reach,
    steps,
)

RUNGS: Final[tuple[frozenset[str], ...]] = (
    frozenset({"unit_leader", "grid_member", "=start_level"}),
    frozenset({"grid_leader"}),
    frozenset({"village_center"}),
    frozenset({"station"}),
    frozenset({"county"}),
    frozenset({"city"}),
)
"""R40: who handles, rung by rung; the lowest is the collector's own post, known at run time."""

CHAIN: Final = "escalation"
MATTERS: Final = "matters"
PARTIES: Final = ("GRID_FIRST", "MSA_DIRECT", "EMERGENCY")
HIGH_LEVELS: Final = frozenset({"county", "city"})
REPORTED: Final[Mapping[str, str]] = {"grid_report": "R42", "public_report": "R51"}
TELLING: Final = frozenset({"feed_back", "notify_reporter", "hand_back"})

_STEP: Final = Text(
    "请按 单元长、网格员 → 网格长 → 平台中心 → 市管所 → 县级 → 市级 逐级连线。",
    "Draw unit or grid member, grid leader, village centre, station, county, city, one by one.",
)


def check_chain(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """R40: what a level cannot resolve goes to the next level and to no other."""
    diagram = drawing.diagram
    if diagram.process_id != CHAIN:
        return
    rungs = {node.id: rung for node in diagram.nodes.values() if (rung := _rung(node)) is not None}
    for missing in sorted(set(range(len(RUNGS))) - set(rungs.values())):
        who = " / ".join(sorted(RUNGS[missing] - {"=start_level"}))
        message = Text(f"缺少一级：{who}。", f"The level {who} is missing.")
        yield drawing.finding("chain", diagram.process_id, message, _STEP, clause="R40")
    rising = set()
    for identifier, rung in rungs.items():
        for target, trace in _next_rungs(diagram, identifier, rungs):
            rising.add((rung, rungs[target]))
            if rungs[target] not in {rung, rung + 1}:
                message = Text("没有逐级流转。", "The chain does not rise by one level.")
                yield drawing.finding("chain", target, message, _STEP, trace=trace, clause="R40")
    for rung in sorted(set(rungs.values()) - {len(RUNGS) - 1}):
        if (rung, rung + 1) not in rising and rung + 1 in rungs.values():
            element = next(name for name, own in rungs.items() if own == rung)
            message = Text("从这一级不能上报。", "Nothing leads up from this level.")
            yield drawing.finding("chain", element, message, _STEP, clause="R40")


def _rung(node: Node) -> int | None:
    """The level an activity works on: its `level`, or the lane it stands in."""
    if node.kind not in ACTIVITIES:
        return None
    names = (node.properties.get("level"), node.role)
    found = (number for name in names if name for number, rung in enumerate(RUNGS) if name in rung)
    return next(found, None)


def _next_rungs(
    diagram: Diagram, identifier: str, rungs: Mapping[str, int]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Activities of a level that follow without another step in between, and the way to them.

    A step that belongs to no level, such as one that steps back, is the end of a way.
    """

    def following(node: str) -> Iterator[str]:
        is_step = node in diagram.nodes and diagram.nodes[node].kind in ACTIVITIES
        return iter(()) if is_step and node != identifier else steps(diagram, node)

    reached = reach([identifier], following)
    for one in reached:
        if one != identifier and one in rungs:
            yield one, path_to(one, reached)


def check_matters(bundle: Bundle) -> Iterator[Finding]:
    """R39, A11: every matter names a known accepting party, and an emergency skips the chain."""
    held = bundle.tables.get(MATTERS)
    if held is None:
        return
    for rule in held.table.rules:
        answers = zip(held.table.outputs, rule.outputs, strict=True)
        known = {column.name: _constant(cell) for column, cell in answers if not cell.names}
        party, level = known.get("accepting_party"), known.get("accepting_level")
        if "accepting_party" in known and party not in PARTIES:
            message = Text(f"没有受理单位 {party}。", f"There is no accepting party {party}.")
            way_out = Text(
                "请写 " + "、".join(PARTIES) + "。", f"Write one of {', '.join(PARTIES)}."
            )
            yield Finding("error", "accepting_party", held.file, rule.id, message, way_out)
        elif party == "EMERGENCY" and "accepting_level" in known and level not in HIGH_LEVELS:
            message = Text("紧急事项没有直达县级。", "An emergency does not start at county level.")
            way_out = Text(
                "受理层级请写 county 或 city。", "Set accepting_level to county or city."
            )
            clause = "A11"
            yield Finding("error", "emergency", held.file, rule.id, message, way_out, clause=clause)


def _constant(cell: Expression) -> Json:
    try:
        return cell.evaluate({})
    except ExpressionError:
        return None


def check_feedback(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """R42, R51: a case ends only after the result was fed back or the reporter told."""
    diagram = drawing.diagram
    clause = REPORTED.get(diagram.process_id)
    if clause is None:
        return

    def untold(node: str) -> Iterator[str]:
        here = diagram.nodes.get(node)
        if here is None or (here.kind == "service" and here.id in TELLING):
            return
        yield from diagram.targets(here)
        # What a non-interrupting event begins is beside the case; its end is not the case's.
        yield from (one for one in here.boundaries if diagram.nodes[one].cancel_activity)

    starts = [node.id for node in diagram.nodes.values() if node.kind == "start"]
    reached = reach(starts, untold)
    for node in diagram.nodes.values():
        if node.kind == "end" and node.id in reached:
            message = Text("没有反馈就结束了。", "The case ends without anybody being told.")
            way_out = Text(
                "请在结束前画服务任务 feed_back、notify_reporter 或 hand_back。",
                "Draw the service task feed_back, notify_reporter or hand_back before the end.",
            )
            trace = path_to(node.id, reached)
            yield drawing.finding("feedback", node.id, message, way_out, trace=trace, clause=clause)
