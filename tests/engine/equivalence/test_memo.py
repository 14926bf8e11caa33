"""Remembered steps: the memo answers as the diagram does, and is asked more than it is taught."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.execution import plan
from engine.execution.copies import copied
from engine.execution.memo.execution import Remembered
from engine.execution.memo.memo import ActionKey, Memo, Outcome
from engine.execution.spiff import merge
from tests.engine.equivalence.chance import Chance, seeded
from tests.engine.equivalence.diagrams import FURTHER
from tests.engine.equivalence.drawing import (
    SHIPPED,
    Drawing,
    both,
    chain,
    diagram,
    drawing,
    end,
    start,
    user,
)
from tests.engine.equivalence.loops import INSTANCES_FAR_AHEAD
from tests.engine.equivalence.ours import Drawn, OurCase, drawn
from tests.engine.equivalence.seen import Seen, moment

WALKS = 25
STEPS = 40
NAMES = st.sampled_from("abcd")
AT_ONCE = ("parallel", "some", "boundaries", "boundaries_of_call", "nested_calls")
BRANCHES = drawing(
    "branches",
    diagram(
        "branches",
        *(start(), both("fork"), user("first"), user("second"), user("third"), end()),
        *(chain("start", "fork", "first", "end"), chain("fork", "second", "end")),
        chain("fork", "third", "end"),
    ),
)
JOINED = drawing(
    "joined",
    diagram(
        "joined",
        *(start(), both("fork"), user("first"), user("second"), both("join"), user("last"), end()),
        *(chain("start", "fork", "first", "join", "last", "end"), chain("fork", "second", "join")),
    ),
)


@dataclass(frozen=True)
class Remembering(Drawn):
    """A drawing whose steps are memoized."""

    memo: Memo = field(default_factory=Memo)


@dataclass
class RememberedCase(OurCase):
    """A case that asks the memo first."""

    def act(self, action: plan.Action, now: datetime) -> Seen:
        """One action, memoized or run."""
        assert isinstance(self.definition, Remembering)
        execution = Remembered(self.definition, self.marking, self.data, now=now)
        execution.apply(action)
        made = execution.result()
        self._write_down(made)
        return self._seen(made)


class SwitchedCase(RememberedCase):
    """A case that asks the memo at every other step only."""

    turns: int = 0

    def act(self, action: plan.Action, now: datetime) -> Seen:
        """One action, memoized or run."""
        self.turns += 1
        return super().act(action, now) if self.turns % 2 else OurCase.act(self, action, now)


def remembering(drawing: Drawing) -> Remembering:
    as_drawn = drawn(drawing)
    return Remembering(as_drawn.top, as_drawn.called, as_drawn.names)


def translated(action: plan.Action, run: OurCase, remembered: OurCase) -> plan.Action:
    """The same action for the other case, whose tasks have other numbers."""
    match action:
        case plan.Complete(token, _):
            element = run.tasks[token].element
            place = run.tokens(element).index(token)
            return replace(action, token=remembered.tokens(element)[place])
        case plan.Answer() | plan.Fail():
            last = remembered.last
            assert last is not None
            assert last.call is not None
            return replace(action, token=last.call.token)
    return action


def walked(
    drawing: Drawing, definition: Remembering, rnd: Random, *, by_turns: bool = False
) -> Iterator[tuple[Seen, Seen]]:
    """What both cases show after each action of one random walk."""
    run = OurCase(definition)
    remembered = (SwitchedCase if by_turns else RememberedCase)(definition)
    chance = Chance(drawing, rnd)
    action: plan.Action | None = chance.start()
    for turn in range(STEPS):
        if action is None:
            return
        other = translated(action, run, remembered)
        yield run.act(action, moment(turn)), remembered.act(other, moment(turn))
        action = chance.next_action(run)


@pytest.mark.parametrize("name", sorted({**SHIPPED, **FURTHER}))
def test_a_remembered_walk_shows_what_a_run_one_shows(name: str) -> None:
    drawing = {**SHIPPED, **FURTHER}[name]
    definition = remembering(drawing)

    for number in range(WALKS):
        told = f"memo walk {number} of {name}"
        for run, remembered in walked(drawing, definition, seeded(told)):
            assert remembered == run, told


@pytest.mark.parametrize("name", sorted({**SHIPPED, **FURTHER}))
def test_a_case_goes_on_with_and_without_the_memo(name: str) -> None:
    """What one of the two ways has written, the other reads."""
    drawing = {**SHIPPED, **FURTHER}[name]
    definition = remembering(drawing)

    for number in range(WALKS):
        told = f"memo by turns {number} of {name}"
        for run, remembered in walked(drawing, definition, seeded(told), by_turns=True):
            assert remembered == run, told


@pytest.mark.parametrize("name", sorted({*SHIPPED, *AT_ONCE} - {"side_task"}))  # it has instances
def test_most_steps_are_answered_from_the_memo(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = {**SHIPPED, **FURTHER}[name]
    definition = remembering(drawing)
    answered: list[bool] = []
    recall = Memo.recall

    def counted(memo: Memo, *given: Any) -> Outcome | None:
        outcome = recall(memo, *given)
        answered.append(outcome is not None)
        return outcome

    monkeypatch.setattr(Memo, "recall", counted)

    steps = sum(
        1
        for number in range(4 * WALKS)
        for _ in walked(drawing, definition, seeded(f"{number} of {name}"))
    )

    assert sum(answered) > steps / 2


def test_what_one_collection_decided_is_not_repeated_for_another() -> None:
    definition = remembering(INSTANCES_FAR_AHEAD)

    for posts in ([], ["p1", "p2"], [], ["p1"]):
        run, remembered = OurCase(definition), RememberedCase(definition)
        for case in (run, remembered):
            case.act(plan.Start({"posts": posts, "more": "no"}), moment(0))
        (first,), (same,) = run.tasks, remembered.tasks
        assert remembered.act(plan.Complete(same, {}), moment(1)) == run.act(
            plan.Complete(first, {}), moment(1)
        )


def test_what_ended_branches_leave_is_asked_of_every_case(taught: list[ActionKey]) -> None:
    """A branch that brings nothing new leaves nothing behind; the next one may."""
    definition = remembering(BRANCHES)
    seen = [
        compared(definition, ("first", brought), ("second", {}), ("third", {"known": 4}))
        for brought in ({"known": 2}, {"new": [1]}, {"new": [2, 3]}, {"known": 3})
    ]

    assert [data.get("new") for data in seen] == [None, [1], [2, 3], None]
    before = [("start", ""), ("complete", "0")]
    nothing_left = something_left = [("complete", "0"), ("complete", "0")]
    assert taught == [*before, *nothing_left, *something_left]


def test_a_join_merges_the_data_of_every_case(taught: list[ActionKey]) -> None:
    definition = remembering(JOINED)
    seen = [
        compared(definition, ("first", {"list": first}), ("second", {"list": second}), ("last", {}))
        for first, second in (([1, 2], [3]), ([], [1, 2]), ([{"a": 1}], [{"b": 2}, 3]))
    ]

    assert seen[2]["list"] == [{"b": 2, "a": 1}, 3]
    assert len(taught) == len(("start", "first", "second", "last"))


def compared(definition: Remembering, *completed: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The data a case ends with, which is the same with and without the memo."""
    run, remembered = OurCase(definition), RememberedCase(definition)
    for case in (run, remembered):
        case.act(plan.Start({"known": 1}), moment(0))
        for element, data in completed:
            (token,) = case.tokens(element)
            case.act(plan.Complete(token, data), moment(1))
    assert run.last is not None
    assert remembered.last is not None
    assert run.last.is_ended
    assert remembered.last.data == run.last.data
    return dict(run.last.data)


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> list[ActionKey]:
    """The actions a memo learns, each time it learns one."""
    learn, keys = Memo.learn, list[ActionKey]()

    def noted(memo: Memo, shape: bytes, key: ActionKey, *given: Any) -> None:
        keys.append(key)
        learn(memo, shape, key, *given)

    monkeypatch.setattr(Memo, "learn", noted)
    return keys


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("abc"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, NESTED, max_size=4)


@given(DOCUMENTS, DOCUMENTS)
def test_merging_over_the_same_again_changes_nothing(
    own: dict[str, Any], other: dict[str, Any]
) -> None:
    """So that a recording need not write it down."""
    try:
        mixed = merge(copied(own), copied(other))
    except (TypeError, AttributeError):  # lists the library cannot merge
        return

    assert merge(copied(own), copied(mixed)) == mixed
