"""Small BPMN, DMN and form documents for tests, drawn in one line each."""

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
GRAPHIC = re.compile(r'<bpmn:(\w+) id="([^"]*)"')
NO_SHAPE = ("EventDefinition", "laneSet", "message", "error", "process", "collaboration", "input")


def element(tag: str, identifier: str, inner: str = "", **attributes: str) -> str:
    """One BPMN element; it is labelled in Chinese unless `name` says otherwise."""
    attributes = {"name": "名称", **attributes}
    text = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<bpmn:{tag} id="{identifier}"{text}>{inner}</bpmn:{tag}>'


def extension(*inner: str, **properties: str) -> str:
    listed = "".join(
        f"<spiffworkflow:property name={quoteattr(key)} value={quoteattr(value)}/>"
        for key, value in properties.items()
    )
    known = f"<spiffworkflow:properties>{listed}</spiffworkflow:properties>" if listed else ""
    return f"<bpmn:extensionElements>{''.join(inner)}{known}</bpmn:extensionElements>"


def start(identifier: str = "reported", inner: str = "") -> str:
    return element("startEvent", identifier, inner)


def end(identifier: str = "closed", inner: str = "") -> str:
    return element("endEvent", identifier, inner)


def user(identifier: str, inner: str = "", **properties: str) -> str:
    properties = {"form": "note", "phase": "handle", "deadline": "handle", **properties}
    kept = {key: value for key, value in properties.items() if value}
    return element("userTask", identifier, extension(**kept) + inner)


def service(identifier: str, inner: str = "") -> str:
    return element("serviceTask", identifier, inner)


def decide(identifier: str, table: str, **properties: str) -> str:
    called = f"<spiffworkflow:calledDecisionId>{table}</spiffworkflow:calledDecisionId>"
    return element("businessRuleTask", identifier, extension(called, **properties))


def call(identifier: str, process: str, label: str = "调用", **properties: str) -> str:
    inner = extension(**properties)
    return element("callActivity", identifier, inner, name=label, calledElement=process)


def part(identifier: str, *parts: str) -> str:
    """Embedded subprocess."""
    return element("subProcess", identifier, "".join(parts))


def xor(identifier: str, default: str = "") -> str:
    return element("exclusiveGateway", identifier, **({"default": default} if default else {}))


def some(identifier: str, default: str = "") -> str:
    """Inclusive gateway."""
    return element("inclusiveGateway", identifier, **({"default": default} if default else {}))


def fork(identifier: str) -> str:
    return element("parallelGateway", identifier)


def event_gateway(identifier: str) -> str:
    return element("eventBasedGateway", identifier)


def timer(text: str = "'PT1H'", kind: str = "timeDuration") -> str:
    return (
        f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">'
        f"{escape(text)}</bpmn:{kind}></bpmn:timerEventDefinition>"
    )


def message(reference: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{reference}"/>'


def error(reference: str) -> str:
    return f'<bpmn:errorEventDefinition errorRef="{reference}"/>'


def boundary(identifier: str, on: str, inner: str, *, interrupting: bool = True) -> str:
    cancel = "true" if interrupting else "false"
    return element("boundaryEvent", identifier, inner, attachedToRef=on, cancelActivity=cancel)


def catch(identifier: str, inner: str) -> str:
    return element("intermediateCatchEvent", identifier, inner)


def throw(identifier: str, inner: str) -> str:
    return element("intermediateThrowEvent", identifier, inner)


def several(
    collection: str = "posts",
    item: str = "post",
    cardinality: str = "",
    *,
    in_turn: bool = False,
    enough: str = "",
) -> str:
    """Multi-instance marker."""
    if cardinality:
        return (
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>"
            f"{escape(cardinality)}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
        )
    condition = (
        f"<bpmn:completionCondition>{escape(enough)}</bpmn:completionCondition>" if enough else ""
    )
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(in_turn).lower()}">'
        f"<bpmn:loopDataInputRef>{escape(collection)}"
        f'</bpmn:loopDataInputRef><bpmn:inputDataItem id="{item}" name="{item}"/>{condition}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def flow(source: str, target: str, condition: str | None = None, identifier: str = "") -> str:
    inner = ""
    if condition is not None:
        inner = (
            '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
            f"{escape(condition)}</bpmn:conditionExpression>"
        )
    identifier = identifier or f"{source}_to_{target}"
    return element("sequenceFlow", identifier, inner, sourceRef=source, targetRef=target)


def path(*nodes: str) -> str:
    """Unconditional flows from node to node."""
    return "".join(flow(source, target) for source, target in pairwise(nodes))


def diagram(
    *parts: str,
    process: str = "p",
    label: str = "流程",
    lane: str = "网格长",
    outside: str = "",
    properties: dict[str, str] | None = None,
) -> bytes:
    """One process in which all tasks stand in one lane, with shapes for everything."""
    body = "".join(parts)
    tasks = re.findall(r'<bpmn:(?:\w+Task|callActivity) id="([^"]*)"', body)
    references = "".join(f"<bpmn:flowNodeRef>{task}</bpmn:flowNodeRef>" for task in tasks)
    lanes = (
        f'<bpmn:laneSet id="lanes"><bpmn:lane id="lane_one" name="{lane}">{references}</bpmn:lane>'
        "</bpmn:laneSet>"
        if lane
        else ""
    )
    known = extension(**properties) if properties else ""
    return (
        f'<bpmn:definitions {NAMESPACES} id="definitions" targetNamespace="http://hangji">{outside}'
        f'<bpmn:process id="{process}" name="{label}" isExecutable="true">{known}{lanes}{body}'
        f"</bpmn:process>{_shapes(process, body)}</bpmn:definitions>"
    ).encode()


def _shapes(process: str, body: str) -> str:
    shapes = []
    for tag, identifier in GRAPHIC.findall(body):
        if tag == "sequenceFlow":
            shapes.append(
                f'<bpmndi:BPMNEdge id="{identifier}_di" bpmnElement="{identifier}">'
                '<di:waypoint x="0" y="0"/><di:waypoint x="9" y="0"/></bpmndi:BPMNEdge>'
            )
        elif not any(word in tag for word in NO_SHAPE):
            shapes.append(
                f'<bpmndi:BPMNShape id="{identifier}_di" bpmnElement="{identifier}">'
                '<dc:Bounds x="10" y="20" width="100" height="80"/></bpmndi:BPMNShape>'
            )
    return (
        '<bpmndi:BPMNDiagram id="drawing"><bpmndi:BPMNPlane id="plane" '
        f'bpmnElement="{process}">{"".join(shapes)}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    )


def table(
    identifier: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    rows: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    hit_policy: str = "UNIQUE",
    allowed: dict[str, str] | None = None,
) -> bytes:
    """One decision table; rows are (input cells, output cells)."""
    listed = allowed or {}
    heads = "".join(
        f'<input id="in_{number}" label={quoteattr(name)}><inputExpression id="ie_{number}">'
        f"<text>{escape(name)}</text></inputExpression>"
        + (
            f'<inputValues id="iv_{number}"><text>{escape(listed[name])}</text></inputValues>'
            if name in listed
            else ""
        )
        + "</input>"
        for number, name in enumerate(inputs)
    ) + "".join(f'<output id="out_{name}" name="{name}"/>' for name in outputs)
    body = ""
    for number, (cells, results) in enumerate(rows, start=1):
        cells_text = "".join(f"<inputEntry><text>{escape(c)}</text></inputEntry>" for c in cells)
        results_text = "".join(
            f"<outputEntry><text>{escape(c)}</text></outputEntry>" for c in results
        )
        body += f'<rule id="row_{number}">{cells_text}{results_text}</rule>'
    return (
        f'<definitions xmlns="{DMN}" id="definitions" name="d" namespace="http://hangji">'
        f'<decision id="{identifier}" name="决策"><decisionTable id="table" '
        f'hitPolicy="{hit_policy}">{heads}{body}</decisionTable></decision></definitions>'
    ).encode()


def form(identifier: str, *fields: dict[str, object]) -> bytes:
    """One form document; a field may leave out its label."""
    labelled = [{"label": {"zh": "字段", "en": "Field"}, **field} for field in fields]
    title = {"zh": "表单", "en": "Form"}
    return json.dumps({"id": identifier, "title": title, "fields": labelled}).encode()
