"""办结：由人发起的流程，每个办结的结束都写明结果，旁路不写；等着的事变了，在哪一步等都随即办结。"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.check.face import (
    Bundle,
    Diagram,
    Drawing,
    Finding,
    Node,
    Text,
    main_way,
    path_to,
    reach,
    steps,
)
from handlers.policy.policy import BY_PEOPLE, Policy
from storage.cases.outcomes import OUTCOMES


def check_outcomes(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Every end that closes a case of a process people start says how, in a word of the city.

    Where some ends say it, so does every end that closes a case. The end of a side branch closes
    nothing and says nothing: an event that interrupts, or no longer does, is noticed by that.
    """
    nodes = drawing.diagram.nodes.values()
    is_started = any(node.kind == "start" and node.who for node in nodes)
    is_said = any(node.kind == "end" and node.outcome is not None for node in nodes)
    closing = main_way(drawing.diagram) if is_said or is_started else frozenset()
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
        elif node.outcome is None and node.id in closing:
            message = Text("结束事件没有写明结果。", "The end does not say how the case ended.")
            yield drawing.finding("outcome", node.id, message, way_out)
    yield from _check_side_branches(drawing)


_NOT_CLOSED: Final = (
    Text(
        "不中断的边界事件接到写明结果的结束，可是案件还没有结束。",
        "An event that leaves its task open leads to an end that says how the case ended.",
    ),
    Text(
        "请改为中断的边界事件；只告知的，请删去结束事件的 outcome。",
        "Let the event interrupt; where it only tells somebody, remove `outcome` from the end.",
    ),
)


def _check_side_branches(drawing: Drawing) -> Iterator[Finding]:
    diagram = drawing.diagram
    for event in diagram.nodes.values():
        if event.kind == "boundary" and not event.cancel_activity:
            reached = reach([event.id], lambda node: steps(diagram, node))
            for node in map(diagram.nodes.get, reached):
                if node is not None and node.kind == "end" and node.outcome is not None:
                    trace = path_to(node.id, reached)
                    yield drawing.finding("outcome", node.id, *_NOT_CLOSED, trace=trace)


POLICY: Final = Policy("outcome", (), of_drawing=check_outcomes)


# ── what ends the waiting (R13, R14, R15, R18, R33) ──────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class EndingFact:
    """What ends the waiting: any of the messages, or a timer of any of the variables."""

    clause: str
    zh: str
    en: str
    messages: frozenset[str] = frozenset()
    moments: frozenset[str] = frozenset()
    behind: str | None = None
    """The step behind which it may happen; from the start when there is none."""


BUSINESS: Final = (
    EndingFact(
        "R15", "主体恢复经营", "the business opens again", frozenset({"reopened", "settled"})
    ),
    EndingFact(
        "R14",
        "主体注销",
        "the business is deregistered",
        frozenset({"deregistered", "settled"}),
        behind="notify_deregistration",
    ),
)
GAP: Final = (EndingFact("R18", "空缺补齐", "the gap is filled", frozenset({"gap_filled"})),)
MONTH: Final = (
    EndingFact("R13", "当月已过", "the month is over", moments=frozenset({"month_ends_at"})),
)
QUOTA: Final = (
    EndingFact(
        "R33", "任务已由别处完成", "the quota is met elsewhere", frozenset({"quota_reached"})
    ),
)
FACTS: Final[Mapping[str, tuple[EndingFact, ...]]] = {
    "business_ceased": BUSINESS,
    "staffing_gap": GAP,
    "registry_refresh": MONTH,
    "video_patrol": QUOTA,
}


EITHER: Final = frozenset({"settled"})
"""Messages that say that one of several facts is so: behind them it is asked which."""

_UNASKED: Final = (
    Text(
        "这个消息不说是哪一种情形，后面却直接结束。",
        "The message does not say which fact it is, yet the case ends at once with one of them.",
    ),
    Text("请接只有一种情形的消息，或先问是哪一种。", "Catch a message of one fact, or ask first."),
)


def check_settled(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Every wait of these processes ends when what it waits about has happened."""
    diagram = drawing.diagram
    for fact in FACTS.get(diagram.process_id, ()):
        for node in _waits(diagram, fact.behind):
            if not any(_is_of(one, fact) for one in _catching(diagram, node)):
                message = Text(
                    f"在这里等的时候{fact.zh}，案件还开着。",
                    f"While it waits here and {fact.en}, the case stays open.",
                )
                way_out = _way_out(node, fact)
                place = _place(diagram, node)
                beside = [one for event in _catching(diagram, node) for one in _names(event)]
                trace = (node.id, *beside)
                yield drawing.finding(
                    "settled", place, message, way_out, trace=trace, clause=fact.clause
                )
            for event in _catching(diagram, node):
                if event.message in EITHER and _ends(diagram, event):
                    yield drawing.finding("settled", event.id, *_UNASKED, clause=fact.clause)


def _waits(diagram: Diagram, behind: str | None) -> Iterator[Node]:
    """Tasks of people and event gateways behind a step, itself apart."""
    step = diagram.nodes.get(behind or "")
    begun = [one.id for one in diagram.nodes.values() if one.kind == "start"]
    first = begun if step is None else list(diagram.targets(step))
    for identifier in reach(first, lambda node: steps(diagram, node)):
        node = diagram.nodes.get(identifier)
        if node is not None and node.kind in BY_PEOPLE | {"event_gateway"}:
            yield node


def _catching(diagram: Diagram, node: Node) -> Iterator[Node]:
    """The events that end the waiting at a node."""
    if node.kind == "event_gateway":
        yield from (diagram.nodes[one] for one in diagram.targets(node) if one in diagram.nodes)
    else:
        events = (diagram.nodes[one] for one in node.boundaries)
        yield from (event for event in events if event.cancel_activity)


def _ends(diagram: Diagram, event: Node) -> bool:
    return any(
        diagram.nodes[one].kind == "end" for one in diagram.targets(event) if one in diagram.nodes
    )


def _place(diagram: Diagram, node: Node) -> str:
    """Where to draw it: at a message that is another one, else at the wait itself."""
    caught = (one.id for one in _catching(diagram, node) if one.message is not None)
    return next(caught, node.id) if node.kind == "event_gateway" else node.id


def _names(event: Node) -> Iterator[str]:
    """An event that ends the waiting, one of which may be mistyped, and its message."""
    yield event.id
    if event.message is not None:
        yield event.message


def _is_of(event: Node, fact: EndingFact) -> bool:
    is_moment = event.timer is not None and event.timer.text.strip() in fact.moments
    return is_moment or event.message in fact.messages


def _way_out(node: Node, fact: EndingFact) -> Text:
    names = "、".join(sorted(fact.messages | fact.moments))
    if node.kind == "event_gateway":
        return Text(f"请在网关后接消息 {names} 之一。", f"Let one of {names} follow the gateway.")
    return Text(
        f"请在任务上画中断的边界事件（{names} 之一），接到结束。",
        f"Draw an interrupting boundary event (one of {names}) on it that leads to an end.",
    )


SETTLED: Final = Policy("settled", ("R13", "R14", "R15", "R18", "R33"), of_drawing=check_settled)
