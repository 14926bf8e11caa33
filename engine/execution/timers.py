"""Timers that are due once and fire on request. No library here.

`engine.execution.spiff` mixes `Clockless` into the library's own timers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from engine.errors import ExpressionError
from engine.execution.instances import placed
from engine.expressions.language import compile_expression

Token: TypeAlias = Any


class Clockless:
    """A timer that computes its due time once and then fires only on request.

    The stock timers read the wall clock, which would make a step impure and a virtual clock a
    process-wide patch. Ours takes "now" from the step and leaves firing to the timer rows.
    """

    expression: str

    def has_fired(self, my_task: Token) -> bool:
        """Whether it was told to fire; the first time it is asked it computes when it is due."""
        internal = my_task.internal_data
        if internal.get("event_value") is None:
            internal["event_value"] = self._due_at(my_task).isoformat()
        return bool(internal.get("event_fired", False))

    def _due_at(self, my_task: Token) -> datetime:
        evaluator = my_task.workflow.script_engine
        try:
            due_at = self.due_at(my_task.data, evaluator.now)
        except ExpressionError as problem:
            raise placed(problem, my_task) from problem.__cause__
        evaluator.trace.timed(my_task, self, due_at)
        return due_at

    def due_at(self, data: Mapping[str, Any], now: datetime) -> datetime:
        """When a timer armed `now` over these data is due, in UTC."""
        text: Any = compile_expression(self.expression).evaluate(data)
        try:
            return self._moment(text, now)
        except (TypeError, ValueError, AttributeError, KeyError, OverflowError) as problem:
            reason = f"{text!r} is no ISO 8601 time with offset and no duration"
            raise ExpressionError(
                "timer_unreadable", reason, source=str(self.expression), column=1
            ) from problem

    def _moment(self, text: str, now: datetime) -> datetime:
        raise AssertionError(text, now)  # each kind of timer says how
