"""核查：处置之后由别人核查才能反馈，未通过的退回重办（R42）。"""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from engine.check.face import (
    Bundle,
    Diagram,
    Drawing,
    Finding,
    Node,
    Text,
    compared,
    path_to,
    reach,
    steps,
)
from handlers.policy.feedback import REPORTED
from handlers.policy.policy import BY_PEOPLE, Policy

TOLD: Final = frozenset({"feed_back", "notify_reporter"})
CHAIN: Final = "escalation"
RECTIFIES: Final = "rectification"
"""The diagram in which a second person checks what a department found; see `rectified`."""
SETTLED: Final = frozenset({"not_valid", "duplicate", "not_food"})
"""Outcomes with nothing to verify."""

_SKIPPED: Final = (
    Text("处置之后没有核查就反馈了。", "The result is fed back without verification."),
    Text(
        "请在反馈之前画核查岗的任务；只有无效、重复、不属食品的不用核查。",
        "Draw a task of the verifier; only what is not valid, double or not food skips it.",
    ),
)
_NOBODY: Final = (
    Text("没有人办理就反馈了。", "The result is fed back though nobody handled the case."),
    Text("请接到逐级流转，或先由人办理。", "Lead it to the chain, or to a person's task first."),
)
_NOT_DONE_AGAIN: Final = (
    Text("核查未通过，没有退回重办就反馈了。", "What failed verification is not handled again."),
    Text("请让“未通过”回到逐级流转。", "Lead the failed verification back to the chain."),
)


_DONE: Final = (
    Text("已经定下结果的，又去办理或核查。", "What is settled is handled or verified once more."),
    Text("请接到反馈或答复。", "Lead it to the task that tells the result."),
)


def check_verification(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Between handling and telling stands a verifier, and between failing and telling handling.

    What passed, and what there is nothing to verify of, is told and not handled once more.
    """
    diagram = drawing.diagram
    if diagram.process_id not in REPORTED:
        return
    starts = [node.id for node in diagram.nodes.values() if node.kind == "start"]
    yield from _told(drawing, starts, _NOBODY, stops="work")
    for call in diagram.nodes.values():
        if call.called == CHAIN:
            begins = list(steps(diagram, call.id))
            yield from _told(drawing, begins, _SKIPPED, stops="verifier")
    for flow in diagram.flows.values():
        if ("verify_result", ("text", "not_passed")) in compared(flow.condition or ""):
            yield from _told(
                drawing, [flow.target], _NOT_DONE_AGAIN, stops="call", before=(flow.source,)
            )
    for way, answers in _ways(diagram, bundle):
        if answers == {"passed"} or answers <= SETTLED:
            yield from _done_again(drawing, way)


def _ways(diagram: Diagram, bundle: Bundle) -> Iterator[tuple[str, set[str]]]:
    """Ways out of gateways that ask one field of a form, each with the answers that take it."""
    options: dict[str, set[str]] = {}
    for node in diagram.nodes.values():
        form = bundle.forms.get(node.form or "")
        for field in () if form is None else form.fields:
            options.setdefault(field.name, set()).update(one.value for one in field.options)
    for node in diagram.nodes.values():
        asked = {way: compared(diagram.flows[way].condition or "") for way in node.outgoing}
        names = {name for pairs in asked.values() for name, _ in pairs}
        if len(names) != 1 or not options.get(name := names.pop()):
            continue
        named = {way: {str(value[1]) for _, value in pairs} for way, pairs in asked.items()}
        left = options[name].difference(*named.values())
        yield from ((way, named[way] or left) for way in node.outgoing if named[way] or left)


def _done_again(drawing: Drawing, way: str) -> Iterator[Finding]:
    """The steps people come to first, behind gateways and steps done automatically."""
    diagram = drawing.diagram

    def onward(identifier: str) -> Iterator[str]:
        node = diagram.nodes.get(identifier)
        if node is not None and node.kind not in BY_PEOPLE | {"call"}:
            yield from steps(diagram, identifier)

    reached = reach([diagram.flows[way].target], onward)
    for node in map(diagram.nodes.get, reached):
        is_call = node is not None and node.called in {CHAIN, RECTIFIES}
        if node is not None and (is_call or (node.kind in BY_PEOPLE and node.role == "verifier")):
            trace = (diagram.flows[way].source, way, *path_to(node.id, reached))
            yield drawing.finding("verification", node.id, *_DONE, trace=trace, clause="R42")


def _told(
    drawing: Drawing,
    begins: list[str],
    words: tuple[Text, Text],
    *,
    stops: str,
    before: tuple[str, ...] = (),
) -> Iterator[Finding]:
    """Tasks that tell the result and are reached without what stops a way."""
    missed = reached_without(
        drawing.diagram, begins, TOLD, is_met=lambda node: _stops(node, stops), counts=may_be_taken
    )
    for identifier, path in missed:
        trace = (*before, *path)
        yield drawing.finding("verification", identifier, *words, trace=trace, clause="R42")


def reached_without(
    diagram: Diagram,
    begins: list[str],
    targets: Collection[str],
    *,
    is_met: Callable[[Node], bool],
    counts: Callable[[Diagram, str], bool],
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Targets reached by flows that count and past no node that meets the rule, with their path.

    Branches that run at once all end before the way goes on: it is enough that one meets the rule.
    """
    possible = reach(begins, lambda node: steps(diagram, node))
    stops = {node.id for node in diagram.nodes.values() if is_met(node)} | set(targets)

    def onward(identifier: str) -> Iterator[str]:
        node = diagram.nodes.get(identifier)
        if node is not None and identifier not in stops:
            yield from (
                diagram.flows[flow].target for flow in node.outgoing if counts(diagram, flow)
            )
            yield from node.boundaries

    def is_awaited(flow: str) -> bool:
        source = diagram.flows[flow].source
        is_here = source in reached and source not in stops and counts(diagram, flow)
        return source in possible and not is_here

    reached = reach(begins, onward)
    while waiting := {
        join.id
        for join in diagram.nodes.values()
        if join.kind == "parallel" and join.id in reached and join.id not in stops
        if any(map(is_awaited, join.incoming))
    }:
        stops |= waiting
        reached = reach(begins, onward)
    for identifier in sorted(reached.keys() & targets):
        yield identifier, path_to(identifier, reached)


def _stops(node: Node, stops: str) -> bool:
    """Whether what is asked for is done at this node."""
    is_task = node.kind in BY_PEOPLE
    if stops == "work":
        return is_task or node.kind == "call"
    if node.called == CHAIN:
        return True
    is_check = node.called == RECTIFIES or (is_task and node.role == "verifier")
    return stops == "verifier" and is_check


def may_be_taken(diagram: Diagram, flow: str) -> bool:
    """Whether a flow is not only for outcomes with nothing to verify."""
    asked = compared(diagram.flows[flow].condition or "")
    words = {str(value) for name, (_, value) in asked if name == "outcome"}
    return not words or not words <= SETTLED


POLICY: Final = Policy("verification", ("R42",), of_drawing=check_verification)
