"""How many actions of each diagram the memo answers, and what it saves of the engine's time.

Random walks of one process: the first ones teach the memo, the others are gone with the memo and
without it, one after the other, so that both meet the same load. No database, no handlers: answers
are drawn at random, which asks the memo for more ways through a diagram than a city does.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from bench.report import ReportTable
from engine.execution import plan
from engine.execution.hydration import Memo, hydrate
from tests.engine.equivalence.chance import Chance, seeded
from tests.engine.equivalence.drawing import SHIPPED, Drawing
from tests.engine.equivalence.ours import Drawn, OurCase, drawn

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TEACHING, COUNTED, STEPS = 60, 40, 40


class CountingMemo(Memo):
    """A memo that counts the actions it could answer."""

    answered: int = 0

    def recall(self, *given: Any) -> Any:
        """The outcome as the memo has it."""
        outcome = super().recall(*given)
        self.answered += outcome is not None
        return outcome


@dataclass(frozen=True)
class CountedDrawing(Drawn):
    """A drawing whose steps are memoized."""

    memo: CountingMemo = field(default_factory=CountingMemo)


@dataclass
class TimedCase(OurCase):
    """A case whose actions are timed with the memo and without it; it goes on with the memo's."""

    memoized: int = 0
    plain: int = 0

    def take(self, action: plan.Action) -> None:
        """One action both ways."""
        self.plain += self._timed(action, is_memoized=False)[0]
        spent, made = self._timed(action, is_memoized=True)
        self.memoized += spent
        self._write_down(made)

    def _timed(self, action: plan.Action, *, is_memoized: bool) -> tuple[int, plan.Plan]:
        definition = cast("CountedDrawing", self.definition)
        begin = time.thread_time_ns()
        execution = hydrate(definition, self.marking, self.data, now=NOW, is_memoized=is_memoized)
        execution.apply(action)
        made = execution.result()
        return time.thread_time_ns() - begin, made


def run() -> list[ReportTable]:
    """Walk every shipped process."""
    table = ReportTable(
        f"Random walks of shipped diagrams: {TEACHING} teach the memo, {COUNTED} are counted",
        ("process", "actions", "answered by the memo", "us an action", "without the memo, times"),
    )
    for name in sorted(SHIPPED):
        table.add(name, *_walked(name, SHIPPED[name]))
    return [table]


def _walked(name: str, drawing: Drawing) -> tuple[int, str, float, float]:
    as_drawn = drawn(drawing)
    definition = CountedDrawing(as_drawn.top, as_drawn.called, as_drawn.names)
    for number in range(TEACHING):
        _walk(definition, drawing, f"{number} of {name}")
    definition.memo.answered = 0
    walks = [
        _walk(definition, drawing, f"{number} of {name}")
        for number in range(TEACHING, TEACHING + COUNTED)
    ]
    actions = sum(taken for taken, _ in walks)
    memoized = sum(case.memoized for _, case in walks)
    plain = sum(case.plain for _, case in walks)
    answered = f"{definition.memo.answered / actions:.0%}"
    return actions, answered, memoized / actions / 1000, plain / memoized


def _walk(definition: CountedDrawing, drawing: Drawing, told: str) -> tuple[int, TimedCase]:
    case, chance = TimedCase(definition), Chance(drawing, seeded(told))
    action: plan.Action | None = chance.start()
    taken = 0
    while action is not None and taken < STEPS:
        case.take(action)
        taken += 1
        action = chance.next_action(case)
    return taken, case
