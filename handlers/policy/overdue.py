"""逾期：中断任务的定时必须上报，不中断的只告知、督办或跟踪，不改变谁承办（R41）。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Node, Text, owner_of
from handlers.policy.policy import Policy

PROCESSES: Final = frozenset({"escalation", "handling", "emergency_alert"})
"""The chain and what runs beside it; elsewhere a timer may end a case, as one that lapsed."""

PASSES_UP: Final = "pass_up"

_TAKES_AWAY: Final = (
    Text(
        "定时把任务从承办岗手里拿走，却没有上报。",
        "The timer takes the task away and does not pass the case up.",
    ),
    Text("请改为不中断，或接到上报的服务任务。", "Let it not interrupt, or pass up behind it."),
)
_LEAVES: Final = (
    Text(
        "定时不中断任务，后面却上报：同一案件会走两条路。",
        "The timer leaves the task open and passes the case up: it goes two ways at once.",
    ),
    Text("请改为中断，或只告知、督办。", "Let it interrupt, or only inform and supervise."),
)


def check_overdue(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Timers on the border of people's tasks, by what the function behind them declares."""
    diagram = drawing.diagram
    said = (bundle.declared or {}).get(diagram.process_id, {})
    for event in diagram.nodes.values():
        host = diagram.nodes.get(event.attached_to or "")
        is_overdue = event.timer is not None and owner_of(diagram.process_id) in PROCESSES
        if not is_overdue or host is None or host.kind != "user":
            continue
        behind = [diagram.nodes[one] for one in diagram.targets(event) if one in diagram.nodes]
        if any(one.kind == "service" and one.id not in said for one in behind):
            continue  # nobody says what it does
        passes_up = any(_passes_up(one, said) for one in behind)
        if event.cancel_activity and not passes_up:
            yield drawing.finding("overdue", event.id, *_TAKES_AWAY, clause="R41")
        elif not event.cancel_activity and passes_up:
            yield drawing.finding("overdue", event.id, *_LEAVES, clause="R41")


def _passes_up(node: Node, said: object) -> bool:
    declared = said.get(node.id) if isinstance(said, dict) else None
    return declared is not None and (declared.gives or {}).get("outcome") == PASSES_UP


POLICY: Final = Policy("overdue", ("R41",), of_drawing=check_overdue)
