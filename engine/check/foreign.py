"""What another engine would carry out and hangji does not: named, so that nobody relies on it."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.diagrams.model import Node
from engine.diagrams.xml import Element, local_name
from engine.findings import Finding, Text
from engine.forms.documents import ALLOWANCES, NOT_BY

_NAMES_AT_MOST: Final = 512
_ENGINES: Final = ("camunda", "zeebe", "activiti", "flowable")
_OF_A_PERSON: Final = frozenset(
    {"form", "phase", "deadline", "due", "level", "step", NOT_BY, *ALLOWANCES}
)
"""Properties of a user task; those of calls, decisions and services are variables with any name."""

_OF_EVENTS: Final = {
    "start": frozenset({"who", "listed", "advice"}),
    "end": frozenset({"outcome"}),
}


def check_foreign(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Attributes and elements of other engines, by the element they stand on."""
    for element in drawing.root.iter():
        words = [_plain(key) for key in element.attrib if _is_foreign(key)]
        if _is_foreign(element.tag):
            above = next(element.iterancestors(), None)
            words = [] if above is None or _is_foreign(above.tag) else [local_name(element)]
        for word in words:
            message = Text(
                f"{word} 是别的流程引擎的设置，在这里不起作用。",
                f"{word} is a setting of another engine and has no effect here.",
            )
            way_out = Text(
                "请删去；时限、岗位和表单用 deadline、泳道和 form 指定。",
                "Remove it; say the same by `deadline`, a lane and `form`.",
            )
            yield drawing.finding("foreign", _place(element), message, way_out, severity="warning")


def check_properties(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Properties of tasks and events that nothing reads, such as a mistyped deadline."""
    diagram = drawing.diagram
    for node in diagram.nodes.values():
        known = _OF_EVENTS.get(node.kind)
        if known is not None:
            for name in sorted(node.properties.keys() - known):
                yield _unread(drawing, node.id, name, known)
        listed = node.properties.get("listed", "yes")
        if node.kind == "start" and listed not in {"yes", "no"}:
            yield _neither(drawing, node.id, "listed", listed)
        if node.kind in {"user", "manual"}:
            for name in sorted(node.properties.keys() - _OF_A_PERSON):
                yield _unread(drawing, node.id, name, _OF_A_PERSON)
        yield from _check_allowances(drawing, node)


def _check_allowances(drawing: Drawing, node: Node) -> Iterator[Finding]:
    """What a task allows, or a call passes down for the tasks in it."""
    if node.kind in {"user", "manual", "call"}:
        for name in ALLOWANCES:
            said = node.properties.get(name, "no")
            if said not in {"yes", "no"} and not said.startswith("="):
                yield _neither(drawing, node.id, name, said)


def _neither(drawing: Drawing, element: str, name: str, said: str) -> Finding:
    message = Text(f"{name} 不能是“{said}”。", f"{name} cannot be {said!r}.")
    way_out = Text(
        "请写 yes 或 no，或者以 = 开头的条件。",
        "Write yes or no, or a condition that begins with =.",
    )
    return drawing.finding("allowance", element, message, way_out)


def _unread(drawing: Drawing, element: str, name: str, known: frozenset[str]) -> Finding:
    listed = ", ".join(sorted(known))
    message = Text(
        f"没有名为 {name} 的属性，它不起作用。",
        f"There is no property {name}; it has no effect.",
    )
    way_out = Text(f"可用：{listed}。", f"Known here: {listed}.")
    return drawing.finding("foreign", element, message, way_out, severity="warning")


@lru_cache(maxsize=_NAMES_AT_MOST)
def _is_foreign(name: str) -> bool:
    space = name[1:].partition("}")[0].lower() if name.startswith("{") else ""
    return any(word in space for word in _ENGINES)


def _plain(key: str) -> str:
    return key.rpartition("}")[2]


def _place(element: Element) -> str:
    here = (element, *element.iterancestors())
    return next((one.get("id") or "" for one in here if one.get("id")), "")
