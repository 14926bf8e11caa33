"""Forty files as other tools save them, written here: shapes times dialects. Holds no test."""

from collections.abc import Iterator
from dataclasses import dataclass

OMG = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = (
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
)


@dataclass(frozen=True)
class Dialect:
    """How a tool writes: its prefix, encoding, ids, and what it adds of its own."""

    name: str
    prefix: str
    encoding: str
    id: str
    space: str
    extension: str
    attribute: str
    head: str = '<?xml version="1.0" encoding="{}"?>\n'


DIALECTS = (
    Dialect(
        "modeler",
        "bpmn:",
        "utf-8",
        "Activity_0x{}y2z",
        "camunda:http://camunda.org/schema/1.0/bpmn",
        '<x:properties><x:property name="a" value="b"/></x:properties>',
        'x:assignee="me"',
    ),
    Dialect(
        "cloud",
        "bpmn:",
        "utf-8-sig",
        "Gateway_{}AbCd",
        "zeebe:http://camunda.org/schema/zeebe/1.0",
        '<x:taskDefinition type="mail"/>',
        'x:version="8"',
    ),
    Dialect(
        "signavio",
        "",
        "utf-8",
        "sid-{}F0A-11-22",
        "signavio:http://www.signavio.com",
        '<x:signavioMetaData metaKey="bgcolor" metaValue="#fff"/>',
        'x:label="one"',
    ),
    Dialect(
        "visio",
        "semantic:",
        "utf-16",
        "_{}",
        "v:http://example.com/visio",
        '<x:shape master="4"/>',
        'x:page="1"',
    ),
    Dialect(
        "old",
        "",
        "gb18030",
        "编号{}",
        "t:http://example.com/tool",
        '<x:colour rgb="255"/>',
        'x:size="2"',
    ),
)

# Elements by their shape: {p} prefix, {0}, {1} … ids, {e} what the tool adds, {a} its attribute.
SHAPES = {
    "tasks": (
        '<{p}process id="{0}"><{p}startEvent id="{1}"/><{p}task id="{2}" name="检查 shop" {a}>'
        '{e}</{p}task><{p}endEvent id="{3}"/><{p}sequenceFlow id="{4}" sourceRef="{1}"'
        ' targetRef="{2}"/><{p}sequenceFlow id="{5}" sourceRef="{2}" targetRef="{3}"/></{p}process>'
    ),
    "named": (
        '<{p}process id="{0}" name="Order handling" isExecutable="false">'
        '<{p}documentation>d</{p}documentation><{p}startEvent id="{1}" name="3 orders"/>'
        '<{p}userTask id="{2}" name="Send invoice">{e}</{p}userTask><{p}userTask id="{6}"'
        ' name="Send invoice" {a}/><{p}endEvent id="{3}" name="return"/><{p}sequenceFlow id="{4}"'
        ' sourceRef="{1}" targetRef="{2}"/><{p}sequenceFlow id="{5}" sourceRef="{2}"'
        ' targetRef="{3}"/></{p}process>'
    ),
    "gateways": (
        '<{p}process id="{0}"><{p}startEvent id="{1}"/><{p}exclusiveGateway id="{2}" default="{6}"'
        ' {a}>{e}</{p}exclusiveGateway><{p}endEvent id="{3}"/><{p}endEvent id="{7}"/>'
        '<{p}sequenceFlow id="{4}" sourceRef="{1}" targetRef="{2}"/><{p}sequenceFlow id="{5}"'
        ' sourceRef="{2}" targetRef="{3}"/><{p}sequenceFlow id="{6}" sourceRef="{2}"'
        ' targetRef="{7}"/></{p}process>'
    ),
    "lanes": (
        '<{p}process id="{0}"><{p}laneSet id="{8}"><{p}lane id="{7}" name="Clerk">'
        "<{p}flowNodeRef>{2}</{p}flowNodeRef></{p}lane></{p}laneSet>"
        '<{p}startEvent id="{1}"/><{p}manualTask id="{2}" {a}>{e}</{p}manualTask>'
        '<{p}sequenceFlow id="{4}" sourceRef="{1}" targetRef="{2}"/></{p}process>'
    ),
    "pools": (
        '<{p}collaboration id="{9}"><{p}participant id="{10}" processRef="{0}"/><{p}participant'
        ' id="{11}" processRef="{12}" {a}/><{p}participant id="{13}" name="Outside"/>'
        '<{p}messageFlow id="{14}" sourceRef="{2}" targetRef="{15}">{e}</{p}messageFlow>'
        '</{p}collaboration><{p}process id="{0}"><{p}startEvent id="{1}"/><{p}sendTask id="{2}"/>'
        '<{p}sequenceFlow id="{4}" sourceRef="{1}" targetRef="{2}"/></{p}process><{p}process'
        ' id="{12}"><{p}receiveTask id="{15}" {a}>{e}</{p}receiveTask></{p}process>'
    ),
    "nested": (
        '<{p}process id="{0}"><{p}startEvent id="{1}"/><{p}subProcess id="{2}" {a}>{e}'
        '<{p}task id="{6}"/><{p}boundaryEvent id="{7}" attachedToRef="{6}"/></{p}subProcess>'
        '<{p}transaction id="{3}"/><{p}sequenceFlow id="{4}" sourceRef="{1}" targetRef="{2}"/>'
        "</{p}process>"
    ),
    "data": (
        '<{p}process id="{0}"><{p}startEvent id="{1}"/><{p}task id="{2}" {a}>{e}<{p}ioSpecification'
        ' id="{5}"><{p}dataInput id="{6}"/></{p}ioSpecification></{p}task><{p}dataObject id="{7}"/>'
        '<{p}dataObjectReference id="{8}" dataObjectRef="{7}"/><{p}sequenceFlow id="{4}"'
        ' sourceRef="{1}" targetRef="{2}"/></{p}process>'
    ),
    "empty_and_drawn": (
        '<{p}process id="{9}" {a}>{e}</{p}process><{p}process id="{0}"><{p}startEvent id="{1}"/>'
        '<!-- kept --><{p}task/><{p}sequenceFlow id="{4}" sourceRef="{1}" targetRef="{1}"/>'
        '</{p}process><bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="{0}"><bpmndi:BPMNShape'
        ' bpmnElement="{1}"><dc:Bounds x="1" y="1" width="36" height="36"/></bpmndi:BPMNShape>'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
    ),
}


def files() -> Iterator[tuple[str, bytes]]:
    """Every shape in every dialect."""
    for dialect in DIALECTS:
        for name, shape in SHAPES.items():
            yield f"{dialect.name}_{name}", written(dialect, shape)


def written(dialect: Dialect, shape: str) -> bytes:
    """One file as the tool saves it."""
    prefix, _, space = dialect.space.partition(":")
    ids = [dialect.id.format(number) for number in range(20)]
    extension = f"<{{p}}extensionElements>{dialect.extension}</{{p}}extensionElements>"
    own = {"p": dialect.prefix, "a": dialect.attribute, "e": extension.format(p=dialect.prefix)}
    default = f'xmlns{":" + dialect.prefix[:-1] if dialect.prefix else ""}="{OMG}"'
    text = dialect.head.format(dialect.encoding.removesuffix("-sig"))
    text += f'<{dialect.prefix}definitions {default} {DI} xmlns:x="{space}" targetNamespace="t">'
    text += shape.format(*ids, **own) + f"</{dialect.prefix}definitions>"
    assert prefix
    return text.encode(dialect.encoding)
