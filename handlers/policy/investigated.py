"""查处：案件线索交执法查处，反馈之后才能告知结果（R25）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Node, Text, compared
from handlers.policy.feedback import REPORTED
from handlers.policy.policy import Policy
from handlers.policy.verified import CHAIN, TOLD, may_be_taken, reached_without

INVESTIGATES: Final = "case_investigation"
LEAD: Final = ("text", "case_lead")
REPORTS: Final = "report_back"
HAND_OVER: Final = frozenset({*REPORTED, "department_inspection"})
ENDS: Final = frozenset({*TOLD, "publish_result_later"})

_NOT_HANDED_OVER: Final = (
    Text("案件线索没有交执法查处就反馈了。", "A case lead is fed back without enforcement."),
    Text(
        "请让案件线索调用 case_investigation。",
        "Lead the case lead to a call of case_investigation.",
    ),
)
_NOT_REPORTED: Final = (
    Text("查处没有反馈结果就结束了。", "An investigation ends without reporting back."),
    Text(
        "请在结束前画服务任务 report_back。",
        "Draw the service task report_back before the end.",
    ),
)


def check_investigation(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Every way of a lead to the result, and of an investigation to its end."""
    diagram = drawing.diagram
    if diagram.process_id in HAND_OVER:
        leads = [
            flow.target
            for flow in diagram.flows.values()
            if any(value == LEAD for _, value in compared(flow.condition or ""))
        ]
        yield from _missed(drawing, leads, set(ENDS), _NOT_HANDED_OVER)
    if diagram.process_id == INVESTIGATES:
        starts = [node.id for node in diagram.nodes.values() if node.kind == "start"]
        ends = {node.id for node in diagram.nodes.values() if node.kind == "end"}
        yield from _missed(drawing, starts, ends, _NOT_REPORTED)


def _missed(
    drawing: Drawing, begins: list[str], targets: set[str], words: tuple[Text, Text]
) -> Iterator[Finding]:
    missed = reached_without(drawing.diagram, begins, targets, is_met=_is_met, counts=may_be_taken)
    for identifier, trace in missed:
        yield drawing.finding("investigation", identifier, *words, trace=trace, clause="R25")


def _is_met(node: Node) -> bool:
    """Whether enforcement has the lead here, or reports, or the chain begins again."""
    is_report = node.kind == "service" and node.id == REPORTS
    return node.called in {INVESTIGATES, CHAIN} or is_report


POLICY: Final = Policy("investigation", ("R25",), of_drawing=check_investigation)
