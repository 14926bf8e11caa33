"""What one step of one diagram says: opened, closed, armed, awaited, thrown."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from engine.execution import plan
from engine.execution.execution import Execution, step
from tests.engine.equivalence.diagrams import (
    ANSWERING,
    ASKING,
    BOUNDARIES,
    PARALLEL,
    TWO_LETTERS,
)
from tests.engine.equivalence.drawing import (
    boundary,
    call,
    chain,
    diagram,
    drawing,
    each,
    end,
    message,
    messages,
    start,
    user,
)
from tests.engine.equivalence.ours import drawn
from tests.engine.stepping import NOW, Case

PROPERTIES = (
    "<bpmn:extensionElements><spiffworkflow:properties>"
    '<spiffworkflow:property name="form" value="accept"/>'
    '<spiffworkflow:property name="phase" value="handle"/>'
    "</spiffworkflow:properties></bpmn:extensionElements>"
)


def in_lane(task_id: str) -> str:
    """A lane for one task; its role stands in the name."""
    return (
        '<bpmn:laneSet id="lanes"><bpmn:lane id="lane_grid_leader" name="网格长">'
        f"<bpmn:flowNodeRef>{task_id}</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )


def test_a_start_runs_to_the_first_person() -> None:
    definition = drawing(
        "accepting",
        diagram(
            "accepting",
            *(in_lane("accept"), start(), user("accept", PROPERTIES), end()),
            chain("start", "accept", "end"),
        ),
    )

    made = Case(definition, number=7).plan

    (opened,) = made.opened
    assert (opened.element, opened.task_id, opened.process_id) == ("accept", "accept", "accepting")
    assert (opened.label, opened.lane) == ("accept", "网格长")
    assert opened.properties == {"form": "accept", "phase": "handle"}
    assert opened.data == {"number": 7}
    assert made.passed == ("start",)
    assert not made.is_ended


def test_completing_closes_the_task_and_tells_the_way() -> None:
    case = Case(BOUNDARIES, due_at="2026-03-05T08:00:00+08:00", outcome="done")

    made = case.complete("work", note="x")

    assert made.closed == (case.tokens["work"],)
    assert made.cancelled == ()
    assert made.passed == ("work", "again", "end")
    assert made.disarmed == ("half_time", "overdue")
    assert made.unawaited == ("withdrawn",)
    assert made.is_ended
    assert made.data["note"] == "x"


def test_a_deadline_cancels_the_task_it_stands_on() -> None:
    case = Case(BOUNDARIES, due_at="2026-03-05T08:00:00+08:00", outcome="done")

    made = case.act(plan.Due("overdue"))

    assert made.cancelled == (case.tokens["work"],)
    assert made.closed == ()
    assert [task.element for task in made.opened] == ["late"]
    assert made.disarmed == ("half_time", "overdue")


def test_timers_are_armed_at_their_moment_or_from_now() -> None:
    made = Case(BOUNDARIES, due_at="2026-03-05T08:00:00+08:00", outcome="done").plan

    assert set(made.armed) == {
        plan.Armed("overdue", datetime(2026, 3, 5, tzinfo=UTC)),
        plan.Armed("half_time", NOW + timedelta(hours=2)),
    }
    assert made.awaited == (plan.Awaited("withdrawn", "withdrawn", {}),)


def test_a_loop_that_comes_back_in_one_step_arms_its_timers_anew() -> None:
    case = Case(BOUNDARIES, due_at="2026-03-05T08:00:00+08:00", outcome="again")
    later = NOW + timedelta(hours=1)

    made = case.act(
        plan.Complete(case.tokens["work"], {"due_at": "9999-12-30T00:00:00+08:00"}), now=later
    )

    assert made.armed == (plan.Armed("half_time", later + timedelta(hours=2)),)
    assert made.disarmed == ("overdue",)
    assert (made.awaited, made.unawaited) == ((), ())


def test_a_message_brings_its_data_even_over_a_value_of_the_same_name() -> None:
    case = Case(BOUNDARIES, due_at="2026-03-05T08:00:00+08:00", outcome="done")

    made = case.act(plan.Message("withdrawn", {"outcome": "withdrawn", "by": "owner"}))

    (opened,) = made.opened
    assert opened.element == "taken_back"
    assert (opened.data["outcome"], opened.data["by"]) == ("withdrawn", "owner")


def test_a_message_to_one_of_several_catchers_reaches_that_one() -> None:
    definition = drawing(
        "hearing",
        diagram(
            "hearing",
            *(start(), call("hear", "heard", each("parties", "party")), end()),
            chain("start", "hear", "end"),
        ),
        diagram(
            "heard",
            *(start("begun"), user("speak"), end("ended"), end("left_early")),
            boundary("left", "speak", message("gone")),
            chain("begun", "speak", "ended"),
            chain("left", "left_early"),
            before=messages("gone"),
        ),
    )
    case = Case(definition, parties=["x", "y", "z"])
    assert [one.element for one in case.plan.awaited] == [f"hear#{n}.left" for n in range(3)]

    made = case.act(plan.Message("gone", {}, "hear#1.left"))

    assert made.cancelled == (case.tokens["hear#1.speak"],)
    assert made.unawaited == ("hear#1.left",)


def test_a_thrown_message_bears_payload_and_correlation() -> None:
    made = Case(ASKING).complete("write", letter={"number": 7})

    assert made.thrown == (plan.Thrown("asked", {"number": 7}, {"letter": {"number": 7}}),)
    assert made.awaited == (plan.Awaited("hear", "answered", {"letter": {"number": 7}}),)


def test_a_case_without_correlation_takes_any_message_of_the_name_and_is_bound_by_it() -> None:
    case = Case(ANSWERING)
    made = case.complete("open")
    assert made.awaited == (plan.Awaited("be_asked", "asked", {}),)

    made = case.act(plan.Message("asked", {"number": 8}))
    assert made.unawaited == ("be_asked",)

    made = case.complete("think", reply={"number": 8})
    assert made.thrown == (plan.Thrown("answered", {"number": 8}, {"letter": {"number": 8}}),)


@pytest.mark.parametrize("data", [{"self": 1}, {"kwargs": 1, "data": 2}])
def test_a_field_may_have_any_name(data: Mapping[str, object]) -> None:
    case = Case(BOUNDARIES, due_at="2026-03-05T08:00:00+08:00", outcome="done")

    assert case.act(plan.Complete(case.tokens["work"], data)).data.items() >= data.items()


def test_what_is_given_is_not_kept_by_the_case() -> None:
    tags = ["food"]
    case = Case(PARALLEL, skip=True)
    made = case.act(plan.Complete(case.tokens["a"], {"place": {"tags": tags}}))
    before = made.marking

    tags.append("fire")

    again = case.complete("b")
    assert b"fire" not in before
    assert b"fire" not in again.marking


def test_several_actions_in_one_execution_end_where_single_steps_end() -> None:
    definition = drawn(PARALLEL)
    together = Execution(definition, None, {}, now=NOW)
    together.apply(plan.Start({"skip": True}))
    case = Case(PARALLEL, skip=True)
    for element in ("a", "b", "d"):
        together.apply(plan.Complete(case.tokens[element], {element: 1}))
        case.complete(element, **{element: 1})

    made = together.result()

    assert [task.element for task in made.opened] == ["c"]
    assert (
        step(definition, made.marking, plan.Complete(made.opened[0].token, {}), made.data, now=NOW)
        .opened[0]
        .data
        == case.complete("c").opened[0].data
    )


def test_what_a_message_binds_is_told_for_everything_that_still_waits() -> None:
    case = Case(TWO_LETTERS)
    assert {one.correlation.get("letter") is None for one in case.plan.awaited} == {True}

    made = case.act(plan.Message("asked", {"number": 7}))

    assert made.awaited == (plan.Awaited("hear", "answered", {"letter": {"number": 7}}),)
    assert made.unawaited == ("be_asked",)
