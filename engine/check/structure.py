"""How nodes are connected: gateways split and merge, every way has a beginning and an end."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.diagrams.model import ACTIVITIES, GATEWAYS, Diagram, Node
from engine.findings import Finding, Severity, Text

TASK_LIMIT: Final = 12

_WORDS: Final[Mapping[str, tuple[Text, Text]]] = {
    "dangling_flow": (
        Text("连线的一端没有接到元素。", "One end of the flow is not connected."),
        Text("请重新连线。", "Connect it again."),
    ),
    "start": (
        Text("流程应当正好有一个开始事件。", "A process has exactly one start event."),
        Text("请只保留一个开始事件。", "Keep one start event."),
    ),
    "end": (
        Text("走到这里没有出口，也不是结束事件。", "The way stops here without an end event."),
        Text("请接到后面的步骤或结束事件。", "Lead it on, or to an end event."),
    ),
    "no_way_in": (
        Text("开始事件和边界事件不能有入口。", "Start and boundary events have no way in."),
        Text("请删去这条连线。", "Remove the flow."),
    ),
    "no_way_out": (
        Text("结束事件不能有出口。", "An end event has no way out."),
        Text("请删去这条连线。", "Remove the flow."),
    ),
    "unreachable": (
        Text("从开始事件走不到这里。", "No way leads here from the start."),
        Text("请接上连线，或删去。", "Connect it, or remove it."),
    ),
    "merge": (
        Text("几条连线不经网关直接汇到一处。", "Several flows meet here without a gateway."),
        Text(
            "请在前面加一个汇合网关：先后来到用排他网关，同时来到用并行网关。",
            "Put a merging gateway before it: exclusive for alternatives, parallel for branches.",
        ),
    ),
    "split": (
        Text("几条连线不经网关直接分出。", "Several flows leave here without a gateway."),
        Text("请在后面加一个网关。", "Put a gateway behind it."),
    ),
    "condition_missing": (
        Text("排他网关的这个出口没有条件，也不是默认出口。", "The flow has no condition."),
        Text("请写条件，或设为默认出口。", "Write a condition, or make it the default flow."),
    ),
    "condition_useless": (
        Text("这条连线的条件不起作用。", "The condition of this flow is never asked."),
        Text(
            "条件只写在排他网关的非默认出口上。",
            "Conditions stand on flows of exclusive gateways other than the default.",
        ),
    ),
    "default_flow": (
        Text("默认出口不是这个网关的连线。", "The default is no flow of this gateway."),
        Text("请重新设默认出口。", "Choose the default again."),
    ),
    "no_default": (
        Text("所有条件都不成立时无路可走。", "There is no way when no condition holds."),
        Text("请设一个默认出口。", "Make one flow the default."),
    ),
    "idle_gateway": (
        Text("网关只有一进一出，不起作用。", "The gateway has one way in and one way out."),
        Text("请补上另一条路，或删去网关。", "Draw the other way, or remove the gateway."),
    ),
    "empty_branch": (
        Text("并行分出的这条路直接结束，不起作用。", "The parallel branch ends at once."),
        Text(
            "请在这条路上画要办的事；要二选一的，改用排他网关。",
            "Draw what is to be done on it; for a choice draw an exclusive gateway.",
        ),
    ),
    "flow_reference": (
        Text("元素列出的连线不存在，或接在别处。", "The element lists a flow that is not its own."),
        Text("请用流程编辑器重新画出这条连线。", "Draw the flow again in the editor."),
    ),
    "join_in_loop": (
        Text("并行汇合处在循环里。", "A parallel join stands inside a loop."),
        Text("请把循环和并行分开，例如用调用活动。", "Keep them apart, for instance by a call."),
    ),
    "task_count": (
        Text(f"任务超过 {TASK_LIMIT} 个。", f"There are more than {TASK_LIMIT} tasks."),
        Text("请拆成几个流程，用调用活动连接。", "Cut it into several called processes."),
    ),
}

_SIDE_END: Final = (
    Text(
        "不中断的边界事件的分支用终止结束，会把整个案件一起结束，没办完的任务也被取消。",
        "A branch of a non-interrupting event ends with terminate: it ends the case beside it too.",
    ),
    Text(
        "请把这个结束事件改为普通结束，或把边界事件改为中断型。",
        "Draw a plain end event, or let the boundary event interrupt.",
    ),
)

Found = Iterator[tuple[str, str]]
"""Word of the rule and id of the element."""


def check_structure(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """All rules of this module."""
    for rule in (_flows, _starts, _ends, _ways, _reach, _merges, _conditions, _loops, _count):
        for word, element in rule(drawing.diagram):
            severity: Severity = "warning" if word in {"join_in_loop", "no_default"} else "error"
            yield drawing.finding(word, element, *_WORDS[word], severity=severity)
    for element in _wrong_references(drawing):
        yield drawing.finding("flow_reference", element, *_WORDS["flow_reference"])


def check_side_ends(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """What a non-interrupting event begins ends on its own and stops nothing beside it."""
    diagram = drawing.diagram
    for event in diagram.nodes.values():
        if event.kind != "boundary" or event.cancel_activity:
            continue
        reached = reach([event.id], lambda node: steps(diagram, node))
        for node in map(diagram.nodes.get, reached):
            if node is not None and "terminateEventDefinition" in node.events:
                trace = path_to(node.id, reached)
                yield drawing.finding("side_end", node.id, *_SIDE_END, trace=trace)


def _wrong_references(drawing: Drawing) -> Iterator[str]:
    """Nodes that list, as editors make them do, a flow that was removed or moved behind them."""
    for node in drawing.diagram.nodes.values():
        if not set(node.listed) <= {*node.incoming, *node.outgoing}:
            yield node.id


def _flows(diagram: Diagram) -> Found:
    for flow in diagram.flows.values():
        if flow.source not in diagram.nodes or flow.target not in diagram.nodes:
            yield "dangling_flow", flow.id


def _starts(diagram: Diagram) -> Found:
    starts = starts_of(diagram)
    if not starts:
        yield "start", diagram.process_id
    for extra in starts[1:]:
        yield "start", extra


def _ends(diagram: Diagram) -> Found:
    if not any(node.kind == "end" for node in diagram.nodes.values()):
        yield "end", diagram.process_id
    for node in diagram.nodes.values():
        # What is not allowed at all is reported as that alone.
        if not node.outgoing and node.kind not in {"end", "other"}:
            yield "end", node.id


def _ways(diagram: Diagram) -> Found:
    for node in diagram.nodes.values():
        if node.incoming and node.kind in {"start", "boundary"}:
            yield "no_way_in", node.id
        if node.outgoing and node.kind == "end":
            yield "no_way_out", node.id


def _reach(diagram: Diagram) -> Found:
    reached = reach_all(diagram)
    if reached:
        for node in diagram.nodes.values():
            if node.id not in reached and node.kind != "other":
                yield "unreachable", node.id


def _merges(diagram: Diagram) -> Found:
    for node in diagram.nodes.values():
        if node.kind not in GATEWAYS and len(node.incoming) > 1:
            yield "merge", node.id
        if node.kind not in GATEWAYS and len(node.outgoing) > 1:
            yield "split", node.id
        if node.kind == "parallel" and len(node.outgoing) > 1:
            ends = (diagram.nodes.get(one) for one in diagram.targets(node))
            if any(end is not None and end.kind == "end" for end in ends):
                yield "empty_branch", node.id
        passes = len(node.incoming) == len(node.outgoing) == 1
        if passes and node.kind in {"exclusive", "parallel"}:
            yield "idle_gateway", node.id


def _conditions(diagram: Diagram) -> Found:
    for flow in diagram.flows.values():
        source = diagram.nodes.get(flow.source)
        asked = source is not None and _asks(source) and source.default != flow.id
        if asked and not flow.condition:
            yield "condition_missing", flow.id
        is_inclusive = source is not None and source.kind == "inclusive"  # said by its own rule
        if not asked and not is_inclusive and flow.condition is not None:
            yield "condition_useless", flow.id
    for node in diagram.nodes.values():
        if node.default is not None and node.default not in node.outgoing:
            yield "default_flow", node.id
        elif node.default is None and _asks(node):
            yield "no_default", node.id


def _asks(node: Node) -> bool:
    return node.kind == "exclusive" and len(node.outgoing) > 1


def _loops(diagram: Diagram) -> Found:
    for node in diagram.nodes.values():
        if node.kind == "parallel" and len(node.incoming) > 1:
            following = list(steps(diagram, node.id))
            if node.id in reach(following, lambda place: steps(diagram, place)):
                yield "join_in_loop", node.id


def _count(diagram: Diagram) -> Found:
    tasks = [node for node in diagram.nodes.values() if node.kind in ACTIVITIES]
    if len(tasks) > TASK_LIMIT:
        yield "task_count", diagram.process_id


def starts_of(diagram: Diagram) -> list[str]:
    """The ids of the start events."""
    return [node.id for node in diagram.nodes.values() if node.kind == "start"]


def steps(diagram: Diagram, identifier: str) -> Iterator[str]:
    """The nodes one step on from a node, through its flows or the events on its border."""
    node = diagram.nodes.get(identifier)
    if node is not None:
        yield from diagram.targets(node)
        yield from node.boundaries


def reach(starts: list[str], following: Callable[[str], Iterator[str]]) -> dict[str, str | None]:
    """Every node reached from `starts`, each with the node it was first reached from."""
    reached: dict[str, str | None] = dict.fromkeys(starts)
    pending = list(starts)
    for identifier in pending:
        for next_one in following(identifier):
            if next_one not in reached:
                reached[next_one] = identifier
                pending.append(next_one)
    return reached


def reach_all(diagram: Diagram) -> dict[str, str | None]:
    """Every node reached from the start events, each with the node it was first reached from."""
    return reach(starts_of(diagram), lambda node: steps(diagram, node))


def path_to(identifier: str, reached: Mapping[str, str | None]) -> tuple[str, ...]:
    """The way `reach` found, from a start to `identifier`."""
    path = [identifier]
    while (before := reached[path[-1]]) is not None:
        path.append(before)
    return tuple(reversed(path))


def main_way(diagram: Diagram) -> frozenset[str]:
    """Nodes a case comes to without what an event begins beside it."""

    def following(name: str) -> Iterator[str]:
        node = diagram.nodes.get(name)
        if node is not None:
            yield from diagram.targets(node)
            yield from (one for one in node.boundaries if diagram.nodes[one].cancel_activity)

    return frozenset(one for one in reach(starts_of(diagram), following) if one in diagram.nodes)
