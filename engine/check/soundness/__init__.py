"""Whether every case can reach an end: each fault with the shortest way to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.check.bundle import Drawing
from engine.check.soundness.calls import Ends, check_error_ends, ends_of
from engine.check.soundness.net import WORK_LIMIT, Net
from engine.check.soundness.search import STATE_LIMIT, Exploration, Fault
from engine.findings import Finding, Severity, Text

__all__ = ["Effort", "check_error_ends", "check_soundness", "ends_of"]

NODE_LIMIT: Final = 200
_AT_ONCE: Final = 2
"""So many diagrams at their limits are proved in one check; a shipped one takes a hundredth."""

_WORDS: Final[Mapping[Fault, tuple[Text, Text]]] = {
    "join_waits": (
        Text("并行汇合会一直等下去。", "The parallel join can wait for ever."),
        Text(
            "排他网关分出的路请用排他网关汇合。",
            "Merge what an exclusive gateway split with an exclusive gateway.",
        ),
    ),
    "two_tokens": (
        Text("同一件事会同时办两次。", "The same step can be open twice at once."),
        Text(
            "并行网关分出的路请用并行网关汇合。",
            "Join what a parallel gateway split with a parallel gateway.",
        ),
    ),
    "no_end_reached": (
        Text("任何案件都走不到结束。", "No case can ever reach an end."),
        Text("请给循环画一个出口。", "Draw a way out of the loop."),
    ),
    "livelock": (
        Text("走到这里就再也出不去。", "From here a case can never reach an end."),
        Text("请给循环画一个出口。", "Draw a way out of the loop."),
    ),
    "dead_node": (
        Text("任何案件都走不到这里。", "No case can ever come here."),
        Text("请检查前面的网关。", "Look at the gateways before it."),
    ),
    "side_branch": (
        Text(
            "不中断的边界事件分出的路汇入了主路，这一步会重复办理。",
            "A branch of a non-interrupting event runs into the main way; the step runs twice.",
        ),
        Text("请让这条分支自己结束，或改为中断型。", "End the branch on its own, or interrupt."),
    ),
    "unproved": (
        Text("图过于复杂，不能证明每个案件都能办结。", "Too complex to prove that cases end."),
        Text("请拆成几个流程。", "Cut it into several processes."),
    ),
}


_SPENT: Final = (
    Text(
        "这次送检的图太多、太复杂，还没有轮到证明这张图。",
        "Too many complex diagrams in one check; this one was not looked at any more.",
    ),
    Text("请分几次送检，并简化复杂的图。", "Check fewer files at once; cut the complex ones."),
)


@dataclass(slots=True)
class Effort:
    """The cost of the proofs of one check so far, over all its diagrams."""

    states: int = 0
    work: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether no further diagram is looked at."""
        return self.states >= _AT_ONCE * STATE_LIMIT or self.work >= _AT_ONCE * WORK_LIMIT


def check_soundness(
    drawing: Drawing, effort: Effort, ends: Mapping[str, Ends] | None = None
) -> Iterator[Finding]:
    """Every fault once, with the shortest way to it; the diagram must be well connected."""
    diagram = drawing.diagram
    if effort.is_spent:
        yield drawing.finding("unproved", diagram.process_id, *_SPENT, severity="warning")
        return
    search = Exploration(diagram, Net(diagram, ends or {}))
    if len(diagram.nodes) > NODE_LIMIT:
        search.note("unproved", diagram.process_id, ())
    else:
        search.run()
        effort.states += len(search.came_from)
        effort.work += search.net.work
    for (fault, element), trace in search.faults.items():
        severity: Severity = "warning" if fault == "unproved" else "error"
        yield drawing.finding(fault, element, *_WORDS[fault], severity=severity, trace=trace)
