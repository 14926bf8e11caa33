"""Typed facts of one BPMN file, read from its XML; nothing here runs a diagram or judges it.

Validation is done by `engine.check`, so reading is lenient: unknown elements keep their tag and get
the kind `other`.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from engine.diagrams.dialect import BPMN, BPMN_DI, DC, MESSAGE_TASKS, drawn_id
from engine.diagrams.model import Box, Diagram, Drawn, DrawnTimer, Flow, Kind, Lane, Loop, Node
from engine.diagrams.parts import is_part, with_parts
from engine.diagrams.xml import Element, local_name, namespace
from engine.errors import DiagramError
from engine.findings import Finding, Text
from storage.people.roles import ROLE_OF_NAME, ROLES

__all__ = [
    "BPMN",
    "EXTENSION",
    "Box",
    "Diagram",
    "Drawn",
    "DrawnTimer",
    "Flow",
    "Lane",
    "Loop",
    "Node",
    "known_lanes",
    "read_diagram",
    "role_of_lane",
]

EXTENSION: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"

RUN_TIME_LANES: Final[Mapping[str, str]] = {
    "owner": "owner",
    "verifier": "verifier",
    "named_post": "named_post",
    "承办岗": "owner",
    "核查岗": "verifier",
    "指定岗": "named_post",
}
_KINDS: Final[Mapping[str, Kind]] = {
    "startEvent": "start",
    "endEvent": "end",
    "userTask": "user",
    "manualTask": "manual",
    "serviceTask": "service",
    "businessRuleTask": "decision",
    "callActivity": "call",
    "exclusiveGateway": "exclusive",
    "parallelGateway": "parallel",
    "inclusiveGateway": "inclusive",
    "eventBasedGateway": "event_gateway",
    "boundaryEvent": "boundary",
    "intermediateCatchEvent": "catch",
    "intermediateThrowEvent": "throw",
    "sendTask": "throw",
    "receiveTask": "catch",
}
_NO_NODES: Final = frozenset(
    {
        "documentation",
        "extensionElements",
        "laneSet",
        "sequenceFlow",
        "association",
        "textAnnotation",
        "group",
        "category",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "property",
        "ioSpecification",
        "correlationSubscription",
        "auditing",
        "monitoring",
    }
)
_B: Final = f"{{{BPMN}}}"
_X: Final = f"{{{EXTENSION}}}"


def read_diagram(root: Element, *, name: str) -> Diagram:
    """Read a parsed file.

    Raises:
        DiagramError: the file holds no process.
    """
    root = with_parts(root)
    process = _process(root, name)
    parts = [one for one in root.iter(f"{_B}process") if is_part(one.get("id"))]
    read = tuple(_read(root, part, name) for part in parts)
    return replace(_read(root, process, name), parts=read)


def _read(root: Element, process: Element, name: str) -> Diagram:
    flows = {flow.id: flow for flow in map(_flow, process.findall(f"{_B}sequenceFlow"))}
    messages = {_id(message): message.get("name") or "" for message in root.iter(f"{_B}message")}
    errors = {_id(error): error.get("errorCode") or "" for error in root.iter(f"{_B}error")}
    lanes = tuple(_lanes(process))
    return Diagram(
        name=name,
        process_id=_id(process),
        label=_label(process),
        documentation=_documentation(process),
        variables=frozenset(_properties(process).get("variables", "").split()),
        nodes=_nodes(process, flows, lanes, _References(messages, errors)),
        flows=flows,
        lanes=lanes,
        messages=messages,
        expressions=tuple(_expressions(root, process)),
        shapes=dict(_shapes(root)),
        edges=frozenset(_drawn_ids(root, "BPMNEdge")),
    )


def role_of_lane(name: str) -> str | None:
    """The role or run-time lane denoted by a lane's name, in Chinese or as identifier."""
    plain = _plain(name)
    if plain in ROLES:
        return plain
    names = {_plain(known): role for known, role in ROLE_OF_NAME.items()}
    return names.get(plain) or RUN_TIME_LANES.get(plain)


def _lane_of_function(identifier: str) -> str | None:
    """The function `x` of a lane with the id `lane_x`; the check says whether it is written."""
    name = identifier.removeprefix("lane_")
    is_other = name == identifier or name in ROLES or name in RUN_TIME_LANES
    return None if is_other or not name.isidentifier() else name


def known_lanes() -> tuple[str, ...]:
    """All names of roles, on which the reading of lanes depends; a city may change them."""
    return (*ROLES, *(f"{name}={role}" for name, role in ROLE_OF_NAME.items()))


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def _process(root: Element, name: str) -> Element:
    process = root.find(f"{_B}process")
    if local_name(root) != "definitions" or namespace(root) != BPMN or process is None:
        message = Text("文件中没有 BPMN 流程。", "The file holds no BPMN process.")
        way_out = Text("请用流程编辑器画一个流程。", "Draw one process in the editor.")
        finding = Finding("error", "no_process", name, "", message, way_out)
        text = f"{name}: {message.zh}"
        raise DiagramError(text, code="no_process", findings=[finding])
    return process


@dataclass(frozen=True, slots=True)
class _References:
    messages: Mapping[str, str]
    errors: Mapping[str, str]


def _nodes(
    process: Element, flows: Mapping[str, Flow], lanes: tuple[Lane, ...], known: _References
) -> dict[str, Node]:
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    for flow in flows.values():
        outgoing.setdefault(flow.source, []).append(flow.id)
        incoming.setdefault(flow.target, []).append(flow.id)
    elements = [child for child in process if _is_node(child)]
    boundaries: dict[str, list[str]] = {}
    for element in elements:
        boundaries.setdefault(element.get("attachedToRef") or "", []).append(_id(element))
    lane_of = {node: lane for lane in lanes for node in lane.nodes}
    nodes = {}
    for element in elements:
        identifier = _id(element)
        lane = lane_of.get(identifier)
        nodes[identifier] = Node(
            id=identifier,
            kind=_KINDS.get(local_name(element), "other"),
            tag="subProcess" if is_part(element.get("calledElement")) else local_name(element),
            label=_label(element),
            lane=lane.name if lane else "",
            role=lane.role if lane else None,
            properties=_properties(element),
            called=element.get("calledElement"),
            decision=_text(element.find(f"{_B}extensionElements/{_X}calledDecisionId")),
            incoming=tuple(incoming.get(identifier, ())),
            outgoing=tuple(outgoing.get(identifier, ())),
            listed=tuple(_listed(element)),
            default=element.get("default"),
            attached_to=element.get("attachedToRef"),
            boundaries=tuple(boundaries.get(identifier, ())),
            cancel_activity=element.get("cancelActivity") != "false",
            events=_events(element),
            timer=_timer(element),
            message=_reference(element, "message", known.messages),
            error=_reference(element, "error", known.errors),
            loop=_loop(element),
            documentation=_documentation(element),
        )
    return nodes


def _listed(element: Element) -> Iterator[str]:
    for child in element:
        if local_name(child) in {"incoming", "outgoing"}:
            yield _text(child) or ""


def _is_node(element: Element) -> bool:
    return namespace(element) == BPMN and local_name(element) not in _NO_NODES


def _events(element: Element) -> tuple[str, ...]:
    if local_name(element) in MESSAGE_TASKS:
        return ("messageEventDefinition",)
    return tuple(local_name(event) for event in _event_definitions(element))


def _event_definitions(element: Element) -> list[Element]:
    return [child for child in element if local_name(child).endswith("EventDefinition")]


def _timer(element: Element) -> DrawnTimer | None:
    kinds: dict[str, Literal["date", "duration", "cycle"]] = {
        "timeDate": "date",
        "timeDuration": "duration",
        "timeCycle": "cycle",
    }
    for child in element.findall(f"{_B}timerEventDefinition/*"):
        kind = kinds.get(local_name(child))
        if kind:
            return DrawnTimer(kind, _text(child) or "")
    return None


def _reference(element: Element, kind: str, known: Mapping[str, str]) -> str | None:
    definition = element.find(f"{_B}{kind}EventDefinition")
    if kind == "message" and local_name(element) in MESSAGE_TASKS:
        definition = element
    if definition is None:
        return None
    return known.get(definition.get(f"{kind}Ref") or "", "")


def _loop(element: Element) -> Loop | None:
    if element.find(f"{_B}standardLoopCharacteristics") is not None:
        return Loop("standard")
    loop = element.find(f"{_B}multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    item = loop.find(f"{_B}inputDataItem")
    return Loop(
        "sequential" if loop.get("isSequential") == "true" else "parallel",
        collection=_text(loop.find(f"{_B}loopDataInputRef")),
        item=None if item is None else item.get("name") or item.get("id"),
        cardinality=_text(loop.find(f"{_B}loopCardinality")),
        enough=_text(loop.find(f"{_B}completionCondition")),
    )


def _flow(element: Element) -> Flow:
    condition = _text(element.find(f"{_B}conditionExpression"))
    source, target = element.get("sourceRef") or "", element.get("targetRef") or ""
    return Flow(_id(element), source, target, condition, _label(element))


def _lanes(process: Element) -> Iterator[Lane]:
    # Outer lanes first, so that a node of a nested lane belongs to the inner one.
    for lane in process.iter(f"{_B}lane"):
        nodes = frozenset(_text(node) or "" for node in lane.findall(f"{_B}flowNodeRef"))
        identifier = drawn_id(_id(lane))
        role = role_of_lane(_label(lane)) or _lane_of_function(identifier)
        yield Lane(identifier, _label(lane), role, nodes)


def _properties(element: Element) -> dict[str, str]:
    matches = element.findall(f"{_B}extensionElements/{_X}properties/{_X}property")
    return {entry.get("name") or "": entry.get("value") or "" for entry in matches}


def _expressions(root: Element, process: Element) -> Iterator[Drawn]:
    for flow in process.iter(f"{_B}sequenceFlow"):
        for condition in flow.findall(f"{_B}conditionExpression"):
            yield Drawn(_id(flow), "condition", _text(condition) or "")
    for element in process:
        identifier = _id(element)
        for text in element.findall(f"{_B}timerEventDefinition/*"):
            if local_name(text).startswith("time"):
                yield Drawn(identifier, "timer", _text(text) or "")
        yield from _loop_expressions(element)
        yield from _property_expressions(identifier, _properties(element))
    yield from _message_expressions(root)


def _loop_expressions(element: Element) -> Iterator[Drawn]:
    for loop in element.findall(f"{_B}multiInstanceLoopCharacteristics"):
        for text in loop.findall(f"{_B}loopDataInputRef"):
            yield Drawn(_id(element), "collection", _text(text) or "")
        for text in loop.findall(f"{_B}completionCondition"):
            yield Drawn(_id(element), "enough", _text(text) or "")


def _property_expressions(identifier: str, properties: Mapping[str, str]) -> Iterator[Drawn]:
    for key, value in properties.items():
        if value.startswith("="):
            yield Drawn(identifier, "property", value[1:])
        elif key == "due":
            yield Drawn(identifier, "due", value)
        elif key == "not_by":
            yield from (Drawn(identifier, "not_by", name) for name in value.split())


def _message_expressions(root: Element) -> Iterator[Drawn]:
    for payload in root.iter(f"{_X}messagePayload"):
        yield Drawn(_owner(payload), "payload", _text(payload) or "")
    for path in root.iter(f"{_B}correlationPropertyRetrievalExpression"):
        for text in (*path.findall(f"{_B}messagePath"), *path.findall(f"{_B}formalExpression")):
            yield Drawn(_owner(path), "correlation", _text(text) or "")
    for text in root.iter(f"{_X}expression"):
        yield Drawn(_owner(text), "correlation", _text(text) or "")


def _owner(element: Element) -> str:
    """Id of the nearest element above that has one."""
    return next((_id(above) for above in element.iterancestors() if above.get("id")), "")


def _shapes(root: Element) -> Iterator[tuple[str, Box]]:
    for shape in root.iter(f"{{{BPMN_DI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        if bounds is not None:
            x, y, width, height = (
                _coordinate(bounds.get(k)) for k in ("x", "y", "width", "height")
            )
            yield shape.get("bpmnElement") or "", Box(x, y, width, height)


def _coordinate(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _drawn_ids(root: Element, kind: str) -> Iterator[str]:
    for shape in root.iter(f"{{{BPMN_DI}}}{kind}"):
        yield shape.get("bpmnElement") or ""


def _documentation(element: Element) -> str:
    return _text(element.find(f"{_B}documentation")) or ""


def _label(element: Element) -> str:
    return " ".join((element.get("name") or "").split())


def _text(element: Element | None) -> str | None:
    return None if element is None else (element.text or "").strip()


def _id(element: Element) -> str:
    return element.get("id") or ""
