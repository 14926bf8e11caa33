"""Known faults of the library under us, each with what our layer makes of it.

The numbers are those of the list of reproduced engine bugs our design starts from. Two timers on
an event gateway, tasks with several incoming flows and unsound drawings are refused by the check.
"""

import pytest

from engine.errors import DiagramError, ExpressionError
from engine.execution import plan
from engine.execution.execution import Execution, step
from tests.engine.equivalence.chance import seeded
from tests.engine.equivalence.diagrams import EVENT_GATEWAY, MULTI_INSTANCE, TERMINATED
from tests.engine.equivalence.drawing import (
    Drawing,
    both,
    boundary,
    chain,
    diagram,
    drawing,
    each,
    end,
    flow,
    message,
    messages,
    node,
    service,
    some,
    start,
    timer,
    user,
    xor,
)
from tests.engine.equivalence.loops import INSTANCES_FAR_AHEAD, LOOP, LOOP_IN_CALL, LOOP_WITH_JOIN
from tests.engine.equivalence.ours import OurCase, drawn
from tests.engine.equivalence.seen import EPOCH, Seen

NEVER = "9999-12-30T00:00:00+08:00"
TRANSFER = drawing(
    "transfer",
    diagram(
        "transfer",
        *(start(), user("ask"), xor("accepted", "no"), user("act"), end(), end("refused")),
        chain("start", "ask", "accepted"),
        flow("accepted", "act", "answer == 'yes'"),
        flow("accepted", "refused", flow_id="no"),
        chain("act", "end"),
    ),
)


def begun(drawing: Drawing, **data: object) -> OurCase:
    case = OurCase(drawn(drawing))
    case.act(plan.Start(data), EPOCH)
    return case


def complete(case: OurCase, element: str, **data: object) -> Seen:
    (token,) = case.tokens(element)
    return case.act(plan.Complete(token, data), EPOCH)


def elements(case: OurCase) -> list[str]:
    return sorted(task.element for task in case.tasks.values())


def timed(kind: str, expression: str) -> Drawing:
    """One task with one timer on it."""
    return drawing(
        "timed",
        diagram(
            "timed",
            *(start(), user("work"), boundary("late", "work", timer(kind, expression))),
            *(end(), end("too_late")),
            chain("start", "work", "end"),
            chain("late", "too_late"),
        ),
    )


def test_no_1_tasks_do_not_vanish_beyond_a_tree_a_thousand_deep() -> None:
    case = begun(LOOP, more="yes")

    for turn in range(400):
        seen = complete(case, "turn", n=turn)

        assert elements(case) == ["turn"]
        assert not seen.is_ended


@pytest.mark.parametrize("number", range(20))
def test_no_2_a_join_in_a_loop_never_fires_before_both_have_come(number: int) -> None:
    case, rnd = begun(LOOP_WITH_JOIN, more="yes"), seeded(f"join {number}")

    for _ in range(6):
        complete(case, "turn")
        for element in rnd.sample(["a", "b"], 2):
            assert "turn" not in elements(case)
            complete(case, element)
        assert elements(case) == ["turn"]


def test_no_3_a_join_in_a_loop_goes_beyond_the_164th_round() -> None:
    case = begun(LOOP_WITH_JOIN, more="yes")

    for _ in range(200):
        for element in ("turn", "a", "b"):
            complete(case, element)

    assert elements(case) == ["turn"]


def test_no_3_a_timer_in_a_loop_of_a_called_process_goes_beyond_the_247th_step() -> None:
    case = begun(LOOP_IN_CALL, more="yes")

    for _ in range(150):
        case.act(plan.Due("work.slow"), EPOCH)
        complete(case, "work.reminder")
        complete(case, "work.turn")

    assert elements(case) == ["work.turn"]
    assert complete(case, "work.turn", more="no").is_ended


MERGING = drawing(
    "merging",
    diagram(
        "merging",
        *(start(), both("fork"), user("aside"), both("inner"), service("look"), service("ask")),
        *(both("joined"), user("read"), both("all"), end()),
        chain("start", "fork", "aside", "all", "end"),
        chain("fork", "inner", "look", "joined", "read", "all"),
        chain("inner", "ask", "joined"),
    ),
)


def test_no_4_a_merge_of_nested_data_leaves_other_branches_alone() -> None:
    """Within one execution too, where nothing is loaded between the answers."""
    place = {"area": {"code": "350302", "seen": False}}
    execution = Execution(drawn(MERGING), None, {}, now=EPOCH)
    execution.apply(plan.Start({"place": place}))
    for answer in ({"place": {"area": {"code": "350303", "seen": True}}}, {}):
        call = execution.next_call()
        assert call is not None
        execution.apply(plan.Answer(call.token, answer))

    opened = {task.element: task.data["place"] for task in execution.result().opened}

    assert opened["aside"] == {"area": {"code": "350302", "seen": False}}
    assert place == {"area": {"code": "350302", "seen": False}}


def test_no_4_a_later_step_does_not_rewrite_what_a_waiting_task_holds() -> None:
    case = begun(
        drawing(
            "two",
            diagram(
                "two",
                *(start(), both("fork"), user("a"), user("b"), user("c"), both("join"), end()),
                chain("start", "fork", "a", "join", "end"),
                chain("fork", "b", "c", "join"),
            ),
        ),
        place={"tags": ["food"]},
    )

    complete(case, "b", place={"tags": ["food", "fire"]})
    complete(case, "c")
    (waiting,) = case.tasks.values()

    assert waiting.data["place"] == {"tags": ["food"]}
    assert complete(case, "a").is_ended


@pytest.mark.parametrize("expression", ['"R5/PT1H"', "'R/PT0.02S'"])
def test_no_6_timers_that_repeat_are_refused_with_what_to_draw_instead(expression: str) -> None:
    with pytest.raises(DiagramError, match="催办表"):
        drawn(timed("timeCycle", expression))


def test_no_7_after_an_exception_the_marking_given_is_still_valid() -> None:
    case = begun(TRANSFER)
    (token,) = case.tasks
    before = case.marking

    with pytest.raises(ExpressionError):
        step(case.definition, case.marking, plan.Complete(token, {}), case.data, now=EPOCH)

    assert case.marking == before
    assert complete(case, "ask", answer="yes").tasks[0][0] == "act"


def test_no_8_an_unknown_variable_is_an_error_not_a_no() -> None:
    case = begun(TRANSFER)

    with pytest.raises(ExpressionError) as caught:
        complete(case, "ask")

    assert caught.value.source == "answer == 'yes'"
    assert "answer" in str(caught.value)


@pytest.mark.parametrize("tag", ["preScript", "postScript"])
def test_scripts_around_a_task_are_refused_when_they_would_run(tag: str) -> None:
    extension = (
        f"<bpmn:extensionElements><spiffworkflow:{tag}>x = 1</spiffworkflow:{tag}>"
        "</bpmn:extensionElements>"
    )
    definition = drawing(
        "scripted",
        diagram("scripted", start(), user("work", extension), end(), chain("start", "work", "end")),
    )

    with pytest.raises(ExpressionError) as caught:
        complete(begun(definition), "work")

    assert caught.value.code == "script_refused"


def test_a_script_task_is_refused_when_it_would_run() -> None:
    script = node("scriptTask", "compute", "<bpmn:script>x = __import__('os')</bpmn:script>")
    definition = drawing(
        "scripted", diagram("scripted", start(), script, end(), chain("start", "compute", "end"))
    )

    with pytest.raises(ExpressionError) as caught:
        begun(definition)

    assert caught.value.code == "script_refused"


def test_instances_of_a_multi_instance_task_outlive_loading_and_end_in_any_order() -> None:
    case = begun(MULTI_INSTANCE, posts=["p1", "p2", "p3"], parties=["x", "y"], more="no")
    complete(case, "choose")
    assert [task.data["post"] for task in case.tasks.values()] == ["p1", "p2", "p3"]

    for token in reversed(list(case.tasks)):
        case.act(plan.Complete(token, {}), EPOCH)
    complete(case, "weigh")
    assert [task.data["party"] for task in case.tasks.values()] == ["x", "y"]

    for token in reversed(list(case.tasks)):
        case.act(plan.Complete(token, {}), EPOCH)
    assert elements(case) == ["decide"]


def test_instances_may_come_again_in_a_loop() -> None:
    """The library refuses: it finds the item of the first round among the data."""
    case = begun(INSTANCES_FAR_AHEAD, posts=["p1", "p2"], more="yes")

    for posts in (["p1", "p2"], ["p3"], []):
        complete(case, "choose", posts=posts)
        assert [task.data["post"] for task in case.tasks.values() if "ask" in task.element] == posts
        for token in [token for token, task in case.tasks.items() if "ask" in task.element]:
            case.act(plan.Complete(token, {}), EPOCH)
        complete(case, "read")

    assert elements(case) == ["choose"]


def asked(enough: str = "", *, in_turn: bool = False) -> Drawing:
    """A countersignature of several posts, in a loop, and what comes behind it."""
    posts = each("posts", "post", in_turn=in_turn, enough=enough)
    return drawing(
        "countersigned",
        diagram(
            "countersigned",
            *(start(), xor("back"), user("ask", posts), user("read"), xor("again", "finished")),
            end(),
            chain("start", "back", "ask", "read", "again"),
            flow("again", "back", "more == 'yes'"),
            flow("again", "end", flow_id="finished"),
        ),
    )


def test_instances_in_turn_are_asked_one_by_one_again_in_every_round() -> None:
    """The library refuses the second entry: the first one has left its item among the data."""
    posts = ["p1", "", None, "p1"]
    case = begun(asked(in_turn=True), posts=posts, more="yes")

    for _ in range(3):
        for place, post in enumerate(posts):
            (task,) = case.tasks.values()
            assert (task.element, task.data["post"]) == (f"ask#{place}", post)
            complete(case, f"ask#{place}", **{f"answer_{place}": place})
        (read,) = case.tasks.values()
        assert [read.data[f"answer_{place}"] for place in range(4)] == [0, 1, 2, 3]
        complete(case, "read")

    assert elements(begun(asked(in_turn=True), posts=[], more="no")) == ["read"]


@pytest.mark.parametrize("in_turn", [False, True])
def test_two_of_three_are_enough_and_the_rest_is_taken_back(*, in_turn: bool) -> None:
    """The library counts nothing that a completion condition could ask."""
    enough = "numberOfCompletedInstances * 2 > numberOfInstances or answer == 'refuse'"
    case = begun(asked(enough, in_turn=in_turn), posts=["p1", "p2", "p3"], more="yes")

    for answers in (["agree", "agree"], ["refuse"]):
        for answer in answers:
            assert elements(case) != ["read"]
            complete(case, max(elements(case)), answer=answer)
        assert elements(case) == ["read"]
        complete(case, "read")


ROUNDS_OF_SOME = drawing(
    "rounds",
    diagram(
        "rounds",
        *(start(), xor("back"), some("who", "others"), user("fire"), user("police"), user("desk")),
        *(some("asked"), xor("again", "finished"), end()),
        chain("start", "back", "who"),
        flow("who", "fire", "ask in ['fire', 'both']"),
        flow("who", "police", "ask in ['police', 'both']"),
        flow("who", "desk", flow_id="others"),
        chain("fire", "asked", "again"),
        chain("police", "asked"),
        chain("desk", "asked"),
        flow("again", "back", "more == 'yes'"),
        flow("again", "end", flow_id="finished"),
    ),
)


def test_an_inclusive_block_in_a_loop_waits_in_every_round_for_those_it_asked() -> None:
    """The join of the library counts those of the round before, and never rests."""
    asked = {"fire": ["fire"], "both": ["fire", "police"], "police": ["police"], "": ["desk"]}
    rounds = ["both", "fire", "", "police", "both", "both", ""]
    case = begun(ROUNDS_OF_SOME, ask=rounds[0], more="yes")

    for now, following in zip(rounds, [*rounds[1:], "fire"], strict=True):
        waiting = asked[now]
        assert sorted(elements(case)) == waiting
        for element in waiting:
            assert element in elements(case)
            complete(case, element, ask=following)
    assert complete(case, "fire", more="no").is_ended


@pytest.mark.parametrize("posts", [None, 3, "abc", {"a": 1}])
def test_instances_over_what_is_no_list_are_refused(posts: object) -> None:
    case = begun(INSTANCES_FAR_AHEAD, posts=posts, more="yes")

    with pytest.raises(ExpressionError) as caught:
        complete(case, "choose")

    assert (caught.value.code, caught.value.source) == ("no_list", "posts")


def test_one_task_bears_two_timers_and_a_message() -> None:
    definition = drawing(
        "three",
        diagram(
            "three",
            *(start(), user("work"), user("superior"), user("nudge"), user("owner"), end()),
            boundary("too_late", "work", timer("timeDate", "due_at")),
            boundary("half_time", "work", timer("timeDate", "half_at"), interrupts=False),
            boundary("withdrawn", "work", message("withdrawn")),
            *(end("e1"), end("e2"), end("e3")),
            chain("start", "work", "end"),
            chain("too_late", "superior", "e1"),
            chain("half_time", "nudge", "e2"),
            chain("withdrawn", "owner", "e3"),
            before=messages("withdrawn"),
        ),
    )
    data = {"due_at": "2098-01-09T08:00:00+08:00", "half_at": "2098-01-05T08:00:00+08:00"}
    case = begun(definition, **data)
    assert sorted(case.timers) == ["half_time", "too_late"]
    assert [one.name for one in case.awaited.values()] == ["withdrawn"]

    case.act(plan.Due("half_time"), EPOCH)
    assert elements(case) == ["nudge", "work"]
    assert list(case.timers) == ["too_late"]

    case.act(plan.Due("too_late"), EPOCH)
    assert elements(case) == ["nudge", "superior"]
    assert (case.timers, case.awaited) == ({}, {})


def test_a_due_time_in_the_year_9999_means_never_and_arms_nothing() -> None:
    case = begun(timed("timeDate", "due_at"), due_at=NEVER)

    assert case.timers == {}
    complete(case, "work")
    assert case.last is not None
    assert case.last.disarmed == ()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDate", "2098-01-05T08:00:00"),  # which offset
        ("timeDate", "2098-01-05"),
        ("timeDate", "next week"),
        ("timeDate", ""),
        ("timeDuration", "-PT1H"),  # the library reads one hour ahead
        ("timeDuration", "PT"),
        ("timeDuration", "P1DT"),
        ("timeDuration", "P١D"),
        ("timeDuration", "P999999999Y"),  # the library counts the months one by one
        ("timeDuration", "P9999999D"),
        ("timeDuration", "1 day"),
        ("timeDuration", ""),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        begun(timed(kind, "at"), at=text)

    assert caught.value.code == "timer_unreadable"


@pytest.mark.parametrize("value", [None, 3, ["PT1H"], {"at": "PT1H"}])
@pytest.mark.parametrize("kind", ["timeDate", "timeDuration"])
def test_a_time_that_is_no_text_is_refused(kind: str, value: object) -> None:
    with pytest.raises(ExpressionError) as caught:
        begun(timed(kind, "at"), at=value)

    assert caught.value.code == "timer_unreadable"


def test_an_unquoted_duration_is_refused_as_an_unknown_name() -> None:
    with pytest.raises(ExpressionError, match="PT1H"):
        begun(timed("timeDuration", "PT1H"))


def test_an_event_gateway_takes_the_message_twice_and_then_the_timer() -> None:
    case = begun(EVENT_GATEWAY, more="yes")

    for _ in range(2):
        complete(case, "prepare")
        assert list(case.timers) == list(case.awaited) == ["whichever_first"]
        case.act(plan.Message("answered", {}), EPOCH)
        assert (case.timers, case.awaited) == ({}, {})
        complete(case, "read")
    complete(case, "prepare")
    case.act(plan.Due("whichever_first"), EPOCH)

    assert elements(case) == ["remind"]


def test_an_end_that_stops_everything_is_no_message_to_anybody() -> None:
    case = begun(TERMINATED, outcome="stop")

    seen = complete(case, "short")

    assert seen.is_ended
    assert seen.thrown == ()
