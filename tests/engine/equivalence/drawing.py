"""The diagrams the engine is tried on: those shipped, and a pen for small odd ones.

Knows no engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'id="definitions" targetNamespace="http://hangji/tests">'
)
_numbers = count(1)
_FOLDER = Path(__file__).resolve().parents[3] / "bpmn"


@dataclass(frozen=True)
class Drawing:
    """Diagrams that belong together; `process_id` is the one a case begins with.

    `names` are variables no expression shows (those of payloads, say), with the values to try.
    """

    process_id: str
    files: Mapping[str, str]
    names: Mapping[str, tuple[object, ...]] = field(default_factory=dict)


FILES = {path.name: path.read_text() for path in sorted(_FOLDER.glob("*.bpmn"))}
SHIPPED = {path.stem: Drawing(path.stem, FILES) for path in sorted(_FOLDER.glob("*.bpmn"))}


def drawing(process_id: str, *texts: str, **names: tuple[object, ...]) -> Drawing:
    """One or several diagrams; the file of each is named by its number."""
    files = {f"{place}.bpmn": text for place, text in enumerate(texts)}
    return Drawing(process_id, files, names)


def definitions(*parts: str) -> str:
    """A whole BPMN document."""
    return _HEAD + "".join(parts) + "</bpmn:definitions>"


def process(process_id: str, *parts: str) -> str:
    """A process element."""
    inside = "".join(parts)
    return f'<bpmn:process id="{process_id}" isExecutable="true">{inside}</bpmn:process>'


def diagram(process_id: str, *parts: str, before: str = "") -> str:
    """A document of one process; `before` holds messages, errors and collaborations."""
    return definitions(before, process(process_id, *parts))


def node(tag: str, node_id: str, inside: str = "", **attributes: str) -> str:
    """Any element with an id and a name."""
    extra = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<bpmn:{tag} id="{node_id}" name="{node_id}"{extra}>{inside}</bpmn:{tag}>'


def start(node_id: str = "start", inside: str = "") -> str:
    """A start event."""
    return node("startEvent", node_id, inside)


def end(node_id: str = "end", inside: str = "") -> str:
    """An end event."""
    return node("endEvent", node_id, inside)


def user(node_id: str, inside: str = "") -> str:
    """A user task."""
    return node("userTask", node_id, inside)


def service(node_id: str) -> str:
    """A service task."""
    return node("serviceTask", node_id)


def call(node_id: str, process_id: str, inside: str = "", **properties: str) -> str:
    """A call activity; properties become data of the called process."""
    rows = "".join(
        f"<spiffworkflow:property name={quoteattr(name)} value={quoteattr(value)}/>"
        for name, value in properties.items()
    )
    extension = (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f"{rows}</spiffworkflow:properties></bpmn:extensionElements>"
        if rows
        else ""
    )
    return node("callActivity", node_id, extension + inside, calledElement=process_id)


def part(node_id: str, *parts: str) -> str:
    """An embedded subprocess; a mark of several instances comes first."""
    return node("subProcess", node_id, "".join(parts))


def xor(node_id: str, default: str = "") -> str:
    """An exclusive gateway; `default` is the id of a flow."""
    return node("exclusiveGateway", node_id, **({"default": default} if default else {}))


def some(node_id: str, default: str = "") -> str:
    """An inclusive gateway; `default` is the id of a flow."""
    return node("inclusiveGateway", node_id, **({"default": default} if default else {}))


def both(node_id: str) -> str:
    """A parallel gateway."""
    return node("parallelGateway", node_id)


def flow(source: str, target: str, condition: str = "", flow_id: str = "") -> str:
    """A sequence flow."""
    inside = (
        '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
        f"{escape(condition)}</bpmn:conditionExpression>"
        if condition
        else ""
    )
    flow_id = flow_id or f"flow_{next(_numbers)}"
    return (
        f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">'
        f"{inside}</bpmn:sequenceFlow>"
    )


def chain(*nodes: str) -> str:
    """Plain flows along the given nodes."""
    return "".join(flow(one, other) for one, other in pairwise(nodes))


def boundary(node_id: str, attached_to: str, inside: str, *, interrupts: bool = True) -> str:
    """A boundary event."""
    return node(
        "boundaryEvent",
        node_id,
        inside,
        attachedToRef=attached_to,
        cancelActivity=str(interrupts).lower(),
    )


def timer(kind: str, expression: str) -> str:
    """A timer definition; `kind` is timeDate, timeDuration or timeCycle."""
    return (
        f'<bpmn:timerEventDefinition id="timer_{next(_numbers)}">'
        f'<bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(expression)}</bpmn:{kind}>'
        "</bpmn:timerEventDefinition>"
    )


def message(name: str, payload: str = "") -> str:
    """A message definition; a throwing one may carry `payload`, an expression."""
    inside = (
        "<bpmn:extensionElements><spiffworkflow:messagePayload>"
        f"{escape(payload)}</spiffworkflow:messagePayload></bpmn:extensionElements>"
        if payload
        else ""
    )
    number = next(_numbers)
    return (
        f'<bpmn:messageEventDefinition id="message_{number}" messageRef="message_{name}">{inside}'
        "</bpmn:messageEventDefinition>"
    )


def messages(*names: str) -> str:
    """Declarations of messages."""
    return "".join(f'<bpmn:message id="message_{name}" name="{name}"/>' for name in names)


def error(code: str) -> str:
    """An error definition of a declared error."""
    return f'<bpmn:errorEventDefinition id="error_{next(_numbers)}" errorRef="error_{code}"/>'


def errors(*codes: str) -> str:
    """Declarations of errors."""
    return "".join(
        f'<bpmn:error id="error_{code}" name="{code}" errorCode="{code}"/>' for code in codes
    )


def each(collection: str, item: str, *, in_turn: bool = False, enough: str = "") -> str:
    """Multi-instance over a collection, until `enough` holds where it is given."""
    condition = (
        '<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">'
        f"{escape(enough)}</bpmn:completionCondition>"
        if enough
        else ""
    )
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(in_turn).lower()}">'
        f"<bpmn:loopDataInputRef>{collection}</bpmn:loopDataInputRef>"
        f'<bpmn:inputDataItem id="{item}" name="{item}"/>{condition}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
