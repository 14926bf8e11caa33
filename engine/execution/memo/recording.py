"""A trace that writes down every step of an action, and which document each task holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.execution.layouts import NOTHING
from engine.execution.memo.shapes import Flat
from engine.execution.memo.steps import (
    Brought,
    DataStep,
    Entered,
    Gathered,
    Merged,
    Replay,
    Tested,
    Timed,
    is_never,
)
from engine.execution.spiff import Token
from engine.execution.trace import Trace


class Recording(Trace):
    """The steps of one action with their answers, in order.

    `held` is the document of each task that has data, by the task's number: a copy of a document
    is the same document, so that no step is written down for it.
    """

    def __init__(self, before: Flat | None) -> None:
        """Begin at a marking; without a shape of it the recording is never whole."""
        self.steps: list[tuple[DataStep, bool]] = []
        self.held = {} if before is None else before.held()
        self.is_whole = before is not None
        self._documents = 0 if before is None else len(before.documents)
        self._over: dict[int, int] = {}

    def repeats(self, replay: Replay) -> bool:
        """Whether the steps, taken again, answer as they did."""
        return all(step.take(replay) == answer for step, answer in self.steps)

    def document_of(self, task: int) -> int:
        """The document a task holds, by its number."""
        return self.held.get(task, NOTHING)

    def tested(self, task: Token, source: str, value: object) -> None:
        """A condition was evaluated over the data of a task."""
        self.steps.append((Tested(self.document_of(task.id), source), bool(value)))

    def timed(self, task: Token, definition: Any, due_at: datetime) -> None:
        """A timer was armed."""
        step = Timed(self.document_of(task.id), self.path_of(task), definition)
        self.steps.append((step, is_never(due_at)))

    def counted(self) -> None:
        """A list decided how many instances there are, which no step can repeat."""
        self.is_whole = False

    def brought(self, task: Token) -> None:
        """The data of the action were added to those of a task."""
        self._makes(task, Brought(self.document_of(task.id)))

    def merged(self, task: Token, source: Token) -> None:
        """The data of `source` were merged over those of `task`."""
        own, other = self.document_of(task.id), self.document_of(source.id)
        if own == NOTHING or self._over.get(other) == own:  # to merge over it again changes nothing
            self.replaced(task, source)
        elif other not in {own, NOTHING}:
            self._makes(task, Merged(other, over=own))
            self._over[self.held[task.id]] = own

    def replaced(self, task: Token, source: Token) -> None:
        """The data of `task` became a copy of those of `source`."""
        self.held[task.id] = self.document_of(source.id)

    def entered(self, call: Token, start: Token, properties: Mapping[str, str]) -> None:
        """A called process began with the data of its caller and, over them, these properties."""
        self._makes(start, Entered(self.document_of(call.id), dict(properties)))

    def gathered(self, ended: Sequence[Token], root: Token, left: Mapping[str, Any]) -> None:
        """The last of `ended` keeps what they all have `left` that `root` does not know."""
        before = tuple(self.document_of(task.id) for task in ended)
        step = Gathered(before, self.document_of(root.id))
        if left:
            self._makes(ended[-1], step)
        else:
            self._made(step, answer=False)

    def _makes(self, task: Token, step: DataStep) -> None:
        self.held[task.id] = self._made(step, answer=True)

    def _made(self, step: DataStep, *, answer: bool) -> int:
        """Write down a step that adds a document, and return its place."""
        self.steps.append((step, answer))
        self._documents += 1
        return self._documents - 1
