"""办结：由人发起的流程，每个结束事件都写明结果；等着的事变了，在哪一步等都随即办结。"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.check.face import Bundle, Diagram, Drawing, Finding, Node, Text, main_way, reach, steps
from handlers.policy.policy import Policy
from storage.cases.outcomes import OUTCOMES


def check_outcomes(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Every end of a process people start says how the case ended, in a word of the city.

    Where some ends say it, so does every end that closes a case: all but those of side branches.
    """
    nodes = drawing.diagram.nodes.values()
    is_started = any(node.kind == "start" and node.who for node in nodes)
    is_said = any(node.kind == "end" and node.outcome is not None for node in nodes)
    closing = main_way(drawing.diagram) if is_said else frozenset()
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
        elif node.outcome is None and (is_started or node.id in closing):
            message = Text("结束事件没有写明结果。", "The end does not say how the case ended.")
            yield drawing.finding("outcome", node.id, message, way_out)


POLICY: Final = Policy("outcome", (), of_drawing=check_outcomes)


# ── what ends the waiting (R13, R14, R15, R18) ──────────────────────────────────────────────────


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
FACTS: Final[Mapping[str, tuple[EndingFact, ...]]] = {
    "business_ceased": BUSINESS,
    "staffing_gap": GAP,
    "registry_refresh": MONTH,
}


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
                yield drawing.finding("settled", place, message, way_out, clause=fact.clause)


def _waits(diagram: Diagram, behind: str | None) -> Iterator[Node]:
    """Tasks of people and event gateways behind a step, itself apart."""
    step = diagram.nodes.get(behind or "")
    begun = [one.id for one in diagram.nodes.values() if one.kind == "start"]
    first = begun if step is None else list(diagram.targets(step))
    for identifier in reach(first, lambda node: steps(diagram, node)):
        node = diagram.nodes.get(identifier)
        if node is not None and node.kind in {"user", "manual", "event_gateway"}:
            yield node


def _catching(diagram: Diagram, node: Node) -> Iterator[Node]:
    """The events that end the waiting at a node."""
    if node.kind == "event_gateway":
        yield from (diagram.nodes[one] for one in diagram.targets(node) if one in diagram.nodes)
    else:
        events = (diagram.nodes[one] for one in node.boundaries)
        yield from (event for event in events if event.cancel_activity)


def _place(diagram: Diagram, node: Node) -> str:
    """Where to draw it: at a message that is another one, else at the wait itself."""
    caught = (one.id for one in _catching(diagram, node) if one.message is not None)
    return next(caught, node.id) if node.kind == "event_gateway" else node.id


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


SETTLED: Final = Policy("settled", ("R13", "R14", "R15", "R18"), of_drawing=check_settled)
