"""旁路的工作不能比主路活得久：有人在旁路办理时，主路的结束要终止它（R43）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Diagram, Drawing, Finding, Node, Text, path_to, reach, steps
from handlers.policy.policy import BY_PEOPLE, Policy

_LEFT_OPEN: Final = (
    Text(
        "主路到这里结束，旁路上还有人的任务开着。",
        "The main way ends here while a person's task beside it stays open.",
    ),
    Text("请把这个结束事件画成终止。", "Draw this end as terminate."),
)
PROCESS: Final = "handling"
_WORK: Final = BY_PEOPLE | {"call"}


def check_side_work(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Ends of the main way behind a task with work beside it terminate."""
    diagram = drawing.diagram
    if diagram.process_id != PROCESS:
        return
    for event in diagram.nodes.values():
        if event.kind == "boundary" and not event.cancel_activity and _has_work(diagram, event):
            yield from _left_open(drawing, event.attached_to or "")


def _has_work(diagram: Diagram, event: Node) -> bool:
    """Whether somebody works on what an event begins beside the main way."""
    beside = reach([event.id], lambda node: steps(diagram, node))
    return any(diagram.nodes[one].kind in _WORK for one in beside if one in diagram.nodes)


def _left_open(drawing: Drawing, host: str) -> Iterator[Finding]:
    diagram = drawing.diagram

    def main(node: str) -> Iterator[str]:
        here = diagram.nodes.get(node)
        if here is not None:
            yield from diagram.targets(here)
            yield from (one for one in here.boundaries if diagram.nodes[one].cancel_activity)

    reached = reach([host], main)
    for identifier in reached:
        node = diagram.nodes.get(identifier)
        if node is not None and node.kind == "end" and not node.events:
            trace = path_to(identifier, reached)
            yield drawing.finding("side_work", identifier, *_LEFT_OPEN, trace=trace, clause="R43")


POLICY: Final = Policy("side_work", ("R43",), of_drawing=check_side_work)
