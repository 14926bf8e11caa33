"""What one step of one diagram says: opened, closed, armed, awaited, thrown, called, refused."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from engine import plan
from engine.errors import EngineFault
from engine.execution import Execution, step
from tests.engine.equivalence.diagrams import (
    ANSWERING,
    ASKING,
    BOUNDARIES,
    FAILING_SERVICES,
    INSTANCES_FAR_AHEAD,
    MULTI_INSTANCE,
    NESTED_CALLS,
    PARALLEL,
    TALKING_TO_ITSELF,
)
from tests.engine.equivalence.drawing import (
    Drawing,
    boundary,
    call,
    chain,
    diagram,
    drawing,
    each,
    end,
    error,
    errors,
    flow,
    message,
    messages,
    node,
    service,
    start,
    timer,
    user,
    xor,
)
from tests.engine.equivalence.ours import Drawn, drawn

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PROPERTIES = (
    "<bpmn:extensionElements><spiffworkflow:properties>"
    '<spiffworkflow:property name="form" value="accept"/>'
    '<spiffworkflow:property name="phase" value="handle"/>'
    "</spiffworkflow:properties></bpmn:extensionElements>"
)


class Case:
    """A case stepped by hand; `plan` is the last one made."""

    def __init__(self, drawing: Drawing, **data: object) -> None:
        self.definition: Drawn = drawn(drawing)
        self.plan = step(self.definition, None, plan.Start(data), {}, now=NOW)
        self.tokens = {task.element: task.token for task in self.plan.opened}

    def act(self, action: plan.Action, now: datetime = NOW) -> plan.Plan:
        """One more step."""
        self.plan = step(self.definition, self.plan.marking, action, self.plan.data, now=now)
        self.tokens |= {task.element: task.token for task in self.plan.opened}
        return self.plan

    def complete(self, element: str, **data: object) -> plan.Plan:
        """Complete the task that opened at `element`."""
        return self.act(plan.Complete(self.tokens[element], data))


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


def test_instances_have_elements_and_data_of_their_own() -> None:
    case = Case(MULTI_INSTANCE, posts=["p1", "p2"], parties=[], more="no")

    opened = case.complete("choose").opened

    assert [task.task_id for task in opened] == ["ask", "ask"]
    assert [task.element for task in opened] == ["ask#0", "ask#1"]
    assert [task.data["post"] for task in opened] == ["p1", "p2"]


def test_an_empty_collection_is_passed_over() -> None:
    case = Case(MULTI_INSTANCE, posts=[], parties=[], more="no")

    assert [task.element for task in case.complete("choose").opened] == ["weigh"]


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


def test_an_error_that_is_drawn_nowhere_is_a_fault() -> None:
    case = Case(failing_inside(drawn_outside=False))
    assert case.plan.call is not None

    with pytest.raises(EngineFault) as caught:
        case.act(plan.Fail(case.plan.call.token, "unreachable"))

    assert (caught.value.code, caught.value.element) == ("error_not_drawn", "send")


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


def test_a_step_that_met_a_collection_is_not_of_one_thread() -> None:
    """Where it leads hangs on the collection, so nobody may remember it by its conditions."""
    execution = Execution(drawn(INSTANCES_FAR_AHEAD), None, {}, now=NOW)
    execution.apply(plan.Start({"posts": [], "more": "no"}))
    assert execution.has_one_thread()

    execution.apply(plan.Complete(next(iter(execution.waiting().persons)), {}))

    assert [task.element for task in execution.result().opened] == ["read"]
    assert not execution.has_one_thread()


def test_parallel_branches_are_not_one_thread_even_where_one_of_them_waits_for_an_event() -> None:
    execution = Execution(drawn(TALKING_TO_ITSELF), None, {}, now=NOW)

    execution.apply(plan.Start({"letter": {}}))

    assert [task.element for task in execution.waiting().persons.values()] == ["prepare"]
    assert not execution.has_one_thread()


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
