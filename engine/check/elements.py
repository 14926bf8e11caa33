"""Only elements that the engine supports are allowed; every finding names an alternative."""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.diagrams.dialect import MESSAGE_TASKS, is_documentation
from engine.diagrams.model import ACTIVITIES, Node
from engine.diagrams.reader import BPMN, EXTENSION
from engine.diagrams.xml import Element, local_name, namespace
from engine.findings import Finding, Text

_ALLOWED: Final = frozenset(
    {
        "definitions",
        "process",
        "collaboration",
        "participant",
        "messageFlow",
        "correlationKey",
        "correlationPropertyRef",
        "correlationProperty",
        "correlationPropertyRetrievalExpression",
        "messagePath",
        "formalExpression",
        "message",
        "error",
        "itemDefinition",
        "documentation",
        "extensionElements",
        "laneSet",
        "lane",
        "flowNodeRef",
        "startEvent",
        "endEvent",
        "userTask",
        "manualTask",
        "serviceTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        *MESSAGE_TASKS,
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "boundaryEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "timerEventDefinition",
        "timeDate",
        "timeDuration",
        "messageEventDefinition",
        "errorEventDefinition",
        "terminateEventDefinition",
        "multiInstanceLoopCharacteristics",
        "loopDataInputRef",
        "inputDataItem",
        "completionCondition",
        "property",  # a list has to be declared for loopDataInputRef to refer to it
        "sequenceFlow",
        "conditionExpression",
        "incoming",
        "outgoing",
        "association",
        "textAnnotation",
        "text",
        "group",
        "category",
        "categoryValue",
        "childLaneSet",
    }
)
_ALLOWED_EXTENSIONS: Final = frozenset(
    {
        "properties",
        "property",
        "calledDecisionId",
        "messagePayload",
        "messageVariable",
        "processVariableCorrelation",
        "propertyId",
        "expression",
    }
)
_SCRIPTS: Final = frozenset({"scriptTask", "script", "preScript", "postScript"})
_TO_SERVICE: Final = Text(
    "请改用服务任务，由同名处理函数计算。",
    "Draw a service task; the function of its id computes.",
)
_INSTEAD: Final[Mapping[str, Text]] = {
    "task": Text("请改用用户任务或服务任务。", "Draw a user task or a service task."),
    "subProcess": Text(
        "撤回之类的事件请画成任务或子流程上的边界消息事件。",
        "Draw a withdrawal as a message event on the border of the task or subprocess.",
    ),
    "adHocSubProcess": Text("请改用调用活动和网关。", "Draw call activities and gateways."),
    "transaction": Text("请改用调用活动和错误边界事件。", "Draw a call and an error boundary."),
    "complexGateway": Text("请改用排他网关。", "Draw exclusive gateways."),
    "standardLoopCharacteristics": Text(
        "请用排他网关把循环画出来。", "Draw the loop with an exclusive gateway."
    ),
    "loopCardinality": Text("请对一个列表做多实例。", "Repeat over a list (loopDataInputRef)."),
    "timeCycle": Text(
        "催办请写进催办表；重复等待请画成循环。",
        "Reminders belong in the chase table; draw repeated waiting as a loop.",
    ),
    "conditionalEventDefinition": Text(
        "请改用消息事件，或在网关上判断。", "Draw a message event, or decide at a gateway."
    ),
    "signalEventDefinition": Text("请改用消息事件。", "Draw a message event."),
    "signal": Text("请改用消息。", "Use a message."),
    "escalationEventDefinition": Text("请改用消息或错误事件。", "Draw a message or error event."),
    "escalation": Text("请改用消息或错误。", "Use a message or an error."),
    "compensateEventDefinition": Text("请把补救步骤画成普通任务。", "Draw the remedy as tasks."),
    "cancelEventDefinition": Text("请改用错误边界事件。", "Draw an error boundary event."),
    "linkEventDefinition": Text(
        "请直接连线，或拆成调用活动。", "Draw the flow, or a call activity."
    ),
    "serviceTaskOperator": Text(
        "请删去；服务任务按编号绑定处理函数。", "Remove it; a service task is bound by its id."
    ),
}
_REMOVE: Final = Text("请删去。", "Remove it.")
_EVENTS: Final[Mapping[str, frozenset[tuple[str, ...]]]] = {
    "start": frozenset({(), ("messageEventDefinition",)}),
    "end": frozenset({(), ("terminateEventDefinition",), ("errorEventDefinition",)}),
    "boundary": frozenset(
        {("timerEventDefinition",), ("messageEventDefinition",), ("errorEventDefinition",)}
    ),
    "catch": frozenset({("timerEventDefinition",), ("messageEventDefinition",)}),
    "throw": frozenset({("messageEventDefinition",)}),
}


def check_elements(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Every element is on the allow-list; scripts have a separate rule."""
    for element in drawing.root.iter():
        name, space = local_name(element), namespace(element)
        if name in _SCRIPTS and space in {BPMN, EXTENSION}:
            yield _refused(drawing, "script", element, _TO_SERVICE)
        elif name == "subProcess" and element.get("triggeredByEvent") == "true":
            yield _refused(drawing, "element", element, _INSTEAD[name])
        elif (space == BPMN and name not in _ALLOWED and not is_documentation(element)) or (
            space == EXTENSION and name not in _ALLOWED_EXTENSIONS
        ):
            yield _refused(drawing, "element", element, _INSTEAD.get(name, _REMOVE))


def _refused(drawing: Drawing, rule: str, element: Element, way_out: Text) -> Finding:
    name = local_name(element)
    if rule == "script":
        message = Text(f"图里不能写脚本（{name}）。", f"Scripts are refused ({name}).")
    else:
        message = Text(f"不支持 {name}。", f"{name} is not supported.")
    above = [one.get("id") or "" for one in (element, *element.iterancestors()) if one.get("id")]
    return drawing.finding(rule, _place(element), message, way_out, trace=above[:2])


def _place(element: Element) -> str:
    if element.get("id"):
        return element.get("id") or ""
    return next((above.get("id") or "" for above in element.iterancestors() if above.get("id")), "")


def check_processes(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """One executable process in a file."""
    processes = drawing.root.findall(f"{{{BPMN}}}process")
    message = Text("一个文件只能有一个流程。", "A file holds one process only.")
    way_out = Text("请把每个流程存成一个文件。", "Keep each process in a file of its own.")
    for extra in processes[1:]:
        yield drawing.finding("one_process", extra.get("id") or "", message, way_out)
    if processes[0].get("isExecutable") != "true":
        message = Text("流程没有标为可执行。", "The process is not marked as executable.")
        way_out = Text('请写 isExecutable="true"。', 'Set isExecutable="true".')
        yield drawing.finding("one_process", drawing.diagram.process_id, message, way_out)


def check_events(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Events have a kind allowed at their position, and name their message."""
    for node in drawing.diagram.nodes.values():
        if node.events not in _EVENTS.get(node.kind, frozenset({()})):
            message = Text("此处不支持这种事件。", "This kind of event is not supported here.")
            way_out = Text(
                "可用：空或消息开始，空、终止、错误结束，定时、消息捕获，消息抛出，"
                "定时、消息、错误边界。",
                "Use none or message start; none, terminate or error end; timer or message catch; "
                "message throw; timer, message or error boundary.",
            )
            yield drawing.finding("event", node.id, message, way_out)
        elif "messageEventDefinition" in node.events and not node.message:
            message = Text("没有指明哪个消息。", "The event does not say which message.")
            way_out = Text("请引用一个有名称的消息。", "Refer to a message with a name.")
            yield drawing.finding("event", node.id, message, way_out)
        if node.kind == "boundary":
            yield from _check_boundary(drawing, node)
    yield from _check_errors(drawing)


def _check_errors(drawing: Drawing) -> Iterator[Finding]:
    known = {error.get("id") for error in drawing.root.iter(f"{{{BPMN}}}error")}
    for meant in drawing.root.iter(f"{{{BPMN}}}errorEventDefinition"):
        if meant.get("errorRef") and meant.get("errorRef") not in known:
            message = Text("引用的错误不存在。", "The event refers to an error that is not there.")
            way_out = Text(
                "请画出这个错误，或更正引用。", "Declare the error, or refer to another."
            )
            element = next((above for above in meant.iterancestors() if above.get("id")), meant)
            yield drawing.finding("event", element.get("id") or "", message, way_out)


def _check_boundary(drawing: Drawing, node: Node) -> Iterator[Finding]:
    host = drawing.diagram.nodes.get(node.attached_to or "")
    if host is None or host.kind not in ACTIVITIES:
        message = Text("边界事件没有贴在任务上。", "The boundary event is not on a task.")
        way_out = Text("请贴在任务或调用活动上。", "Attach it to a task or call activity.")
        yield drawing.finding("event", node.id, message, way_out)
    elif "errorEventDefinition" in node.events and not node.cancel_activity:
        message = Text("错误边界事件必须中断任务。", "An error boundary must interrupt its task.")
        way_out = Text("请改为中断型。", "Draw it as interrupting.")
        yield drawing.finding("event", node.id, message, way_out)


def check_loops(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Multi-instance runs over a list, all at once or one after the other."""
    for node in drawing.diagram.nodes.values():
        loop = node.loop
        if loop is None or loop.kind == "standard":
            continue
        if not loop.collection or not loop.item:
            message = Text(
                "多实例必须指明列表和每项的名称。",
                "Multi-instance must name its list and item.",
            )
            way_out = _INSTEAD["loopCardinality"]
            yield drawing.finding("multi_instance", node.id, message, way_out)


def check_event_gateways(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """An event gateway waits for catch events, at most one timer and one message."""
    for node in drawing.diagram.nodes.values():
        if node.kind != "event_gateway":
            continue
        targets = [drawing.diagram.nodes.get(name) for name in drawing.diagram.targets(node)]
        timers = [target for target in targets if target is not None and target.timer is not None]
        if len(timers) > 1:
            message = Text(
                "事件网关后有两个定时事件，较早的一个会被错过。",
                "Two timers follow the event gateway; the earlier one would be missed.",
            )
            way_out = Text("请只画较早的一个。", "Draw the earlier one only.")
            yield drawing.finding("event_gateway", node.id, message, way_out)
        messages = [target for target in targets if target is not None and target.message]
        if len(messages) > 1:
            message = Text(
                "事件网关后有两个消息事件，只能等到一个。",
                "Two messages follow the event gateway; only one of them is waited for.",
            )
            way_out = Text(
                "请只等一个消息，收到后用网关判断。",
                "Wait for one message and decide at a gateway behind it.",
            )
            yield drawing.finding("event_gateway", node.id, message, way_out)
        if len(targets) == 1 or any(target is None or target.kind != "catch" for target in targets):
            message = Text("事件网关后应是几个捕获事件。", "Catch events must follow the gateway.")
            way_out = Text("请接消息或定时捕获事件。", "Draw message and timer catch events.")
            yield drawing.finding("event_gateway", node.id, message, way_out)


def check_inclusive(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """An inclusive gateway opens a block, with a default, or closes one; the engine runs those."""
    for node in drawing.diagram.nodes.values():
        if node.kind == "inclusive":
            message = Text(
                "包容网关没有围成一块：要一分一合，各分支不相通、都通到合处，并有默认出口。",
                "The inclusive gateways form no block: one opens it with a default flow, one "
                "closes it, and the branches between them meet nowhere else.",
            )
            way_out = Text(
                "请让各分支都通到同一个包容网关，并设默认出口（可直接连到合处）。",
                "Lead every branch to one inclusive gateway, and set a default flow; it may lead "
                "there directly.",
            )
            yield drawing.finding("inclusive", node.id, message, way_out)
