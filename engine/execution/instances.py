"""How instances over a list begin and when they are enough; `spiff` adds it to its classes."""

from typing import Any, TypeAlias

from engine.diagrams.dialect import INSTANCE_COUNTS, drawn_id
from engine.errors import ExpressionError

Token: TypeAlias = Any


def placed(problem: ExpressionError, task: Token) -> ExpressionError:
    """Note at which element an expression failed."""
    problem.element = problem.element or drawn_id(str(task.task_spec.bpmn_id or ""))
    return problem


class OverList:
    """Instances over a list, again in every round of a loop.

    The library finds the item of the round before among the data and refuses to begin again; what
    is no list it walks over anyway, a text character by character; and it counts nothing a
    completion condition could ask.
    """

    data_input: Any
    input_item: Any
    condition: str | None

    def forget_item(self, my_task: Token) -> None:
        """Let the next instance begin: the item of the one before is among the data."""
        if self.input_item is not None:
            my_task.data.pop(self.input_item.bpmn_id, None)

    def check_completion_condition(self, my_task: Token) -> bool:
        """Whether enough instances are done, over the data of the last one."""
        done = my_task.internal_data.get("merged", [])
        if self.condition is None or not done:
            return False
        last = next(child for child in my_task.children if str(child.id) == done[-1])
        counts = dict(zip(INSTANCE_COUNTS, (self.entries(my_task), len(done)), strict=True))
        return bool(my_task.workflow.script_engine.evaluate(last, self.condition, counts))

    def entries(self, my_task: Token) -> int:
        """How many entries the list has."""
        name = self.data_input.bpmn_id
        entries = my_task.data.get(name)
        if not isinstance(entries, list):
            reason = "instances need a list that is set before"
            raise placed(ExpressionError("no_list", reason, source=name, column=1), my_task)
        my_task.workflow.script_engine.trace.counted()
        return len(entries)
