"""A memo of the effects of actions on shapes, so that the diagram is run once for each.

The first time an action meets a shape, SpiffWorkflow runs it and a trace notes every condition
that was tested, every timer that was armed and every called process that was entered. Afterwards
the same action on the same shape only evaluates those conditions on the case's own data and follows
the results; a result not met before runs the diagram again and adds a branch. Conditions are pure
functions of the data, so the outcome is the same; a share of the steps is run both ways and
compared (`engine.execution.memo.execution`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from engine.execution import plan
from engine.execution.spiff import Token, handed_down
from engine.execution.timers import Trace
from engine.expressions.language import compile_expression

_NEVER_YEAR = 9999
_BRANCHES_AT_MOST = 50_000

ActionKey = tuple[str, str]
"""Kind of the action and what it names: nothing for the leaf, an element, a message."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The waits of a shape: paths of elements, and the leaf when it is a task.

    Of a person or a call, all but its number and data, which each case adds.
    """

    person: Callable[..., plan.Opened] | None
    call: Callable[..., plan.Call] | None
    timers: frozenset[str]
    messages: Mapping[str, plan.Awaited]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The effect of an action: the next shape (empty when the process ended) and elements passed.

    `stays` is true when the leaf is the very task it was before. `armed` are the elements whose
    timers were armed on the way and are still armed.
    """

    shape: bytes
    stays: bool
    passed: tuple[str, ...]
    armed: frozenset[str]
    is_ended: bool


@dataclass(frozen=True, slots=True)
class Tested:
    """A condition and how it answered."""

    source: str
    answer: bool

    def ask(self, data: Mapping[str, Any], now: datetime, due: dict[str, datetime]) -> bool:
        """The answer of these data."""
        del now, due
        return bool(compile_expression(self.source).evaluate(data))


@dataclass(frozen=True, slots=True)
class Timed:
    """A timer that was armed; it answers whether it is never due, as such a timer has no row."""

    element: str
    definition: Any
    answer: bool

    def ask(self, data: Mapping[str, Any], now: datetime, due: dict[str, datetime]) -> bool:
        """Compute the due time into `due`."""
        due_at: datetime = self.definition.due_at(data, now)
        due[self.element] = due_at
        return due_at.year >= _NEVER_YEAR


@dataclass(frozen=True, slots=True)
class Entered:
    """A called process that was entered: its drawn properties become data."""

    properties: Mapping[str, str]


Step = Tested | Timed | Entered


@dataclass(slots=True)
class Branch:
    """A point on the way: steps without a question, then a question or the outcome."""

    entered: list[Entered] = field(default_factory=list)
    question: Tested | Timed | None = None
    answers: dict[bool, "Branch"] = field(default_factory=dict)
    outcome: Outcome | None = None


class Recording(Trace):
    """A trace that records its calls, in order."""

    def __init__(self) -> None:
        self.heard: list[Step] = []

    def tested(self, source: str, value: object) -> None:
        """A condition was evaluated."""
        self.heard.append(Tested(source, bool(value)))

    def timed(self, task: Token, definition: Any, due_at: datetime) -> None:
        """A timer was armed."""
        is_never = due_at.year >= _NEVER_YEAR
        self.heard.append(Timed(self.path_of(task), definition, is_never))

    def entered(self, properties: Mapping[str, str]) -> None:
        """A called process was entered."""
        self.heard.append(Entered(dict(properties)))


def explains(
    steps: list[Step], data: dict[str, Any], left: Mapping[str, Any], now: datetime
) -> bool:
    """Whether following the steps over `data` answers alike and leaves the data `left`."""
    due: dict[str, datetime] = {}
    for step in steps:
        if isinstance(step, Entered):
            data.update(handed_down(step.properties, data))
        elif step.ask(data, now, due) != step.answer:
            return False
    return data == left


@dataclass(slots=True)
class Memo:
    """Everything memoized of one definition, shared by the threads of a process."""

    standings: dict[bytes, Standing] = field(default_factory=dict)
    _roots: dict[tuple[bytes, ActionKey], Branch] = field(default_factory=dict)
    _size: int = 0
    _lock: Lock = field(default_factory=Lock)

    def keep_standing(self, shape: bytes, standing: Standing) -> None:
        """Remember what is waited for in a shape."""
        self.standings[shape] = standing

    def recall(
        self, shape: bytes, key: ActionKey, data: dict[str, Any], now: datetime
    ) -> tuple[Outcome, dict[str, datetime]] | None:
        """Follow the answers of `data` (which called processes entered on the way add to)."""
        branch = self._roots.get((shape, key))
        due: dict[str, datetime] = {}
        while branch is not None:
            for element in branch.entered:
                data.update(handed_down(element.properties, data))
            if branch.question is None:
                return None if branch.outcome is None else (branch.outcome, due)
            branch = branch.answers.get(branch.question.ask(data, now, due))
        return None

    def learn(self, shape: bytes, key: ActionKey, steps: list[Step], outcome: Outcome) -> None:
        """Add one way through the diagram."""
        with self._lock:
            if self._size >= _BRANCHES_AT_MOST:
                return
            branch = self._roots.setdefault((shape, key), Branch())
            self._size += 1
            for step in steps:
                branch = _followed(branch, step)
            branch.outcome = outcome

    def forget(self) -> None:
        """Forget everything: what was memoized has proved wrong."""
        with self._lock:
            self._roots.clear()
            self._size = 0


def _followed(branch: Branch, step: Step) -> Branch:
    """The branch after one step, made when it is new."""
    if isinstance(step, Entered):
        if branch.question is None and step not in branch.entered:
            branch.entered.append(step)
        return branch
    if branch.question is None:
        branch.question = step
    return branch.answers.setdefault(step.answer, Branch())
