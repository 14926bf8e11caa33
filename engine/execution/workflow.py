"""Tasks and workflows of running cases: the library's, with lighter books. No I/O.

What a task does is the library's; how it is named, ordered, found and copied is ours: small
numbers instead of random ids, a count instead of the clock, plain walks over the tree instead of
iterators that stop at depth 1000, and no log entry with the whole tree at every change of state.
The comparison with the stock engine in tests/engine/equivalence holds this module to account.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.execution.copies import copied
from engine.execution.spiff import (
    ANY,
    FUTURE,
    MAYBE,
    READY,
    UNFINISHED,
    WAITING,
    Evaluator,
    LibrarySubworkflow,
    LibraryTask,
    LibraryWorkflow,
    Spec,
    Token,
    merge,
    workflows,
)

_FIRST_MOMENT = 1_000_000  # above the places of joins loaded from a marking, which count from 1


_LIVELY = frozenset({READY, WAITING})  # few tasks are: looked for without walking the tree


class LivingTask(LibraryTask):
    """A task named by a number that is never given again in its case."""

    def __init__(
        self,
        workflow: Any,
        task_spec: Spec,
        parent: "LivingTask | None",
        state: int,
        number: int = 0,
    ) -> None:
        # The library's constructor is skipped: it reads the clock and draws a random id.
        self.id = number or workflow.top_workflow.next_number()
        self.workflow = workflow
        self.task_spec = task_spec
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0 if number else workflow.top_workflow.next_moment()
        self._state = state
        self._children: list[int] = []
        self._parent = None
        workflow.tasks[self.id] = self
        if parent is not None:
            self._parent = parent.id
            parent._children.append(self.id)  # noqa: SLF001 - one of our own

    @property
    def parent(self) -> Token:
        """The task before this one."""
        return self.workflow.tasks.get(self._parent)

    @property
    def children(self) -> list[Token]:
        """The tasks after this one."""
        tasks = self.workflow.tasks
        return [tasks[child] for child in self._children]

    def find_ancestor(self, spec_name: str) -> Token | None:
        """The nearest ancestor task at the node of that name."""
        task = self.parent
        while task is not None and task.task_spec.name != spec_name:
            task = task.parent
        return task

    def is_descendant_of(self, task: Token) -> bool:
        """Whether `task` is above this one."""
        tasks, above = self.workflow.tasks, self._parent
        while above is not None and above != task.id:
            above = tasks[above]._parent  # noqa: SLF001 - one of our own
        return above is not None

    def collect_log_extras(self, dct: Any = None) -> dict[str, Any]:
        """Do nothing: history is kept in the case file."""
        del dct
        return {}

    def _add_child(self, task_spec: Spec, state: int = MAYBE) -> Token:
        child = LivingTask(self.workflow, task_spec, self, state)
        if state == READY:
            child._ready()
        return child

    def _set_state(self, value: int) -> None:
        if value != self._state:
            self._state = value
            self.last_state_change = self.workflow.top_workflow.next_moment()

    def _inherit_data(self) -> None:
        """Take over what the task before holds, sharing none of it: merging changes in place."""
        inherited = copied(self.parent.data)
        self.data = merge(self.data, inherited) if self.data else inherited
        self.workflow.script_engine.trace.merged(self, self.parent)


class _Walked:
    """Walks over the tree of a workflow and of what it calls, as deep as it may be."""

    tasks: dict[int, LivingTask]
    task_tree: LivingTask
    top_workflow: Any

    def get_tasks_iterator(
        self,
        first_task: Token = None,
        *,
        state: int = ANY,
        spec_name: str | None = None,
        skip_subprocesses: bool = False,
    ) -> Iterator[Token]:
        """Tasks in the order of the tree, each before what comes after it."""
        if first_task is None and state in _LIVELY:
            tasks = [task for part in workflows(self.top_workflow) for task in part.having(state)]
            if not tasks:
                return iter(())
            if len(tasks) == 1 and spec_name is None and not skip_subprocesses:
                return iter(tasks if self._runs(tasks[0]) else ())
        return self._walk(first_task, state, spec_name, skip_subprocesses=skip_subprocesses)

    def having(self, state: int) -> list[Token]:
        """The tasks of this process that are in a state, in no order that means anything."""
        return [task for task in self.tasks.values() if task._state & state]  # noqa: SLF001

    def _runs(self, task: Token) -> bool:
        """Whether the task is in this process or in one that is called by it, however far down."""
        owner: Token | None = task
        while owner is not None and owner.workflow is not self:
            owner = owner.workflow.owner
        return owner is not None

    def _walk(
        self, first_task: Token, state: int, spec_name: str | None, *, skip_subprocesses: bool
    ) -> Iterator[Token]:
        called = {} if skip_subprocesses else self.top_workflow.subprocesses
        pending = [first_task or self.task_tree]
        while pending:
            task = pending.pop()
            tasks = task.workflow.tasks
            pending.extend(tasks[child] for child in reversed(task._children))  # noqa: SLF001
            sub = called.get(task.id)
            if sub is not None:
                pending.append(sub.task_tree)
            if task._state & state and spec_name in {None, task.task_spec.name}:  # noqa: SLF001
                yield task

    def update_waiting_tasks(self) -> None:
        """Let everything that waits look again whether it may go on."""
        for task in self.having(WAITING):
            if task._state == WAITING:  # noqa: SLF001 - one before it may have cancelled it
                task.task_spec._update(task)  # noqa: SLF001 - as the library does

    def collect_log_extras(self, dct: Any = None) -> dict[str, Any]:
        """Do nothing: history is kept in the case file."""
        del dct
        return {}


class LivingWorkflow(_Walked, LibraryWorkflow):
    """A case's own process, initially without tasks; assigns their numbers and timestamps."""

    owner: Token | None = None

    def __init__(self, top: Spec, called: Mapping[str, Spec], evaluator: Evaluator) -> None:
        super().__init__(top, dict(called), script_engine=evaluator, deserializing=True)
        self.counter = 0
        self._moment = _FIRST_MOMENT

    def next_number(self) -> int:
        """A number no task of this case has had."""
        self.counter += 1
        return self.counter

    def next_moment(self) -> int:
        """A substitute for the time of day: later is greater."""
        self._moment += 1
        return self._moment

    def get_task_from_id(self, task_id: int) -> Token:
        """The task of that number, wherever in the case it is."""
        for part in workflows(self):
            if task_id in part.tasks:
                return part.tasks[task_id]
        return super().get_task_from_id(task_id)

    def create_subprocess(self, my_task: Token, spec_name: str) -> Token:
        """Begin the process that `my_task` calls."""
        sub = LivingSubworkflow(self.subprocess_specs[spec_name], my_task, self)
        plant(sub)
        self.subprocesses[my_task.id] = sub
        return sub


class LivingSubworkflow(_Walked, LibrarySubworkflow):
    """A called process, without tasks at first; `owner` is the call activity that runs it."""

    def __init__(self, spec: Spec, owner: Token, top: LivingWorkflow) -> None:
        self.owner: Token | None = owner
        super().__init__(spec, owner.id, top, deserializing=True)

    @property
    def parent_workflow(self) -> Any:
        """The process that calls this one."""
        return self.owner.workflow if self.owner is not None else None


def plant(workflow: Any) -> None:
    """Put the first task into an empty workflow, with all that is sure to follow."""
    root = LivingTask(workflow, workflow.spec.start, None, FUTURE)
    workflow.task_tree = root
    root.task_spec._predict(root, mask=UNFINISHED)  # noqa: SLF001 - as the library begins
    root._ready()  # noqa: SLF001
