"""A case stepped by hand in tests of single steps; holds no test."""

from datetime import UTC, datetime

from engine.execution import plan
from engine.execution.execution import step
from tests.engine.equivalence.drawing import (
    Drawing,
)
from tests.engine.equivalence.ours import Drawn, drawn

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


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
