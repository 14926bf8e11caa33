"""What a step refuses, and what it says then."""

import pytest

from engine.errors import EngineFault
from engine.execution import plan
from tests.engine.equivalence.diagrams import BOUNDARIES, FAILING_SERVICES, PARALLEL
from tests.engine.equivalence.drawing import (
    chain,
    diagram,
    drawing,
    end,
    flow,
    start,
    user,
    xor,
)
from tests.engine.stepping import Case


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (plan.Complete(999, {}), "task_not_waiting"),
        (plan.Answer(999, {}), "task_not_waiting"),
        (plan.Fail(999, "x"), "task_not_waiting"),
        (plan.Due("work"), "timer_not_waiting"),
        (plan.Due("withdrawn"), "timer_not_waiting"),
        (plan.Due("no.such#3"), "timer_not_waiting"),
        (plan.Message("other"), "message_not_awaited"),
        (plan.Message("withdrawn", {}, "elsewhere"), "message_not_awaited"),
    ],
)
def test_what_is_not_waited_for_is_refused(action: plan.Action, code: str) -> None:
    case = Case(BOUNDARIES, due_at="2026-03-05T08:00:00+08:00", outcome="done")

    with pytest.raises(EngineFault) as caught:
        case.act(action)

    assert caught.value.code == code


def test_a_timer_that_never_comes_is_not_waited_for() -> None:
    case = Case(BOUNDARIES, due_at="9999-12-30T00:00:00+08:00", outcome="done")

    with pytest.raises(EngineFault):
        case.act(plan.Due("overdue"))


def test_a_task_is_done_once() -> None:
    case = Case(PARALLEL, skip=True)
    case.complete("a")

    with pytest.raises(EngineFault):
        case.complete("a")


def test_a_person_cannot_do_the_work_of_a_service_nor_a_service_that_of_a_person() -> None:
    case = Case(FAILING_SERVICES)
    assert case.plan.call is not None

    with pytest.raises(EngineFault):
        case.act(plan.Complete(case.plan.call.token, {}))
    with pytest.raises(EngineFault):
        case.act(plan.Answer(case.tokens["prepare"], {}))


def test_a_gateway_none_of_whose_ways_fits_is_a_fault_that_names_it() -> None:
    definition = drawing(
        "choosing",
        diagram(
            "choosing",
            *(start(), user("ask"), xor("which"), end("one"), end("other")),
            chain("start", "ask", "which"),
            flow("which", "one", "answer == 'one'"),
            flow("which", "other", "answer == 'other'"),
        ),
    )

    with pytest.raises(EngineFault) as caught:
        Case(definition).complete("ask", answer="neither")

    assert (caught.value.code, caught.value.element) == ("no_way_on", "which")
