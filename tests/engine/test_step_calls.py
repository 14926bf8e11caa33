"""What one step says of services, decisions, called processes and instances."""

from datetime import timedelta

import pytest

from engine.errors import EngineFault
from engine.execution import plan
from tests.engine.equivalence.diagrams import FAILING_SERVICES, MULTI_INSTANCE, NESTED_CALLS
from tests.engine.equivalence.drawing import (
    Drawing,
    boundary,
    call,
    chain,
    diagram,
    drawing,
    end,
    error,
    errors,
    node,
    service,
    start,
    timer,
    user,
)
from tests.engine.stepping import NOW, Case


def test_a_called_process_has_the_properties_of_its_call_and_the_path_of_it() -> None:
    case = Case(NESTED_CALLS, word="w", repeat=False, deeper=False)

    tasks = {task.element: task for task in case.plan.opened}

    assert tasks["first.beside"].process_id == "middle"
    assert tasks["first.beside"].data["mark"] == "w"
    assert tasks["first.beside"].data["depth"] == "1"
    assert tasks["first.second.inner_task"].data["depth"] == "2"


def test_a_service_stands_still_until_it_is_answered() -> None:
    case = Case(NESTED_CALLS, word="w", repeat=False, deeper=False)
    made = case.complete("first.second.inner_task")
    asked = made.call

    assert asked is not None
    assert (asked.kind, asked.task_id, asked.process_id) == ("service", "look", "innermost")
    assert asked.element == "first.second.third.look"
    assert asked.data["depth"] == "3"

    made = case.act(plan.Answer(asked.token, {"seen": True}))
    assert made.call is None
    assert [task.data["seen"] for task in made.opened] == [True]
    assert "first.second.third.look" in made.passed
    assert made.closed == ()


def test_a_decision_names_its_table() -> None:
    inside = (
        "<bpmn:extensionElements>"
        "<spiffworkflow:calledDecisionId>deadlines</spiffworkflow:calledDecisionId>"
        '<spiffworkflow:properties><spiffworkflow:property name="step" value="accept"/>'
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )
    definition = drawing(
        "deciding",
        diagram(
            "deciding",
            *(start(), node("businessRuleTask", "limit", inside), end()),
            chain("start", "limit", "end"),
        ),
    )

    asked = Case(definition).plan.call

    assert asked is not None
    assert (asked.kind, asked.decision) == ("decision", "deadlines")
    assert asked.properties == {"step": "accept"}


def test_an_error_goes_to_the_boundary_event_of_the_task_that_failed_only() -> None:
    case = Case(FAILING_SERVICES)
    case.complete("prepare")
    asked = case.plan.call
    assert asked is not None

    made = case.act(plan.Fail(asked.token, "unreachable"))

    assert len(made.opened) == 1
    assert made.call is not None, "the other service still waits"


def failing_inside(*, drawn_outside: bool) -> Drawing:
    """A service in a called process; its error is drawn on the call, or nowhere."""
    outside = boundary("unreached", "hand_over", error("unreachable")) if drawn_outside else ""
    return drawing(
        "outside",
        diagram(
            "outside",
            *(start(), call("hand_over", "inside"), outside, user("by_hand"), end(), end("done")),
            chain("start", "hand_over", "end"),
            chain("unreached", "by_hand", "done") if drawn_outside else chain("by_hand", "done"),
            before=errors("unreachable"),
        ),
        diagram(
            "inside",
            *(start("begun"), service("send"), end("sent")),
            chain("begun", "send", "sent"),
        ),
    )


def test_an_error_nobody_catches_inside_is_caught_on_the_call() -> None:
    case = Case(failing_inside(drawn_outside=True))
    assert case.plan.call is not None

    made = case.act(plan.Fail(case.plan.call.token, "unreachable"))

    assert [task.element for task in made.opened] == ["by_hand"]
    assert made.call is None
    assert case.complete("by_hand").is_ended


def test_a_timer_in_a_called_process_is_named_by_the_way_to_it() -> None:
    definition = drawing(
        "outer",
        diagram("outer", start(), call("ask", "inner"), end(), chain("start", "ask", "end")),
        diagram(
            "inner",
            *(start("begun"), user("answer"), end("ended"), end("silent")),
            boundary("late", "answer", timer("timeDuration", "'P1D'")),
            chain("begun", "answer", "ended"),
            chain("late", "silent"),
        ),
    )
    case = Case(definition)
    assert case.plan.armed == (plan.Armed("ask.late", NOW + timedelta(days=1)),)

    made = case.act(plan.Due("ask.late"))

    assert made.is_ended
    assert made.passed[-2:] == ("ask", "end")


def test_instances_have_elements_and_data_of_their_own() -> None:
    case = Case(MULTI_INSTANCE, posts=["p1", "p2"], parties=[], more="no")

    opened = case.complete("choose").opened

    assert [task.task_id for task in opened] == ["ask", "ask"]
    assert [task.element for task in opened] == ["ask#0", "ask#1"]
    assert [task.data["post"] for task in opened] == ["p1", "p2"]


def test_an_empty_collection_is_passed_over() -> None:
    case = Case(MULTI_INSTANCE, posts=[], parties=[], more="no")

    assert [task.element for task in case.complete("choose").opened] == ["weigh"]


def test_an_error_that_is_drawn_nowhere_is_a_fault() -> None:
    case = Case(failing_inside(drawn_outside=False))
    assert case.plan.call is not None

    with pytest.raises(EngineFault) as caught:
        case.act(plan.Fail(case.plan.call.token, "unreachable"))

    assert (caught.value.code, caught.value.element) == ("error_not_drawn", "send")
