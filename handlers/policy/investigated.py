"""线索：案件线索交执法查处，反馈之后才能告知结果（R25）；智能抓拍经人核实才转为事件（R12）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Diagram, Drawing, Finding, Node, Text, compared
from handlers.policy.feedback import REPORTED
from handlers.policy.policy import BY_PEOPLE, Policy
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
        # Each for itself: what one of them passes is not passed by another.
        for lead in leads:
            yield from _missed(drawing, [lead], set(ENDS), _NOT_HANDED_OVER)
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


REVIEWS: Final = "snapshot_review"
LOOKS: Final = "review_snapshot"
WEIGHS: Final = "legal_and_technical_review"
FILES: Final = "file_lead"

_UNSEEN: Final = (
    Text("没有人核实，抓拍就转为事件了。", "A snapshot becomes a case that nobody has looked at."),
    Text(
        "请在转为事件之前画核实抓拍的任务。",
        "Draw the task that reviews the snapshot before the case is filed.",
    ),
)
_UNWEIGHED: Final = (
    Text("要作证据的没有经过审核。", "What is wanted as evidence is weighed by nobody."),
    Text(
        "请让“要作证据”接到法制和技术审核。",
        "Lead what is wanted as evidence to the legal and technical review.",
    ),
)
_LISTED: Final = (
    Text("抓拍的核实会列入案件清单。", "The review of a snapshot stands in lists of cases."),
    Text('请在开始事件上写 listed="no"。', 'Write listed="no" on the start event.'),
)


def check_snapshots(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Whether a person stands between the camera and the case, and no list shows the review."""
    diagram = drawing.diagram
    if diagram.process_id != REVIEWS:
        return
    starts = [node for node in diagram.nodes.values() if node.kind == "start"]
    for start in starts:
        if start.is_listed:
            yield drawing.finding("snapshot", start.id, *_LISTED, clause="R12")
    begins = [start.id for start in starts]
    yield from _reached(drawing, begins, LOOKS, _UNSEEN)
    for flow in diagram.flows.values():
        if flow.condition == "wants_evidence":
            yield from _reached(drawing, [flow.target], WEIGHS, _UNWEIGHED)


def _reached(
    drawing: Drawing, begins: list[str], form: str, words: tuple[Text, Text]
) -> Iterator[Finding]:
    """The step that files the case, reached past no task with this form."""

    def is_met(node: Node) -> bool:
        return node.kind in BY_PEOPLE and node.form == form

    missed = reached_without(drawing.diagram, begins, {FILES}, is_met=is_met, counts=_always)
    for identifier, trace in missed:
        yield drawing.finding("snapshot", identifier, *words, trace=trace, clause="R12")


def _always(_diagram: Diagram, _flow: str) -> bool:
    return True


SNAPSHOTS: Final = Policy("snapshot", ("R12",), of_drawing=check_snapshots)
