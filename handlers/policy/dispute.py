"""异议：公开答复之后，举报人有七日可以提出异议（R51）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Text
from handlers.policy.policy import Policy

PROCESS: Final = "public_report"
MESSAGE: Final = "reporter_disputes"
DAYS: Final = frozenset({"P7D", "P1W"})

_NOBODY: Final = (
    Text("没有等待举报人的异议。", "Nothing waits for the reporter to dispute the result."),
    Text(
        "请在告知之后画事件网关，接消息 reporter_disputes 和七日定时。",
        "Draw an event gateway with the message reporter_disputes and a timer of seven days.",
    ),
)
_OTHER_TIME: Final = (
    Text("提异议的时间不是七日。", "The time to dispute is not seven days."),
    Text("请把定时写成 'P7D'。", "Write 'P7D' in the timer."),
)


def check_dispute(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """An event gateway waits for the reporter, and for seven days."""
    diagram = drawing.diagram
    if diagram.process_id != PROCESS:
        return
    waits = False
    for gateway in diagram.nodes.values():
        if gateway.kind != "event_gateway":
            continue
        events = [diagram.nodes[one] for one in diagram.targets(gateway) if one in diagram.nodes]
        if not any(one.message == MESSAGE for one in events):
            continue
        waits = True
        for event in events:
            if event.timer is not None and event.timer.text.strip("\"' ") not in DAYS:
                yield drawing.finding("dispute", event.id, *_OTHER_TIME, clause="R51")
    if not waits:
        caught = (one.id for one in diagram.nodes.values() if one.message is not None)
        element = next(caught, diagram.process_id)
        yield drawing.finding("dispute", element, *_NOBODY, clause="R51")


POLICY: Final = Policy("dispute", ("R51",), of_drawing=check_dispute)
