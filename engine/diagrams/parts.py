"""Embedded subprocesses, read as processes of their own that only the place they stand at calls.

So everything that is proved of calls, and everything that runs them, holds for them as well. A part
bears the id of its process and its own, `grid_report·on_site`, which no file can be named after.
"""

from copy import deepcopy
from typing import Final

from lxml import etree

from engine.binding import MARK
from engine.diagrams.dialect import BPMN
from engine.diagrams.xml import Element, Tree, local_name

_B: Final = f"{{{BPMN}}}"
_OF_THE_CALL: Final = frozenset(
    {
        "documentation",
        "extensionElements",
        "auditing",
        "monitoring",
        "incoming",
        "outgoing",
        "ioSpecification",
        "property",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
    }
)
"""What is said of the whole subprocess and stays where it stands."""


def is_part(process_id: str | None) -> bool:
    """Whether a process is drawn inside another one."""
    return MARK in (process_id or "")


def part_of(process_id: str) -> str:
    """The element a person finds in the drawing for a process: the subprocess, or itself."""
    return process_id.rpartition(MARK)[2]


def with_parts(root: Element) -> Element:
    """The drawing with a process for each embedded subprocess; the same tree without one."""
    if not any(map(_is_embedded, root.iter(f"{_B}subProcess"))):
        return root
    drawn = deepcopy(root)
    process = drawn.find(f"{_B}process")
    if process is None:
        return root
    # Inner ones first, so that each is lifted out of what is lifted next.
    inner_first = reversed(list(process.iter(f"{_B}subProcess")))
    for place, element in enumerate(filter(_is_embedded, list(inner_first))):
        _lift(element, process, place)
    return drawn


def _is_embedded(element: Element) -> bool:
    return element.get("triggeredByEvent") != "true"


def _lift(element: Tree, process: Tree, place: int) -> None:
    """Move what stands in a subprocess behind its process, and call it from where it stood."""
    name = element.get("id") or f"part_{place}"
    part = etree.Element(f"{_B}process", id=f"{process.get('id')}{MARK}{name}", isExecutable="true")
    if element.get("name"):
        part.set("name", element.get("name") or "")
    for child in list(element):
        if local_name(child) not in _OF_THE_CALL:
            part.append(child)
    _take_lanes(process, part, name)
    element.tag = f"{_B}callActivity"
    element.attrib.pop("triggeredByEvent", None)
    element.set("calledElement", part.get("id") or "")
    process.addnext(part)


def _take_lanes(process: Tree, part: Tree, name: str) -> None:
    """Who acts in a part: the lane a step is listed in, else that of the whole subprocess."""
    inside = {child.get("id") for child in part if child.get("id")}
    lanes = etree.Element(f"{_B}laneSet", id=f"{name}{MARK}lanes")
    listed = set[str | None]()
    around: Tree | None = None
    for lane in list(process.iter(f"{_B}lane")):
        references = list(lane.findall(f"{_B}flowNodeRef"))
        own = [one for one in references if (one.text or "").strip() in inside]
        if any((one.text or "").strip() == name for one in references):
            around = lane
        if own:
            _lane_like(lane, lanes, name).extend(own)
            listed |= {(one.text or "").strip() for one in own}
    rest = sorted(one for one in inside - listed if one)
    if around is not None and rest:
        copied = _lane_like(around, lanes, name)
        for identifier in rest:
            etree.SubElement(copied, f"{_B}flowNodeRef").text = identifier
    if len(lanes):
        part.insert(0, lanes)


def _lane_like(lane: Tree, lanes: Tree, name: str) -> Tree:
    identifier = f"{lane.get('id')}{MARK}{name}"
    found = (one for one in lanes if one.get("id") == identifier)
    known = next(found, None)
    if known is not None:
        return known
    return etree.SubElement(lanes, f"{_B}lane", id=identifier, name=lane.get("name") or "")
