"""Remembered steps: the memo answers as the diagram does, and is asked more than it is taught."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

import pytest

from engine.execution import plan
from engine.execution.memo import memo as memory
from engine.execution.memo.execution import Remembered
from engine.execution.memo.memo import Memo
from tests.engine.equivalence.chance import Chance, seeded
from tests.engine.equivalence.diagrams import FURTHER
from tests.engine.equivalence.drawing import SHIPPED, Drawing
from tests.engine.equivalence.ours import Drawn, OurCase, drawn
from tests.engine.equivalence.seen import Seen, moment

WALKS = 25
STEPS = 40


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


def walked(drawing: Drawing, definition: Remembering, rnd: Random) -> Iterator[tuple[Seen, Seen]]:
    """What both cases show after each action of one random walk."""
    run, remembered = OurCase(definition), RememberedCase(definition)
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


@pytest.mark.parametrize("name", sorted(SHIPPED.keys() - {"side_task"}))  # runs in instances
def test_the_shipped_diagrams_are_mostly_remembered(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = remembering(SHIPPED[name])
    taught: list[int] = []
    learn = Memo.learn
    monkeypatch.setattr(
        memory.Memo, "learn", lambda self, *given: (taught.append(1), learn(self, *given))
    )

    steps = sum(
        1
        for number in range(4 * WALKS)
        for _ in walked(SHIPPED[name], definition, seeded(f"{number} of {name}"))
    )

    assert 0 < len(taught) < steps / 3
