"""Cutting finished history out of a workflow; what is alive stays. No storage.

The library keeps every task a case ever went through: state grows with history, trees deeper than
1000 lose tasks silently and joins in loops fire early. After every step only those finished tasks
stay that something alive will still look up:

- the task before an open one, whose data it inherits;
- the split of an activity with boundary events, with everything directly below it;
- the instances of a multi-instance task that is not through yet;
- a token that has arrived at a parallel join that has not fired;
- what ended side branches hand over when the process ends, gathered in one end.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.execution.spiff import (
    COMPLETED,
    FINISHED,
    UNFINISHED,
    Token,
    Workflow,
    is_end_join,
    is_join,
    is_loop,
    is_parallel_join,
    is_split,
    workflows,
)
from engine.execution.trace import Trace


def prune(workflow: Workflow) -> None:
    """Drop what no open task needs, in the top workflow and in every called one."""
    _forget_ended_calls(workflow)
    for part in workflows(workflow):
        _prune_one(part)


def _forget_ended_calls(workflow: Workflow) -> None:
    """A called process goes with its caller, and what it called itself goes too (callers first)."""
    known = dict(workflow.tasks)
    for task_id, sub in list(workflow.subprocesses.items()):
        owner = known.get(task_id)
        if owner is None or owner.state & FINISHED:
            del workflow.subprocesses[task_id]
        else:
            known.update(sub.tasks)


def _prune_one(workflow: Workflow) -> None:
    tasks = workflow.tasks
    living = [task for task in tasks.values() if task.state & UNFINISHED]
    if len(living) == len(tasks) or not living:
        return
    root = _new_root(tasks, living)
    keep = {root.id, *_looked_up(tasks, living), *_arrived(tasks)}
    keep |= _below_splits_and_loops(tasks, keep)
    ended = _gather_ended(tasks, root, workflow.script_engine.trace)
    if ended is not None:
        keep |= {ended.id, ended._parent}  # noqa: SLF001 - ids, not tasks
        root = _moved_off_split(tasks, root, ended, keep)
    _rebuild(workflow, root, keep, ended)


def _new_root(tasks: dict[object, Token], living: list[Token]) -> Token:
    """The deepest finished task above everything alive; no join, which is looked up by others."""
    root: Token = None
    for level in zip(*(_path(tasks, task) for task in living), strict=False):
        first = level[0]
        if any(task is not first for task in level) or (root and first.state & UNFINISHED):
            break
        root = first
    while root._parent is not None and is_join(root):  # noqa: SLF001 - ids, not tasks
        root = tasks[root._parent]  # noqa: SLF001
    return root


def _path(tasks: dict[object, Token], task: Token) -> list[Token]:
    path = list(_upwards(tasks, task))
    path.reverse()
    return path


def _upwards(tasks: dict[object, Token], task: Token) -> Iterator[Token]:
    step: Token | None = task
    while step is not None:
        yield step
        step = tasks.get(step._parent)  # noqa: SLF001 - the public property looks the id up twice


def _looked_up(tasks: dict[object, Token], living: list[Token]) -> Iterator[object]:
    for task in living:
        yield task.id
        yield task._parent  # noqa: SLF001 - ids, not tasks
        split_name = getattr(task.task_spec, "split_task", None)
        for above in _upwards(tasks, task) if split_name else ():
            if above.task_spec.name == split_name:
                yield above.id
                break


def _arrived(tasks: dict[object, Token]) -> Iterator[object]:
    """Tokens at parallel joins that came after the join last fired, with the task before each."""
    joins = [task for task in tasks.values() if task.state & FINISHED and is_parallel_join(task)]
    joins.sort(key=lambda task: task.last_state_change, reverse=True)
    fired = set[str]()
    for task in joins:
        if task.state == COMPLETED:
            fired.add(task.task_spec.name)
        elif task.task_spec.name not in fired:
            yield task.id
            yield task._parent  # noqa: SLF001 - ids, not tasks


def _below_splits_and_loops(tasks: dict[object, Token], keep: Iterable[object]) -> set[object]:
    below: set[object] = set()
    for task_id in keep:
        task = tasks.get(task_id)
        if task is not None and (is_split(task) or is_loop(task)):
            below.update(task._children)  # noqa: SLF001 - ids, not tasks
    return below


def _gather_ended(tasks: dict[object, Token], root: Token, trace: Trace) -> Token | None:
    """The end join that holds what ended branches leave to the process, if they leave anything.

    The library merges the data of ended branches into those of the process when it ends; where
    open tasks have a value of their own, theirs wins. So only names unknown to them are kept.
    """
    ended = [task for task in tasks.values() if task.state & FINISHED and is_end_join(task)]
    ended.sort(key=lambda task: task.last_state_change)
    if not ended:
        return None
    before = [tasks[task._parent] for task in ended]  # noqa: SLF001 - ids, not tasks
    left = left_over([task.data for task in before], root.data)
    trace.gathered(before, root, left)
    if not left:
        return None
    before[-1].data = left
    return ended[-1]


def left_over(ended: Iterable[Mapping[str, Any]], known: Mapping[str, Any]) -> dict[str, Any]:
    """What ended branches hold under names nobody else knows; of the same name the later one."""
    return {key: value for data in ended for key, value in data.items() if key not in known}


def _moved_off_split(
    tasks: dict[object, Token], root: Token, ended: Token, keep: set[object]
) -> Token:
    """A root under which the end can hang: below a split it would be taken for the activity."""
    if not is_split(root) or any(task is root for task in _upwards(tasks, ended)):
        return root
    keep.add(root._parent)  # noqa: SLF001 - ids, not tasks
    above: Token = tasks[root._parent]  # noqa: SLF001
    return above


def _rebuild(workflow: Workflow, root: Token, keep: set[object], ended: Token | None) -> None:
    """Hang every task that is kept below the nearest kept one above it; order stays."""
    tasks, kept = workflow.tasks, dict[object, Token]()
    below: dict[object, list[object]] = {}
    pending: list[tuple[Token, Token | None]] = [(root, None)]
    if ended is not None and not any(task is root for task in _upwards(tasks, ended)):
        pending.insert(0, (tasks[ended._parent], root))  # noqa: SLF001 - ids, not tasks
    while pending:
        task, above = pending.pop()
        children = task._children  # noqa: SLF001 - ids, not tasks
        if task.id in keep:
            kept[task.id], below[task.id] = task, []
            task._parent = None if above is None else above.id  # noqa: SLF001
            if above is not None:
                below[above.id].append(task.id)
            above = task
        pending.extend((tasks[child], above) for child in reversed(children))
    for task_id, task in kept.items():
        task._children = below[task_id]  # noqa: SLF001
    workflow.tasks, workflow.task_tree = kept, root
    if workflow.last_task is not None and workflow.last_task.id not in kept:
        workflow.last_task = root
