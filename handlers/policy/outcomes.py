"""办结结果：由人发起的流程，每个结束事件都写明结果。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Text
from handlers.policy.policy import Policy
from storage.cases.outcomes import OUTCOMES


def check_outcomes(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Every end of a process people start says how the case ended, in a word of the city."""
    nodes = drawing.diagram.nodes.values()
    is_started = any(node.kind == "start" and node.who for node in nodes)
    known = ", ".join(OUTCOMES)
    way_out = Text(
        f"请在结束事件上设 outcome 属性：{known}；新的结果写进城市包的 pack.json。",
        f"Set `outcome` to one of {known}; a new one is a line of pack.json.",
    )
    for node in nodes:
        if node.kind != "end":
            continue
        if node.outcome is not None and node.outcome not in OUTCOMES:
            word = node.outcome
            message = Text(f"没有 {word} 这个结果。", f"There is no outcome {word}.")
            yield drawing.finding("outcome", node.id, message, way_out)
        elif node.outcome is None and is_started:
            message = Text("结束事件没有写明结果。", "The end does not say how the case ended.")
            yield drawing.finding("outcome", node.id, message, way_out)


POLICY: Final = Policy("outcome", (), of_drawing=check_outcomes)
