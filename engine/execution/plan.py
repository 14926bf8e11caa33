"""Actions on a running diagram and their results; plain data, no behaviour.

Nothing here uses SpiffWorkflow, a database or a clock. `engine.execution.execution.step` turns an
`Action` into a `Plan`; `engine.run.runner` carries the plan out.

An *element* is the path of a node through the call activities above it, with the instance number
where several instances of one node can be alive at once: `escalation.handle_at_station.accept`,
`answer#2`. A *token* is the small number that names one open task of one running process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

Data = Mapping[str, Any]
CallKind = Literal["service", "decision"]


@dataclass(frozen=True, slots=True)
class Start:
    """Begin at the none start event with these data."""

    data: Data


@dataclass(frozen=True, slots=True)
class Complete:
    """A person finished the user task `token`; `data` is merged into the task."""

    token: int
    data: Data


@dataclass(frozen=True, slots=True)
class Answer:
    """The runner has done the call of `token`; `data` is merged into the task."""

    token: int
    data: Data


@dataclass(frozen=True, slots=True)
class Fail:
    """The call `token` ended in the drawn error `code`; an error boundary event takes it."""

    token: int
    code: str


@dataclass(frozen=True, slots=True)
class Due:
    """The timer standing at `element` is due."""

    element: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message arrived; `element` narrows it to one waiting catcher when known."""

    name: str
    payload: Data = field(default_factory=dict)
    element: str | None = None


Action = Start | Complete | Answer | Fail | Due | Message


class Opened(NamedTuple):
    """A user task began to wait for a person."""

    token: int
    element: str
    task_id: str
    process_id: str
    label: str
    lane: str | None
    properties: Mapping[str, str]
    data: Data


class Armed(NamedTuple):
    """A timer began to wait; `due_at` is aware."""

    element: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message is waited for; `correlation` is empty when any message of that name fits."""

    element: str
    name: str
    correlation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Thrown:
    """The diagram threw a message that nothing inside the same process catches."""

    name: str
    payload: Any
    correlation: Mapping[str, Any]


class Call(NamedTuple):
    """A service or business rule task waits until the runner has its result."""

    token: int
    kind: CallKind
    element: str
    task_id: str
    process_id: str
    decision: str | None
    properties: Mapping[str, str]
    data: Data


class Plan(NamedTuple):
    """The changes of one step against its initial marking.

    `closed` and `cancelled` are tokens of user tasks; `armed` and `awaited` replace the entry
    of their element; `passed` are the elements completed on the way, in order. `data` is the
    document stored beside the marking; for an ended process it is the final data. `call` is set
    when a handler must run before the next wait.
    """

    marking: bytes
    data: Data
    opened: tuple[Opened, ...] = ()
    closed: tuple[int, ...] = ()
    cancelled: tuple[int, ...] = ()
    armed: tuple[Armed, ...] = ()
    disarmed: tuple[str, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    unawaited: tuple[str, ...] = ()
    thrown: tuple[Thrown, ...] = ()
    passed: tuple[str, ...] = ()
    call: Call | None = None
    is_ended: bool = False
