"""One step of one diagram: marking and action in, plan out. Pure: no I/O, no clock, no session."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple, NoReturn, Protocol

from engine.binding import MARK
from engine.errors import EngineFault
from engine.execution import marking as codec
from engine.execution import plan
from engine.execution.copies import copied
from engine.execution.marking import SpecNames
from engine.execution.pruning import prune
from engine.execution.spiff import (
    COMPLETED,
    READY,
    UNFINISHED,
    WAITING,
    Evaluator,
    LibraryError,
    Spec,
    Token,
    Workflow,
    event,
    is_loop,
    is_person,
    is_work,
    thrown_messages,
    waiting_messages,
    workflows,
)
from engine.execution.trace import Trace
from engine.execution.workflow import LivingWorkflow, plant


class Runnable(Protocol):
    """The part of a definition a step needs."""

    @property
    def top(self) -> Spec:
        """The process a case runs."""
        ...

    @property
    def called(self) -> Mapping[str, Spec]:
        """What it calls, by process id."""
        ...

    @property
    def names(self) -> SpecNames:
        """The names of all their nodes as numbers."""
        ...


def step(
    definition: Runnable,
    marking: bytes | None,
    action: plan.Action,
    data: Mapping[str, Any],
    *,
    now: datetime,
) -> plan.Plan:
    """Carry out `action` and return the changes.

    `marking` is None for `Start` only; `data` is the document stored beside the marking.
    `now` is where durations begin; nothing else depends on it.

    Raises:
        EngineFault: the action names nothing that waits, or the engine went into an unsound state.
        ExpressionError: a drawn expression failed; the marking given stays the valid one.
    """
    execution = Execution(definition, marking, data, now=now)
    execution.apply(action)
    return execution.result()


class Waiting(NamedTuple):
    """The waits of a process: user tasks by token, timers and messages by element."""

    persons: Mapping[int, plan.Opened]
    timers: Mapping[str, datetime | None]
    messages: Mapping[str, plan.Awaited]


class Execution:
    """A hydrated process between loading and dumping, for several actions in a row.

    After any exception the object is worthless and must be thrown away with its changes.
    """

    def __init__(
        self,
        definition: Runnable,
        marking: bytes | None,
        data: Mapping[str, Any],
        *,
        now: datetime,
        trace: Trace | None = None,
    ) -> None:
        self._definition = definition
        self._evaluator = Evaluator(now, trace)
        self._evaluator.trace.path_of = self._path
        self._workflow: Workflow = None
        self._passed: list[str] = []
        if marking is not None:
            self._workflow = self._empty()
            codec.load(marking, data, definition.names, self._workflow)
        self._persons = self._waiting_persons()
        self._timers = self._waiting_timers()
        self._messages = self._waiting_messages()
        self._answered: set[int] = set()

    def apply(self, action: plan.Action) -> None:
        """Carry out one action and run on to the next person, deadline, message or call."""
        try:
            self._carry_out(action)
            self._workflow.do_engine_steps(did_complete_task=self._note_passed)
        except LibraryError as problem:
            element = str(getattr(getattr(problem, "task_spec", None), "bpmn_id", "") or "")
            message = f"流程在 {element} 走不下去：{problem}"
            raise EngineFault(message, code="no_way_on", element=element) from problem
        self._check_sound()

    def _carry_out(self, action: plan.Action) -> None:
        match action:
            case plan.Start(data):
                self._start(data)
            case plan.Complete(token, data):
                self._finish(self._person(token), data)
            case plan.Answer(token, data):
                self._finish(self._work(token), data)
            case plan.Fail(token, code):
                self._fail(self._work(token), code)
            case plan.Due(element):
                self._fire(element)
            case plan.Message(name, payload, element):
                self._receive(name, dict(payload), element)

    def has_task(self, token: int) -> bool:
        """Whether the user task `token` still waits for a person."""
        return token in self._waiting_persons()

    def has_timer(self, element: str) -> bool:
        """Whether a timer is armed at `element`."""
        return element in self._waiting_timers()

    def has_message(self, element: str, name: str) -> bool:
        """Whether `element` waits for the message `name`."""
        awaited = self._waiting_messages().get(element)
        return awaited is not None and awaited.name == name

    def timers(self) -> Collection[str]:
        """Paths of the armed timers."""
        return self._waiting_timers().keys()

    def data_of(self, token: int) -> Mapping[str, Any]:
        """The variables visible to the waiting task `token`."""
        data: Mapping[str, Any] = self._ready(token).data
        return data

    def waiting(self) -> "Waiting":
        """Everything that is waited for now, calls apart."""
        persons = self._waiting_persons()
        return Waiting(
            {token: _opened(*person) for token, person in persons.items()},
            self._waiting_timers(),
            self._waiting_messages(),
        )

    def last_task(self) -> int:
        """The number of the task that was finished last, drawn or not."""
        number: int = self._workflow.last_task.id
        return number

    def next_call(self) -> plan.Call | None:
        """The first service or decision that waits for an answer."""
        for task, path in self._alive():
            if task.state == READY and is_work(task):
                extensions = task.task_spec.extensions
                decision = extensions.get("calledDecisionId")
                return plan.Call(
                    token=task.id,
                    kind="service" if decision is None else "decision",
                    element=path,
                    task_id=task.task_spec.bpmn_id,
                    process_id=task.workflow.spec.name,
                    decision=decision,
                    properties=extensions.get("properties", {}),
                    data=task.data,
                )
        return None

    def result(self) -> plan.Plan:
        """What changed since the marking was loaded."""
        workflow = self._workflow
        thrown = tuple(
            plan.Thrown(message.event_definition.name, message.payload, dict(message.correlations))
            for message in thrown_messages(workflow)
        )
        is_ended = workflow.completed
        prune(workflow)
        persons, timers, messages = (
            self._waiting_persons(),
            self._waiting_timers(),
            self._waiting_messages(),
        )
        gone = self._persons.keys() - persons.keys()
        marking, data = self._dumped()
        return plan.Plan(
            marking=marking,
            data=data,
            opened=tuple(
                _opened(*persons[token]) for token in persons if token not in self._persons
            ),
            closed=tuple(sorted(gone & self._answered)),
            cancelled=tuple(sorted(gone - self._answered)),
            armed=tuple(plan.Armed(path, due) for path, due in timers.items() if due is not None),
            disarmed=tuple(sorted(self._timers.keys() - timers.keys())),
            awaited=tuple(one for path, one in messages.items() if one != self._messages.get(path)),
            unawaited=tuple(sorted(self._messages.keys() - messages.keys())),
            thrown=thrown,
            passed=tuple(self._passed),
            call=self.next_call(),
            is_ended=is_ended,
        )

    def _dumped(self) -> tuple[bytes, Mapping[str, Any]]:
        workflow = self._workflow
        if workflow.completed:
            return b"", workflow.last_task.data
        return codec.dump(workflow, self._definition.names)

    # -- actions ---------------------------------------------------------------------------------

    def _start(self, data: Mapping[str, Any]) -> None:
        self._workflow = self._empty()
        plant(self._workflow)
        self._bring(self._workflow.task_tree, data)

    def _empty(self) -> LivingWorkflow:
        return LivingWorkflow(self._definition.top, self._definition.called, self._evaluator)

    def _finish(self, task: Token, data: Mapping[str, Any]) -> None:
        self._answered.add(task.id)
        self._bring(task, data)
        task.run()
        self._note_passed(task)

    def _fail(self, task: Token, code: str) -> None:
        """The error goes to the boundary event of the task, else to that of a caller above it."""
        beside: Token | None = task
        while beside is not None:
            for boundary in self._catching():
                definition = boundary.task_spec.event_definition
                if getattr(definition, "code", None) == code and boundary.parent is beside.parent:
                    self._catch(boundary, event(definition))
                    return
            beside = beside.workflow.owner
        message = f"{task.task_spec.bpmn_id} 报告错误 {code}，但图上没有对应的错误边界事件。"
        raise EngineFault(message, code="error_not_drawn", element=task.task_spec.bpmn_id)

    def _fire(self, element: str) -> None:
        for task in self._catching():
            if self._path(task) == element and codec.is_armed(task):
                task.internal_data["event_fired"] = True
                task.task_spec._update(task)  # noqa: SLF001 - what the library's own clock calls
                return
        message = f"没有在 {element} 等待的计时器。"
        raise EngineFault(message, code="timer_not_waiting", element=element)

    def _receive(self, name: str, payload: dict[str, Any], element: str | None) -> None:
        for task in self._catching():
            if element is not None and self._path(task) != element:
                continue
            for definition in waiting_messages(task):
                if definition.name == name:
                    self._catch(task, event(definition, payload))
                    # Only now: becoming ready, a task inherits again from what stands before it.
                    self._bring(task, payload)
                    return
        message = f"没有人在等消息 {name}。"
        raise EngineFault(message, code="message_not_awaited", element=element or name)

    def _bring(self, task: Token, data: Mapping[str, Any]) -> None:
        task.data.update(copied(data))
        self._evaluator.trace.brought(task)

    def _catch(self, task: Token, caught: Any) -> None:
        """As the library's event manager does, but for this one task."""
        task.task_spec.catch(task, caught)
        task.task_spec._update(task)  # noqa: SLF001 - the event manager's own call

    # -- what is alive ---------------------------------------------------------------------------

    def _person(self, token: int) -> Token:
        task = self._ready(token)
        return task if is_person(task) else self._refuse(token)

    def _work(self, token: int) -> Token:
        task = self._ready(token)
        return task if is_work(task) else self._refuse(token)

    def _ready(self, token: int) -> Token:
        for part in workflows(self._workflow):
            task = part.tasks.get(token)
            if task is not None and task.state == READY and task.task_spec.manual:
                return task
        return self._refuse(token)

    def _refuse(self, token: int) -> NoReturn:
        message = f"环节 {token} 不在等待。"
        raise EngineFault(message, code="task_not_waiting", element=str(token))

    def _catching(self) -> list[Token]:
        manager = self._workflow.event_manager
        return [task for task in manager.tasks.values() if task.state == WAITING]

    def _alive(self) -> list[tuple[Token, str]]:
        if self._workflow is None:
            return []
        return [
            (task, self._path(task))
            for part in workflows(self._workflow)
            for task in part.tasks.values()
            if task.state == READY and task.task_spec.manual
        ]

    def _waiting_persons(self) -> dict[int, tuple[Token, str]]:
        return {task.id: (task, path) for task, path in self._alive() if is_person(task)}

    def _waiting_timers(self) -> dict[str, datetime | None]:
        """Path of each armed timer; its due time where it was armed by this execution."""
        if self._workflow is None:
            return {}
        return {
            self._path(task): codec.armed_now(task)
            for task in self._catching()
            if codec.is_armed(task)
        }

    def _waiting_messages(self) -> dict[str, plan.Awaited]:
        if self._workflow is None:
            return {}
        return {
            self._path(task): plan.Awaited(
                self._path(task), definition.name, dict(task.workflow.correlations)
            )
            for task in self._catching()
            for definition in waiting_messages(task)
        }

    def _path(self, task: Token) -> str:
        steps = []
        step: Token | None = task
        while step is not None:
            steps.append(_step_name(step))
            step = step.workflow.owner
        return ".".join(reversed(steps))

    def _note_passed(self, task: Token) -> None:
        is_passed = task.state == COMPLETED and not is_loop(task)
        if is_passed and _is_drawn(task.task_spec.bpmn_id):
            self._passed.append(self._path(task))

    def _check_sound(self) -> None:
        """A process may call itself ended only when nothing in it is alive any more."""
        workflow = self._workflow
        if workflow.completed and any(task.state & UNFINISHED for task in workflow.tasks.values()):
            message = "流程声称已结束，但仍有活动的环节。"
            raise EngineFault(message, code="ended_while_alive", element=workflow.spec.name)


def _is_drawn(identifier: str | None) -> bool:
    return bool(identifier) and MARK not in str(identifier)


def _step_name(task: Token) -> str:
    name = str(task.task_spec.bpmn_id or task.task_spec.name)
    place = task.internal_data.get("key_or_index")
    return name if place is None else f"{name}#{place}"


def _opened(task: Token, path: str) -> plan.Opened:
    spec = task.task_spec
    return plan.Opened(
        token=task.id,
        element=path,
        task_id=spec.bpmn_id.split("[", 1)[0],
        process_id=task.workflow.spec.name,
        label=spec.bpmn_name or spec.bpmn_id,
        lane=spec.lane,
        properties=spec.extensions.get("properties", {}),
        data=task.data,
    )
