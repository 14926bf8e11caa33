"""A memo of the effects of actions on shapes, so that the diagram is run once for each.

The first time an action meets a shape, SpiffWorkflow runs it and a recording notes every condition
that was tested, every timer that was armed, and every document that was added to, handed down or
merged. Afterwards the same action on the same shape only takes those steps on the case's own data
and follows the answers; an answer not met before runs the diagram again and adds a branch. Steps
are pure functions of the data, so the outcome is the same; a share of the actions is run both ways
and compared (`engine.execution.memo.execution`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from engine.execution import plan
from engine.execution.memo.steps import DataStep, Replay

_BRANCHES_AT_MOST = 50_000
NEW = -1
"""Instead of the place of an earlier leaf: the leaf is a new task."""

ActionKey = tuple[str, str]
"""Kind of the action and what it names: the place of a leaf, an element, a message."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A task that waits: its place among the leaves, its document, and all but number and data."""

    place: int
    document: int
    made: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """The waits of a shape: what each case completes with its own numbers and data."""

    persons: tuple[Leaf, ...]
    call: Leaf | None
    timers: frozenset[str]
    messages: Mapping[str, plan.Awaited]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The effect of an action: the next shape (empty when the process ended) and elements passed.

    `leaves` is for each leaf of the next shape its place among those before, and `documents` for
    each of its documents the place in the replay; of an ended process the one it ended with.
    `armed` are the elements whose timers were armed on the way and are still armed.
    """

    shape: bytes
    leaves: tuple[int, ...]
    documents: tuple[int, ...]
    passed: tuple[str, ...]
    armed: frozenset[str]
    is_ended: bool


@dataclass(slots=True)
class Branch:
    """A point on the way: the next step and where each answer leads, or the outcome."""

    step: DataStep | None = None
    answers: dict[bool, "Branch"] = field(default_factory=dict)
    outcome: Outcome | None = None


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

    def recall(self, shape: bytes, key: ActionKey, replay: Replay) -> Outcome | None:
        """Take the steps of the action on the documents of `replay`, which they add to."""
        branch = self._roots.get((shape, key))
        while branch is not None and branch.step is not None:
            branch = branch.answers.get(branch.step.take(replay))
        return None if branch is None else branch.outcome

    def learn(
        self, shape: bytes, key: ActionKey, steps: list[tuple[DataStep, bool]], outcome: Outcome
    ) -> None:
        """Add one way through the diagram."""
        with self._lock:
            if self._size >= _BRANCHES_AT_MOST:
                return
            branch = self._roots.setdefault((shape, key), Branch())
            self._size += 1
            for step, answer in steps:
                branch.step = branch.step or step
                branch = branch.answers.setdefault(answer, Branch())
            branch.outcome = outcome

    def forget(self) -> None:
        """Forget everything: what was memoized has proved wrong."""
        with self._lock:
            self._roots.clear()
            self._size = 0
