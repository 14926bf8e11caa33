"""撤回：上报的人在下一级签收之前可以撤回，签收之后不行（R40）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Text
from handlers.policy.policy import Policy

PROCESS: Final = "handling"
MESSAGE: Final = "withdrawn"
FORM: Final = "accept"

_WAY_OUT: Final = Text(
    "请在签收任务上画中断的消息边界事件 withdrawn，并且只画在那里。",
    "Draw an interrupting message boundary `withdrawn` on the task that accepts, and only there.",
)


def check_withdrawal(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """The message is caught on the border of the task that accepts, and takes it away."""
    diagram = drawing.diagram
    accepting = [one for one in diagram.nodes.values() if one.form == FORM]
    if diagram.process_id != PROCESS or not accepting:
        return
    caught = [one for one in diagram.nodes.values() if one.message == MESSAGE]
    if not caught:
        others = (one.id for one in diagram.nodes.values() if one.message is not None)
        message = Text("签收前不能撤回。", "Nobody can withdraw before acceptance.")
        element = next(others, accepting[0].id)
        yield drawing.finding("withdrawal", element, message, _WAY_OUT, clause="R40")
    for event in caught:
        host = diagram.nodes.get(event.attached_to or "")
        if host is None or host.form != FORM:
            message = Text("签收之后还能撤回。", "It can be withdrawn after acceptance.")
            yield drawing.finding("withdrawal", event.id, message, _WAY_OUT, clause="R40")
        elif not event.cancel_activity:
            message = Text("撤回之后签收任务还开着。", "The task stays open after a withdrawal.")
            yield drawing.finding("withdrawal", event.id, message, _WAY_OUT, clause="R40")


POLICY: Final = Policy("withdrawal", ("R40",), of_drawing=check_withdrawal)
