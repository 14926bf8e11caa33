"""Cutting finished history out of a workflow; what is alive stays. Knows no storage.

The library keeps every task a case ever went through: state grows with history, trees deeper than
1000 lose tasks silently and joins in loops fire early. After every step the tree is re-rooted at
the deepest finished task that is common to everything alive.
"""

from engine.spiff import FINISHED, UNFINISHED, Token, Workflow, is_join, workflows


def prune(workflow: Workflow) -> None:
    """Drop what no living task needs, in the top workflow and in every called one."""
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
    paths = [_path(tasks, task) for task in tasks.values() if task.state & UNFINISHED]
    if not paths:
        return
    cut = _deepest_common_finished(paths)
    while cut is not None and cut.parent is not None and is_join(cut):
        cut = cut.parent
    if cut is None or cut.parent is None:
        return
    keep = _subtree(tasks, cut)
    for task_id in [one for one in tasks if one not in keep]:
        del tasks[task_id]
    cut.parent = None
    workflow.task_tree = cut
    if workflow.last_task is not None and workflow.last_task.id not in tasks:
        workflow.last_task = cut


def _path(tasks: dict[object, Token], task: Token) -> list[Token]:
    path = []
    step: Token | None = task
    while step is not None:
        path.append(step)
        step = tasks.get(step._parent)  # noqa: SLF001 - the public property looks the id up twice
    path.reverse()
    return path


def _deepest_common_finished(paths: list[list[Token]]) -> Token | None:
    cut = None
    for level in zip(*paths, strict=False):
        first = level[0]
        if any(task is not first for task in level) or first.state & UNFINISHED:
            break
        cut = first
    return cut


def _subtree(tasks: dict[object, Token], root: Token) -> set[object]:
    keep: set[object] = set()
    pending = [root.id]
    while pending:
        task_id = pending.pop()
        keep.add(task_id)
        pending.extend(tasks[task_id]._children)  # noqa: SLF001 - ids, not tasks
    return keep
