"""A marking: what is alive of a workflow as a few compact rows. No storage and no clock.

A marking is a JSON list `[counter, workflows]`; the data of the root of the top workflow are stored
beside it as one JSON document. Each workflow is `[owner, last, correlations, rows]`; `owner` is
the number of the call activity that runs it, 0 for the top. A row is

    [number, parent, spec, state, internal, changed, dropped, order, triggered]

with trailing zeros left out: `parent` is an index into the same rows (-1 for the root), `spec` an
index into the sorted names of the definition's specs, `changed` and `dropped` the difference of
the task's data to its parent's (to the caller's for the root of a called process; 1 for "holds
little of it": `changed` is all then), `order` the place among finished joins by time, which
decides whose data win. Numbers are given once and never reused, so that they name open tasks
outside. A marking that `memo.shapes` can read is kept by its shape instead (`layouts`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from engine.execution.differences import changed_document, difference
from engine.execution.layouts import numbered
from engine.execution.spiff import FINISHED, WAITING, Spec, Token, Workflow, is_catching, is_join
from engine.execution.workflow import LivingSubworkflow, LivingTask, LivingWorkflow

_PARTS = 2  # counter and workflows
_ARMED = 1  # represents a timer's due time, which is kept in the timer row
_NEVER = 2  # represents a due time that never comes and has no timer row
_NEVER_YEAR = "9999"


class SpecNames:
    """The names of a definition's specs as small numbers, the same in every process."""

    def __init__(self, top: Spec, called: Mapping[str, Spec]) -> None:
        self._names: dict[int, list[str]] = {
            id(spec): sorted(spec.task_specs) for spec in (top, *called.values())
        }
        self._numbers = {
            spec: {name: place for place, name in enumerate(names)}
            for spec, names in self._names.items()
        }

    def number(self, spec: Spec, name: str) -> int:
        """Place of `name` among the task specs of the process `spec`."""
        return self._numbers[id(spec)][name]

    def spec(self, spec: Spec, number: int) -> Spec:
        """The task spec with this number."""
        return spec.task_specs[self._names[id(spec)][number]]


def is_armed(task: Token) -> bool:
    """Whether the catching task waits for a timer that will ever be due."""
    value = task.internal_data.get("event_value")
    return value is not None and _mark(value) == _ARMED


def armed_now(task: Token) -> datetime | None:
    """When the timer is due if it was armed since the marking was loaded."""
    value = task.internal_data["event_value"]
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _mark(value: str | int) -> int:
    if isinstance(value, int):
        return value
    return _NEVER if value.startswith(_NEVER_YEAR) else _ARMED


def dump(workflow: Workflow, names: SpecNames) -> tuple[bytes, dict[str, Any]]:
    """The marking of a pruned workflow, and the data it is relative to."""
    base: dict[str, Any] = workflow.task_tree.data
    parts = [[0, *_dump_part(workflow, names, base)]]
    for owner_id, sub in workflow.subprocesses.items():
        owner = workflow.get_task_from_id(owner_id)
        parts.append([owner_id, *_dump_part(sub, names, owner.data)])
    return orjson.dumps([workflow.counter, parts]), base


def _dump_part(workflow: Workflow, names: SpecNames, base: Mapping[str, Any]) -> list[Any]:
    places = {task_id: place for place, task_id in enumerate(workflow.tasks)}
    order = _join_order(workflow)
    rows = [_row(task, workflow, names, places, base, order) for task in workflow.tasks.values()]
    last = workflow.last_task
    return [last.id if last is not None else 0, workflow.correlations or 0, rows]


def _join_order(workflow: Workflow) -> dict[Any, int]:
    """Finished joins by time: the library merges their data in that order."""
    joins = [task for task in workflow.tasks.values() if task.state & FINISHED and is_join(task)]
    if len(joins) < 2:  # noqa: PLR2004 - one has no order
        return {}
    joins.sort(key=lambda task: task.last_state_change)
    return {task.id: place for place, task in enumerate(joins, start=1)}


def _row(
    task: Token,
    workflow: Workflow,
    names: SpecNames,
    places: Mapping[Any, int],
    base: Mapping[str, Any],
    order: Mapping[Any, int],
) -> list[Any]:
    parent = workflow.tasks.get(task._parent)  # noqa: SLF001 - ids, not tasks
    changed, dropped = difference(base if parent is None else parent.data, task.data)
    row = [
        task.id,
        -1 if parent is None else places[parent.id],
        names.number(workflow.spec, task.task_spec.name),
        task.state,
        _internal(task) or 0,
        changed,
        dropped,
        order.get(task.id, 0),
        1 if task.triggered else 0,
    ]
    while not row[-1]:
        row.pop()
    return row


def _internal(task: Token) -> dict[str, Any]:
    """Without what is finished needs no more: what it received is in its data by now."""
    if task.state & FINISHED or not task.internal_data:
        return {}
    internal = {key: value for key, value in task.internal_data.items() if value not in (None, [])}
    if not internal.get("event_fired"):
        internal.pop("event_fired", None)
    if "event_value" in internal:
        internal["event_value"] = _mark(internal["event_value"])
    if "merged" in task.internal_data:  # an empty list means that instances exist
        internal["merged"] = task.internal_data["merged"]
    return internal


def load(
    marking: bytes, base: Mapping[str, Any], names: SpecNames, workflow: LivingWorkflow
) -> None:
    """Fill the empty `workflow` from a marking and its data."""
    document = orjson.loads(marking)
    workflow.counter, parts = document if len(document) == _PARTS else numbered(document, base)
    for owner_number, last, correlations, rows in parts:
        if owner_number:
            owner = workflow.get_task_from_id(owner_number)
            part, above = _called_by(workflow, owner), owner.data
        else:
            part, above = workflow, base
        tasks = _load_rows(part, rows, names, above)
        part.correlations = correlations or {}
        part.task_tree = tasks[0]
        part.last_task = part.tasks.get(last)
        _register_waiting(workflow, tasks)


def _called_by(workflow: LivingWorkflow, owner: Token) -> LivingSubworkflow:
    """The called process of `owner`, without tasks, registered and wired to its caller."""
    sub = LivingSubworkflow(workflow.subprocess_specs[owner.task_spec.spec], owner, workflow)
    workflow.subprocesses[owner.id] = sub
    sub.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)  # noqa: SLF001
    return sub


def _load_rows(
    workflow: Workflow, rows: list[list[Any]], names: SpecNames, above: Mapping[str, Any]
) -> list[Token]:
    tasks: list[Token] = []
    for short in rows:
        row = short + [0] * (9 - len(short))
        number, parent, spec, state, internal, changed, dropped, order, triggered = row
        mother = tasks[parent] if parent >= 0 else None
        task = LivingTask(workflow, names.spec(workflow.spec, spec), mother, state, number)
        # Data of its own for every task: a later step must not rewrite what another task holds.
        task.data = changed_document(above if mother is None else mother.data, changed, dropped)
        task.internal_data = internal or {}
        task.triggered = bool(triggered)
        task.last_state_change = order
        tasks.append(task)
    return tasks


def _register_waiting(workflow: Workflow, tasks: list[Token]) -> None:
    for task in tasks:
        if task.state == WAITING and is_catching(task):
            workflow.event_manager.add_task(task)
