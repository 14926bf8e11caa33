"""How a called process can end, as its callers see it: normally, or by an error they may catch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.check.bundle import Bundle, Drawing
from engine.check.structure import path_to, reach_all
from engine.diagrams.model import Diagram, Node
from engine.findings import Finding, Text

_UNCAUGHT: Final = (
    Text(
        "错误结束没有人接：调用它的活动上没有这个错误的边界事件，流程会当作正常办完继续走。",
        "Nobody catches the error end: the caller goes on as if the process had ended normally.",
    ),
    Text(
        "请在调用活动上画这个错误的边界事件，或改为普通结束。",
        "Draw a boundary event of this error on the call activity, or a plain end.",
    ),
)


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of a process; an empty code stands for an error without one."""

    is_normal: bool
    errors: frozenset[str] = frozenset()
    has_functions: bool = False
    """Whether a function in it, or in what it calls, may report an error of its own."""

    def may_fail(self, code: str) -> bool:
        """Whether a boundary event of the error `code` can happen; an empty code catches all."""
        return self.has_functions or bool(self.errors if not code else code in self.errors)


ANY_END: Final = Ends(is_normal=True, has_functions=True)
"""Of a task, and of a process nobody has sent."""


def ends_of(bundle: Bundle) -> Mapping[str, Ends]:
    """The ends of every process of the bundle."""
    diagrams = {drawing.diagram.process_id: drawing.diagram for drawing in bundle.drawings}
    return {name: _ends(diagram, diagrams) for name, diagram in diagrams.items()}


def _ends(diagram: Diagram, diagrams: Mapping[str, Diagram]) -> Ends:
    ends = [node for node in _reached(diagram) if node.kind == "end"]
    return Ends(
        # What cannot end at all is said of the process itself, not of its callers.
        is_normal=not ends or any("errorEventDefinition" not in node.events for node in ends),
        errors=frozenset(
            node.error or "" for node in ends if "errorEventDefinition" in node.events
        ),
        has_functions=_has_functions(diagram, diagrams),
    )


def _has_functions(diagram: Diagram, diagrams: Mapping[str, Diagram]) -> bool:
    pending, seen = [diagram], {diagram.process_id}
    for one in pending:
        for node in one.nodes.values():
            if node.kind in {"service", "decision"}:
                return True
            if node.called and node.called not in seen:
                if node.called not in diagrams:
                    return True
                seen.add(node.called)
                pending.append(diagrams[node.called])
    return False


def _reached(diagram: Diagram) -> list[Node]:
    return [diagram.nodes[node] for node in reach_all(diagram) if node in diagram.nodes]


def check_error_ends(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Every caller of a process that ends by an error catches it; the engine takes it as normal."""
    diagram = drawing.diagram
    thrown = [node for node in _reached(diagram) if node.error is not None and node.kind == "end"]
    if not thrown:
        return
    calls = list(bundle.calls_of(diagram.process_id))
    reached = reach_all(diagram)
    for end in thrown:
        if not calls or not all(_catches(caller, call, end.error or "") for caller, call in calls):
            trace = path_to(end.id, reached)
            yield drawing.finding("error_end", end.id, *_UNCAUGHT, trace=trace)


def _catches(diagram: Diagram, call: Node, code: str) -> bool:
    events = (diagram.nodes[name] for name in call.boundaries)
    return any(event.error in {"", code} for event in events)
