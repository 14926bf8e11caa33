"""整改：部门发现的问题要督促整改才能反馈；证明了的由第二人核查（R24）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Diagram, Drawing, Finding, Node, Text, compared, steps
from handlers.policy.policy import BY_PEOPLE, Policy
from handlers.policy.verified import CHAIN, RECTIFIES, TOLD, may_be_taken, reached_without

DEPARTMENTS_TOO: Final = frozenset({"grid_report"})
"""Processes in which departments file what they found."""

PROOF: Final = "prove_rectification"

INSPECTS: Final = "department_inspection"
RECORD: Final = "inspection_record"
CLOSES: Final = "publish_result_later"
NOTHING_TO_RECTIFY: Final = frozenset({("found_by", "grid"), ("found", "nothing")}) | {
    ("found", "case_lead")
}
"""Answers after which a department has nothing put right."""
PROBLEMS: Final = ("found", "problems")

_NOT_RECTIFIED: Final = (
    Text(
        "部门发现的问题没有督促整改就反馈了。",
        "What a department found is fed back without a rectification.",
    ),
    Text(
        "请在反馈之前调用 rectification；只有网格发现的（found_by == 'grid'）走核查。",
        "Call rectification before the feedback; only what the grid found skips it.",
    ),
)
_NOT_CHECKED: Final = (
    Text("整改证明了没有人核查。", "A proved rectification is checked by nobody."),
    Text(
        "请在证明之后画核查岗的任务。",
        "Draw a task of the verifier behind the proof.",
    ),
)


def check_rectification(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Every way of a department's finding to the feedback, and of a proof to the end."""
    diagram = drawing.diagram
    nodes = diagram.nodes.values()
    if diagram.process_id in DEPARTMENTS_TOO:
        for call in (node for node in nodes if node.called == CHAIN):
            begins = list(steps(diagram, call.id))
            yield from _missed(drawing, begins, set(TOLD), _NOT_RECTIFIED)
    if diagram.process_id == INSPECTS:
        for record in (node for node in nodes if node.form == RECORD):
            begins = list(steps(diagram, record.id))
            yield from _missed(drawing, begins, {CLOSES}, _NOT_RECTIFIED)
    if diagram.process_id == RECTIFIES:
        ends = {node.id for node in nodes if node.kind == "end"}
        for proof in (node for node in nodes if node.kind in BY_PEOPLE and node.form == PROOF):
            # A timer that takes the proof away leads to the check as well.
            taken = (one for one in proof.boundaries if diagram.nodes[one].cancel_activity)
            begins = [*diagram.targets(proof), *taken]
            yield from _missed(drawing, begins, ends, _NOT_CHECKED)


def _missed(
    drawing: Drawing, begins: list[str], targets: set[str], words: tuple[Text, Text]
) -> Iterator[Finding]:
    """Targets that are reached without a rectification or a check."""
    missed = reached_without(drawing.diagram, begins, targets, is_met=_is_met, counts=_counts)
    for identifier, trace in missed:
        yield drawing.finding("rectification", identifier, *words, trace=trace, clause="R24")


def _is_met(node: Node) -> bool:
    """Whether the rectification is asked for here, or checked, or the chain begins again."""
    is_check = node.kind in BY_PEOPLE and node.role == "verifier"
    # The verifier of the grid's findings is no rectification: that way has its own condition.
    return node.called in {RECTIFIES, CHAIN} or (is_check and node.form == "check_rectification")


def _counts(diagram: Diagram, flow: str) -> bool:
    """Whether a department's finding, once handled, may take this flow."""
    asked = _asked(diagram, flow)
    is_nothing = bool(asked & NOTHING_TO_RECTIFY) or _is_left_over(diagram, flow)
    return not is_nothing and may_be_taken(diagram, flow)


def _is_left_over(diagram: Diagram, flow: str) -> bool:
    """Whether this is the default of a gateway that leads problems another way."""
    source = diagram.nodes[diagram.flows[flow].source]
    return source.default == flow and any(
        PROBLEMS in _asked(diagram, other) for other in source.outgoing if other != flow
    )


def _asked(diagram: Diagram, flow: str) -> set[tuple[str, str]]:
    """The answers a flow asks for."""
    condition = diagram.flows[flow].condition or ""
    return {(name, str(value)) for name, (_, value) in compared(condition)}


POLICY: Final = Policy("rectification", ("R24",), of_drawing=check_rectification)
