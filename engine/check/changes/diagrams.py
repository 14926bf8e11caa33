"""Differences between diagrams: tasks, flows, conditions, times, lanes and properties."""

from collections.abc import Iterator

from engine.check.changes.words import Change, added, changed, removed
from engine.diagrams.model import Diagram, Flow, Node
from engine.findings import Text

_KINDS = {
    "user": Text("任务", "task"),
    "manual": Text("任务", "task"),
    "service": Text("自动环节", "service task"),
    "decision": Text("规则环节", "rule task"),
    "call": Text("调用", "call"),
    "boundary": Text("边界事件", "boundary event"),
    "catch": Text("等待", "event"),
    "throw": Text("消息", "event"),
    "start": Text("开始", "start"),
    "end": Text("结束", "end"),
    "exclusive": Text("判断", "gateway"),
    "parallel": Text("并行网关", "parallel gateway"),
    "inclusive": Text("包容网关", "inclusive gateway"),
    "event_gateway": Text("事件网关", "event gateway"),
}
_ANY = Text("元素", "element")


def changes_of_diagram(file: str, old: Diagram, new: Diagram) -> Iterator[Change]:
    """Nodes first, then the ways between them; what only lies elsewhere on the picture is none."""
    for name, node in new.nodes.items():
        if name not in old.nodes:
            yield added(file, name, node.label, _KINDS.get(node.kind, _ANY), detail=_told(node))
    for name, node in old.nodes.items():
        if name not in new.nodes:
            yield removed(file, name, node.label, _KINDS.get(node.kind, _ANY))
        else:
            yield from _node(file, node, new.nodes[name])
    yield from _flows(file, old, new)


def _told(node: Node) -> str:
    """Who does a new step, and what it is drawn to do."""
    if not node.properties:
        return ""
    said = [f"{name}={value}" for name, value in node.properties.items()]
    return ", ".join([node.lane, *said] if node.lane else said)


def _node(file: str, old: Node, new: Node) -> Iterator[Change]:
    facts = (
        (Text("名称", "label"), old.label, new.label),
        (Text("泳道", "lane"), old.lane, new.lane),
        (Text("种类", "kind"), old.tag, new.tag),
        (Text("调用的流程", "called process"), old.called, new.called),
        (Text("决策表", "table"), old.decision, new.decision),
        (Text("定时", "timer"), _timer(old), _timer(new)),
        (Text("消息", "message"), old.message, new.message),
        (Text("贴在", "attached to"), old.attached_to, new.attached_to),
        (Text("方式", "way"), _interrupts(old), _interrupts(new)),
        (Text("结束方式", "way it ends"), " ".join(old.events), " ".join(new.events)),
        (Text("默认出口", "default"), old.default, new.default),
        (Text("多实例", "multi-instance"), _instances(old), _instances(new)),
    )
    for what, before, after in facts:
        if before != after:
            yield changed(file, new.id, new.label, what, before, after)
    for name in sorted({*old.properties, *new.properties}):
        before, after = old.properties.get(name), new.properties.get(name)
        if before != after:
            yield changed(file, new.id, new.label, Text(name, name), before, after)


def _timer(node: Node) -> str | None:
    return None if node.timer is None else f"{node.timer.kind} {node.timer.text}"


def _instances(node: Node) -> str | None:
    if node.loop is None:
        return None
    order = "依次 in turn" if node.loop.kind == "sequential" else "同时 at once"
    enough = f", {node.loop.enough}" if node.loop.enough else ""
    return f"{order}: {node.loop.collection}{enough}"


def _interrupts(node: Node) -> str | None:
    if node.kind != "boundary":
        return None
    return "中断 interrupting" if node.cancel_activity else "不中断 non-interrupting"


def _flows(file: str, old: Diagram, new: Diagram) -> Iterator[Change]:
    flow_word = Text("连线", "way")
    for name, flow in new.flows.items():
        if name not in old.flows:
            yield added(file, name, _way(new, flow), flow_word)
    for name, flow in old.flows.items():
        now = new.flows.get(name)
        if now is None:
            yield removed(file, name, _way(old, flow), flow_word)
            continue
        before, after = _way(old, flow), _way(new, now)
        if (flow.source, flow.target) != (now.source, now.target):
            yield changed(file, name, now.label, Text("走向", "way"), before, after)
        if flow.condition != now.condition:
            what = Text("条件", "condition")
            yield changed(file, name, now.label or after, what, flow.condition, now.condition)


def _way(diagram: Diagram, flow: Flow) -> str:
    ends = (diagram.nodes.get(name) for name in (flow.source, flow.target))
    return " – ".join("?" if node is None else node.label or node.id for node in ends)
