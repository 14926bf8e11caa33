"""Diagrams match the code: functions, forms, tables, called processes."""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.diagrams.model import Diagram, Node
from engine.findings import Finding, Severity, Text
from engine.ready import READY

_KIND_OF_NODE: Final[Mapping[str, str]] = {
    "service": "service",
    "user": "user",
    "manual": "user",
    "decision": "decision",
    "start": "start",
}


def check_functions(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Every service task has its function, every function its place in the diagram."""
    if bundle.functions is None:
        return
    diagram = drawing.diagram
    written = bundle.functions.get(diagram.process_id, {})
    places = _places(diagram)
    for node in diagram.nodes.values():
        if node.kind == "service" and node.id not in written:
            yield _unwritten(drawing, node.id, "service")
    waits = {node.role for node in diagram.nodes.values() if node.kind in {"user", "manual"}}
    if "verifier" in waits and "verifier" not in written:
        yield _unwritten(drawing, "verifier", "lane")
    for name, kind in written.items():
        if places.get(name) != kind:
            yield _undrawn(drawing, name, kind, is_drawn=name in places)


def _places(diagram: Diagram) -> dict[str, str]:
    lanes = {lane.role: "lane" for lane in diagram.lanes if lane.role}
    nodes = {
        node.id: _KIND_OF_NODE[node.kind]
        for node in diagram.nodes.values()
        if node.kind in _KIND_OF_NODE
    }
    return {**lanes, **nodes}


def _unwritten(drawing: Drawing, name: str, kind: str) -> Finding:
    module = f"handlers/…/{drawing.diagram.process_id}.py"
    message = Text("画了，但没有处理函数。", "Drawn, but not written.")
    way_out = Text(
        f"请用属性 does 选一个现成的步骤（{'、'.join(READY)}），"
        f"或在 {module} 写函数 {name}（{kind}）。",
        f"Choose a ready step by the property `does` ({', '.join(READY)}), or write the function "
        f"{name} ({kind}) in {module}.",
    )
    return drawing.finding("not_written", name, message, way_out)


def _undrawn(drawing: Drawing, name: str, kind: str, *, is_drawn: bool) -> Finding:
    """An unused function runs nothing; one of another kind than the drawn task is a mistake."""
    module = f"{drawing.diagram.process_id}.py"
    message = Text(
        f"程序 {module} 的函数 {name}（{kind}）在图上没有位置。",
        f"The function {name} ({kind}) of {module} has no place in the diagram.",
    )
    way_out = Text(
        "请画出它，改正种类，或删去函数；改名的任务用 formerly 保留旧编号。",
        "Draw it, correct its kind, or delete it; a renamed task keeps its old id in `formerly`.",
    )
    severity: Severity = "error" if is_drawn else "warning"
    return drawing.finding("not_drawn", name, message, way_out, severity=severity)


def check_orphan_functions(bundle: Bundle) -> Iterator[Finding]:
    """No module of handlers without its diagram."""
    drawn = {drawing.diagram.process_id for drawing in bundle.drawings}
    for process_id in sorted(set(bundle.functions or {}) - drawn):
        file = f"handlers/{process_id}.py"
        message = Text(f"没有流程 {process_id} 的图。", f"There is no diagram {process_id}.")
        way_out = Text("请画出流程，或删去模块。", "Draw the process, or delete the module.")
        yield Finding("warning", "not_drawn", file, process_id, message, way_out)


def check_references(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Forms, decision tables and called processes exist."""
    for node in drawing.diagram.nodes.values():
        if node.kind == "user" and node.form not in bundle.forms:
            yield _missing(drawing, node, "form", "表单", f"bpmn/forms/{node.form}.json")
        elif node.kind == "start" and node.who and node.id not in bundle.forms:
            yield _missing(drawing, node, "form", "表单", f"bpmn/forms/{node.id}.json")
        elif node.kind == "decision" and node.decision not in bundle.tables:
            yield _missing(drawing, node, "decision", "决策表", f"bpmn/{node.decision}.dmn")
        elif node.kind == "start" and node.advice and node.advice not in bundle.tables:
            yield _missing(drawing, node, "decision", "决策表", f"bpmn/{node.advice}.dmn")
        elif node.kind == "call" and bundle.diagram(node.called or "") is None:
            yield _missing(drawing, node, "process", "流程", f"bpmn/{node.called}.bpmn")


def _missing(drawing: Drawing, node: Node, word: str, chinese: str, file: str) -> Finding:
    message = Text(f"没有指明{chinese}，或它不存在。", f"The {word} is not named, or missing.")
    way_out = Text(f"请指明一个现有的{chinese}（{file}）。", f"Name a {word} that exists ({file}).")
    return drawing.finding(f"missing_{word}", node.id, message, way_out)


def check_calls(bundle: Bundle) -> Iterator[Finding]:
    """No process calls itself, directly or through others: it could never come to an end."""
    calls = {
        drawing.diagram.process_id: {
            node.called for node in drawing.diagram.nodes.values() if node.called
        }
        for drawing in bundle.drawings
    }
    for drawing in bundle.drawings:
        reached, pending = set[str](), list(calls[drawing.diagram.process_id])
        while pending:
            process = pending.pop()
            if process not in reached:
                reached.add(process)
                pending.extend(calls.get(process, ()))
        if drawing.diagram.process_id in reached:
            message = Text("流程直接或间接调用自己。", "The process calls itself.")
            way_out = Text("请用循环代替。", "Draw a loop instead.")
            yield drawing.finding("calls_itself", drawing.diagram.process_id, message, way_out)


def check_called(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """A call activity that bears the id or the name of a process calls that one."""
    ids = {one.diagram.process_id for one in bundle.drawings}
    names = {one.diagram.label: one.diagram.process_id for one in bundle.drawings}
    for node in drawing.diagram.nodes.values():
        if node.kind != "call" or node.called not in ids:
            continue
        meant = node.id if node.id in ids else names.get(node.label, node.called)
        if meant != node.called:
            message = Text(
                f"名称是流程 {meant}，调用的却是 {node.called}。",
                f"It is named after the process {meant} and calls {node.called}.",
            )
            way_out = Text(
                f"请调用 {meant}，或另起名称。", f"Call {meant}, or choose another name."
            )
            trace = (node.id, meant)
            yield drawing.finding("calls_another", node.id, message, way_out, trace=trace)
