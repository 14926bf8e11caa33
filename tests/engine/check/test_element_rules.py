"""Which elements and events may be drawn: one faulty diagram for each that may not."""

import pytest

from tests.engine import drawing as d
from tests.engine.check.sample import check, flat, line, rules, some

ONE_TASK = line("accept")


def _one_way(tag: str) -> str:
    return d.element(tag, "step") + flat("step")


def _on_accept(inner: str, *, interrupting: bool = True) -> str:
    boundary = d.boundary("event", "accept", inner, interrupting=interrupting)
    return ONE_TASK + boundary + d.end("left") + d.path("event", "left")


FAULTY = {
    "script task": (
        d.element("scriptTask", "compute", "<bpmn:script>x = 1</bpmn:script>") + flat("compute"),
        {("script", "compute")},
    ),
    "script before a task": (
        d.user("accept", d.extension("<spiffworkflow:preScript>x = 1</spiffworkflow:preScript>"))
        + flat("accept"),
        {("script", "accept")},
    ),
    "script behind a task": (
        d.user("accept", d.extension("<spiffworkflow:postScript>x</spiffworkflow:postScript>"))
        + flat("accept"),
        {("script", "accept")},
    ),
    "operator on a service task": (
        d.service("call_out", d.extension('<spiffworkflow:serviceTaskOperator id="http"/>'))
        + flat("call_out"),
        {("element", "http")},
    ),
    "subprocess": (_one_way("subProcess"), {("start", "step"), ("end", "step")}),
    "event subprocess": (
        ONE_TASK + d.element("subProcess", "aside", triggeredByEvent="true"),
        {("element", "aside")},
    ),
    "ad-hoc subprocess": (_one_way("adHocSubProcess"), {("element", "step")}),
    "transaction": (_one_way("transaction"), {("element", "step")}),
    "plain task": (_one_way("task"), {("element", "step")}),
    "send task without a message": (_one_way("sendTask"), {("event", "step")}),
    "receive task without a message": (_one_way("receiveTask"), {("event", "step")}),
    "inclusive gateway": (_one_way("inclusiveGateway"), {("inclusive", "step")}),
    "inclusive gateway met by an exclusive one": (
        some(d.some("who", default="nobody"), d.xor("asked")),
        {("inclusive", "who")},
    ),
    "inclusive gateway without a default": (
        some(d.some("who"), d.some("asked")),
        {("inclusive", "who"), ("inclusive", "asked")},
    ),
    "branch of an inclusive gateway without a condition": (
        some(d.some("who", default="nobody"), d.some("asked"), condition=None),
        {("condition_missing", "who_to_accept")},
    ),
    "branches of an inclusive gateway that run into one another": (
        some(d.some("who", default="nobody"), d.some("asked"), onward="checked"),
        {("inclusive", "who"), ("inclusive", "asked")},
    ),
    "join that waits in a subprocess": (
        flat("on_site")
        + d.part(
            "on_site",
            d.start("begun") + d.user("look") + d.xor("which", default="other") + d.end("over"),
            d.user("accept") + d.user("handle") + d.fork("join"),
            d.path("begun", "look", "which") + d.path("accept", "join", "over"),
            d.flow("which", "accept", "outcome == 'done'") + d.path("handle", "join"),
            d.flow("which", "handle", identifier="other"),
        ),
        {("join_waits", "join")},
    ),
    "subprocess that never ends": (
        flat("on_site")
        + d.part(
            "on_site",
            d.start("begun") + d.xor("back") + d.user("accept") + d.end("over"),
            d.path("begun", "back", "accept", "back"),
        ),
        {("unreachable", "over")},
    ),
    "complex gateway": (_one_way("complexGateway"), {("element", "step")}),
    "standard loop": (
        d.user("accept", "<bpmn:standardLoopCharacteristics/>") + flat("accept"),
        {("element", "accept")},
    ),
    "loop by number": (
        d.user("accept", d.several(cardinality="3")) + flat("accept"),
        {("element", "accept"), ("multi_instance", "accept")},
    ),
    "a completion condition that asks what nobody gives": (
        d.user("accept", d.several(enough="opinion == 'refuse'")) + flat("accept"),
        {("unknown_name", "accept")},
    ),
    "timer of no time at all": (
        _on_accept(d.timer("'P0D'"), interrupting=False),
        {("timer_literal", "event")},
    ),
    "cycle timer": (
        _on_accept(d.timer("'R5/PT1H'", "timeCycle"), interrupting=False),
        {("element", "event"), ("timer_literal", "event")},
    ),
    "conditional event": (
        _on_accept("<bpmn:conditionalEventDefinition/>"),
        {("element", "event"), ("event", "event")},
    ),
    "signal event": (
        _on_accept("<bpmn:signalEventDefinition/>"),
        {("element", "event"), ("event", "event")},
    ),
    "event with two definitions": (
        _on_accept(d.timer() + d.message("m_withdrawn")),
        {("event", "event")},
    ),
    "timer that ends": (
        d.start() + d.end("closed", d.timer()) + d.path("reported", "closed"),
        {("event", "closed")},
    ),
    "throw event that throws nothing": (d.throw("told", "") + flat("told"), {("event", "told")}),
    "message without a name": (
        d.catch("heard", d.message("nobody")) + flat("heard"),
        {("event", "heard")},
    ),
    "error boundary that does not interrupt": (
        _on_accept("<bpmn:errorEventDefinition/>", interrupting=False),
        {("event", "event")},
    ),
    "boundary event on a gateway": (
        d.xor("way")
        + flat("way")
        + d.boundary("event", "way", d.timer())
        + d.end("left")
        + d.path("event", "left"),
        {("event", "event"), ("idle_gateway", "way")},
    ),
    "two timers on an event gateway": (
        d.start()
        + d.event_gateway("gate")
        + d.catch("soon", d.timer("'PT1H'"))
        + d.catch("late", d.timer("'PT2H'"))
        + d.end()
        + d.end("other")
        + d.path("reported", "gate", "soon", "closed")
        + d.path("gate", "late", "other"),
        {("event_gateway", "gate")},
    ),
    "two messages on an event gateway": (
        d.start()
        + d.event_gateway("gate")
        + d.catch("one", d.message("m_withdrawn"))
        + d.catch("two", d.message("m_withdrawn"))
        + d.end()
        + d.end("other")
        + d.path("reported", "gate", "one", "closed")
        + d.path("gate", "two", "other"),
        {("event_gateway", "gate")},
    ),
    "task behind an event gateway": (
        d.start()
        + d.event_gateway("gate")
        + d.user("accept")
        + d.end()
        + d.path("reported", "gate", "accept", "closed"),
        {("event_gateway", "gate"), ("label", "gate")} - {("label", "gate")},
    ),
}


@pytest.mark.parametrize(("body", "expected"), FAULTY.values(), ids=FAULTY.keys())
def test_an_element_that_may_not_be_drawn_so_is_found(
    body: str, expected: set[tuple[str, str]]
) -> None:
    found = check(body)

    assert {rule for rule in rules(found) if rule[0] != "lane"} == expected
    assert all((*one.message, *one.way_out) for one in found)
