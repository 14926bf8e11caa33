"""Replay of a case file: folding its entries yields the current case; nothing is written.

An entry that moved a case carries what it changed: `case` (columns), `opened`, `closed` and
`cancelled` tasks of its `running` process, `task` (columns of one task). The hash
chain, not this module, proves that the entries are the original ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from storage.cases.cases import Case
from storage.cases.columns import KEPT_BY_STEPS
from storage.cases.events import CaseEvent
from storage.cases.tasks import Task
from storage.moments import Json, to_text
from storage.people.personal import is_erased

__all__ = ["OpenTask", "State", "differences", "replay"]

Key = tuple[int, str]
"""A task: the running process and the token in it."""

_TASK_COLUMNS = {"post_id": "post", "officer_id": "officer", "due_at": "due_at"}


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task somebody is waited for."""

    element: str
    task_id: str
    process_id: str
    post: str | None
    officer: int | None
    due_at: str | None
    is_paused: bool = False


@dataclass(slots=True)
class State:
    """The state that results from the entries of a case file."""

    columns: dict[str, Json] = field(default_factory=dict)
    open_tasks: dict[Key, OpenTask] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    at: datetime | None = None

    @property
    def status(self) -> str:
        """Whether the case is open or closed."""
        return str(self.columns.get("status", "open"))

    @property
    def phase(self) -> str | None:
        """One of the six phases, as last set."""
        return self.columns.get("phase")

    @property
    def owner(self) -> str | None:
        """The post that answers for the case."""
        return self.columns.get("owner_post")


def replay(events: Iterable[CaseEvent]) -> State:
    """Fold the entries of one case file, in order."""
    state = State()
    for event in events:
        _apply(state, event)
    return state


def differences(state: State, case: Case, open_tasks: Iterable[Task]) -> list[str]:
    """Differences between the database and the file; empty when they agree."""
    differences = [
        f"case.{name}: the file says {value!r}, the database {_plain(getattr(case, name))!r}"
        for name, value in sorted(state.columns.items())
        if name not in KEPT_BY_STEPS and _plain(getattr(case, name)) != value
    ]
    stored = {(task.running_id, task.token): _of(task) for task in open_tasks}
    for key in sorted(stored.keys() | state.open_tasks.keys()):
        filed, kept = state.open_tasks.get(key), stored.get(key)
        if filed != kept:
            differences.append(f"task {key[0]}.{key[1]}: {_difference(filed, kept)}")
    return differences


def _apply(state: State, event: CaseEvent) -> None:
    data = event.data
    state.at = event.at
    changed = data.get("case")
    if isinstance(changed, Mapping):
        _set(state, changed)
    running = data.get("running")
    if not isinstance(running, int):
        return
    for token in [*data.get("closed", ()), *data.get("cancelled", ())]:
        ended = state.open_tasks.pop((running, str(token)), None)
        if ended is not None and token in data.get("closed", ()):
            state.done.append(ended.element)
    state.passed += data.get("passed", ())
    for opened in data.get("opened", ()):
        state.open_tasks[running, str(opened["token"])] = _opened(opened)
    if isinstance(data.get("task"), Mapping):
        _change(state, (running, str(data.get("token"))), data["task"])


def _set(state: State, columns: Mapping[str, Json]) -> None:
    """Take over columns; what a deleted value was, nobody can compare any more."""
    state.columns.update(columns)
    for name in [name for name, value in columns.items() if is_erased(value)]:
        del state.columns[name]


def _opened(entry: Mapping[str, Any]) -> OpenTask:
    return OpenTask(
        element=entry["element"],
        task_id=entry["task"],
        process_id=entry["process"],
        post=entry["post"],
        officer=entry["officer"],
        due_at=entry["due_at"],
    )


def _change(state: State, key: Key, columns: Mapping[str, Any]) -> None:
    task = state.open_tasks.get(key)
    if task is None:
        return
    known = {_TASK_COLUMNS[name]: columns[name] for name in _TASK_COLUMNS if name in columns}
    if "paused_at" in columns:
        known["is_paused"] = columns["paused_at"] is not None
    state.open_tasks[key] = replace(task, **known)


def _of(task: Task) -> OpenTask:
    return OpenTask(
        element=task.element,
        task_id=task.task_id,
        process_id=task.process_id,
        post=task.post_id,
        officer=task.officer_id,
        due_at=None if task.due is None else to_text(task.due),
        is_paused=task.paused_at is not None,
    )


def _difference(filed: OpenTask | None, kept: OpenTask | None) -> str:
    if filed is None:
        return "open in the database, not in the file"
    if kept is None:
        return "open in the file, not in the database"
    return ", ".join(
        f"{field.name}: the file says {getattr(filed, field.name)!r}, the database "
        f"{getattr(kept, field.name)!r}"
        for field in fields(OpenTask)
        if getattr(filed, field.name) != getattr(kept, field.name)
    )


def _plain(value: Any) -> Json:
    return to_text(value) if isinstance(value, datetime) else value
