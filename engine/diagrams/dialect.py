"""What may be drawn beside what the engine runs: read as something else, or kept and ignored.

A send task is a message throw event and a receive task a message catch event, drawn as tasks. Data
objects, data stores and what a task reads of them are documentation: they stay in the file and in
the picture, and never reach the engine, which would copy values by them.
"""

from copy import deepcopy
from typing import Final

from lxml import etree

from engine.binding import MARK
from engine.diagrams.xml import Element, local_name

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMN_DI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
DOCUMENTATION: Final = frozenset(
    {
        "dataObject",
        "dataObjectReference",
        "dataStore",
        "dataStoreReference",
        "ioSpecification",
        "dataInputAssociation",
        "dataOutputAssociation",
    }
)
MESSAGE_TASKS: Final = {
    "sendTask": "intermediateThrowEvent",
    "receiveTask": "intermediateCatchEvent",
}
INSTANCE_COUNTS: Final = ("numberOfInstances", "numberOfCompletedInstances")
"""What BPMN lets a completion condition ask of a multi-instance besides the data of its case."""
_B: Final = f"{{{BPMN}}}"


def is_documentation(element: Element) -> bool:
    """Whether an element, or one it stands in, is kept and ignored."""
    return any(local_name(one) in DOCUMENTATION for one in (element, *element.iterancestors()))


def drawn_id(identifier: str) -> str:
    """The id of what was drawn, from that of a node, flow or lane that was read into it."""
    return identifier.partition(MARK)[0]


def for_the_engine(root: Element) -> Element:
    """The drawing as the engine runs it; the same tree where nothing has to be changed."""
    names = {local_name(element) for element in root.iter(f"{_B}*")}
    if names.isdisjoint(DOCUMENTATION | MESSAGE_TASKS.keys()):
        return root
    drawn = deepcopy(root)
    for name in DOCUMENTATION:
        for element in list(drawn.iter(f"{_B}{name}")):
            above = element.getparent()
            if above is not None:
                above.remove(element)
    for task, name in MESSAGE_TASKS.items():
        for element in list(drawn.iter(f"{_B}{task}")):
            _as_event(element, name)
    return drawn


def _as_event(task: Element, name: str) -> None:
    """Turn a task that sends or receives into the event it stands for."""
    task.tag = f"{_B}{name}"
    message = task.attrib.pop("messageRef", "")
    for attribute in ("operationRef", "implementation", "instantiate"):
        task.attrib.pop(attribute, None)
    etree.SubElement(task, f"{_B}messageEventDefinition", messageRef=message)
