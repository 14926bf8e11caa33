"""The one door to the memo: a case is hydrated with it or without it, behind the same Protocol."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from engine.execution import plan
from engine.execution.execution import Execution
from engine.execution.memo.execution import Remembered, Remembering
from engine.execution.memo.memo import Memo

__all__ = ["Hydrated", "Memo", "hydrate"]


class Hydrated(Protocol):
    """One process for several actions in a row; worthless after any exception."""

    def apply(self, action: plan.Action) -> None:
        """Carry out one action and run on to the next person, deadline, message or call."""
        ...

    def has_task(self, token: int) -> bool:
        """Whether the user task `token` still waits for a person."""
        ...

    def has_timer(self, element: str) -> bool:
        """Whether a timer is armed at `element`."""
        ...

    def has_message(self, element: str, name: str) -> bool:
        """Whether `element` waits for the message `name`."""
        ...

    def timers(self) -> Collection[str]:
        """Paths of the armed timers."""
        ...

    def data_of(self, token: int) -> Mapping[str, Any]:
        """The variables visible to the waiting task `token`."""
        ...

    def next_call(self) -> plan.Call | None:
        """The first service or decision that waits for an answer."""
        ...

    def result(self) -> plan.Plan:
        """Changes since the marking was loaded."""
        ...


def hydrate(
    definition: Remembering,
    marking: bytes | None,
    data: Mapping[str, Any],
    *,
    now: datetime,
    is_memoized: bool,
) -> Hydrated:
    """Load a marking, or begin without one; memoized or not, a case goes on the same way."""
    kind = Remembered if is_memoized else Execution
    return kind(definition, marking, data, now=now)
