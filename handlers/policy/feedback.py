"""结果反馈：告知之后才能结束，旁路也不能先结束案件（R42、R51）。"""

from collections.abc import Iterator, Mapping
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Text, path_to, reach
from handlers.policy.policy import Policy

REPORTED: Final[Mapping[str, str]] = {"grid_report": "R42", "public_report": "R51"}
TELLING: Final = frozenset({"feed_back", "notify_reporter", "hand_back"})


def check_feedback(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """R42, R51: a case ends only after the result was fed back or the reporter told."""
    diagram = drawing.diagram
    clause = REPORTED.get(diagram.process_id)
    if clause is None:
        return

    def untold(node: str) -> Iterator[str]:
        here = diagram.nodes.get(node)
        if here is None or (here.kind == "service" and here.id in TELLING):
            return
        yield from diagram.targets(here)
        # What a non-interrupting event begins is beside the case; its end is not the case's.
        yield from (one for one in here.boundaries if diagram.nodes[one].cancel_activity)

    starts = [node.id for node in diagram.nodes.values() if node.kind == "start"]
    reached = reach(starts, untold)
    for node in diagram.nodes.values():
        if node.kind == "end" and node.id in reached:
            message = Text("没有反馈就结束了。", "The case ends without anybody being told.")
            way_out = Text(
                "请在结束前画服务任务 feed_back、notify_reporter 或 hand_back。",
                "Draw the service task feed_back, notify_reporter or hand_back before the end.",
            )
            trace = path_to(node.id, reached)
            yield drawing.finding("feedback", node.id, message, way_out, trace=trace, clause=clause)


POLICY: Final = Policy("feedback", ("R42", "R51"), of_drawing=check_feedback)
