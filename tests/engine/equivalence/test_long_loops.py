"""Loops of 2,000 turns: beside the stock engine as far as it is right, then against the truth.

The stock engine loses tasks from about turn 333 and its joins inside loops fire early from the
second round, so what is right beyond is said here by hand.
"""

import pytest

from engine.execution import plan
from tests.engine.equivalence.chance import seeded
from tests.engine.equivalence.diagrams import BOUNDARIES
from tests.engine.equivalence.drawing import Drawing
from tests.engine.equivalence.loops import BESIDE_A_LOOP, LOOP, LOOP_IN_CALL, LOOP_WITH_JOIN
from tests.engine.equivalence.ours import OurCase, drawn
from tests.engine.equivalence.seen import Seen, moment
from tests.engine.equivalence.stock import Clock, StockCase, StockDrawing
from tests.engine.equivalence.walk import assert_same

TURNS = 2000
STOCK_TURNS = 150
NEVER = "9999-12-30T00:00:00+08:00"
ON = {"more": "yes", "outcome": "again", "due_at": NEVER}


class Turning:
    """One case of ours, given actions by the name of the element."""

    def __init__(self, drawing: Drawing, **data: object) -> None:
        self.case = OurCase(drawn(drawing))
        self.turn = 0
        self.seen = self._act(plan.Start(ON | data))

    def complete(self, element: str, **data: object) -> Seen:
        """Complete the one task at `element`."""
        (token,) = self.case.tokens(element)
        self.seen = self._act(plan.Complete(token, data))
        return self.seen

    def fire(self, element: str) -> Seen:
        """Fire the timer at `element`."""
        self.seen = self._act(plan.Due(element))
        return self.seen

    @property
    def open(self) -> list[str]:
        """Elements of the open tasks."""
        return sorted(task.element for task in self.case.tasks.values())

    def _act(self, action: plan.Action) -> Seen:
        self.turn += 1
        Clock.present = moment(self.turn)
        return self.case.act(action, Clock.present)


def test_a_plain_loop_goes_as_in_the_stock_engine_and_on_where_that_ends() -> None:
    ours, theirs = Turning(LOOP, n=0), StockCase(StockDrawing(LOOP))
    assert_same(ours.seen, theirs.start(ON | {"n": 0}), ["start"])

    for turn in range(1, TURNS + 1):
        (before,) = ours.case.tasks.values()
        seen = ours.complete("turn", n=turn)
        if turn <= STOCK_TURNS:
            assert_same(seen, theirs.complete("turn", {"n": turn}, before.data), [str(turn)])
        (after,) = ours.case.tasks.values()
        assert (after.element, after.data["n"]) == ("turn", turn)
        assert after.token > before.token
        assert not seen.is_ended

    assert ours.complete("turn", more="no").is_ended


def test_the_first_round_of_a_join_in_a_loop_goes_as_in_the_stock_engine() -> None:
    ours, theirs = Turning(LOOP_WITH_JOIN), StockCase(StockDrawing(LOOP_WITH_JOIN))
    assert_same(ours.seen, theirs.start(ON), ["start"])

    for element in ("turn", "b", "a"):
        (token,) = ours.case.tokens(element)
        before = ours.case.tasks[token].data
        assert_same(ours.complete(element), theirs.complete(element, {}, before), [element])


def test_a_join_in_a_loop_waits_for_both_in_every_one_of_2000_rounds() -> None:
    case, rnd = Turning(LOOP_WITH_JOIN), seeded("joined")

    for turn in range(1, TURNS + 1):
        assert case.open == ["turn"]
        case.complete("turn", n=turn)
        first, second = rnd.sample(["a", "b"], 2)
        assert case.open == ["a", "b"]
        case.complete(first)
        assert case.open == [second]
        case.complete(second)

    assert [task.data["n"] for task in case.case.tasks.values()] == [TURNS]
    case.complete("turn", more="no")
    case.complete("b")
    assert case.complete("a").is_ended


@pytest.mark.parametrize("early", [3, TURNS // 4])
def test_a_loop_with_a_join_beside_an_open_task_waits_for_both_every_round(early: int) -> None:
    case, rnd = Turning(BESIDE_A_LOOP), seeded(f"beside {early}")

    for turn in range(TURNS // 4):
        beside = ["long"] if turn < early else []
        assert case.open == [*beside, "turn"]
        case.complete("turn", more="no" if turn == TURNS // 4 - 1 else "yes")
        first, second = rnd.sample(["a", "b"], 2)
        assert case.open == sorted(["a", "b", *beside])
        case.complete(first)
        assert case.open == sorted([second, *beside])
        case.complete(second)
        if turn == early - 1 and turn < TURNS // 4 - 1:
            case.complete("long")

    if early == TURNS // 4:
        assert case.open == ["long"]
        case.complete("long")
    assert case.seen.is_ended


def test_a_loop_with_a_timer_in_a_called_process_goes_as_in_the_stock_engine_and_on() -> None:
    ours, theirs = Turning(LOOP_IN_CALL), StockCase(StockDrawing(LOOP_IN_CALL))
    assert_same(ours.seen, theirs.start(ON), ["start"])

    for turn in range(1, TURNS // 4):
        (before,) = ours.case.tasks.values()
        armed = ours.seen.timers
        seen = ours.complete("work.turn", n=turn)
        if turn <= STOCK_TURNS // 4:
            assert_same(seen, theirs.complete("work.turn", {"n": turn}, before.data), [str(turn)])
        assert [element for element, _ in seen.timers] == ["work.slow"]
        assert seen.timers > armed, "armed again, later"
        assert ours.open == ["work.turn"]

    assert ours.complete("work.turn", more="no").is_ended
    assert ours.seen.timers == ()


def test_a_side_task_left_open_outlives_2000_turns_of_the_loop_it_came_from() -> None:
    case = Turning(BOUNDARIES)
    case.fire("half_time")

    for turn in range(TURNS):
        case.complete("work", n=turn)
        assert case.open == ["reminder", "work"]
        assert [element for element, _ in case.seen.timers] == ["half_time"]
        assert [element for element, *_ in case.seen.awaited] == ["withdrawn"]

    assert case.complete("work", outcome="done").is_ended is False
    assert case.open == ["reminder"]
    assert case.complete("reminder").is_ended


def test_what_ended_side_branches_set_is_there_when_the_loop_has_ended() -> None:
    case = Turning(BOUNDARIES)

    for turn in range(50):
        case.fire("half_time")
        case.complete("reminder", **{f"reminded_{turn % 3}": turn})
        case.complete("work")
    case.complete("work", outcome="done")

    left = {name: value for name, value in case.case.data.items() if name.startswith("reminded")}
    assert left == {"reminded_0": 48, "reminded_1": 49, "reminded_2": 47}
