"""The one door to SpiffWorkflow: parsing, the specs we change, lightweight workflows. No I/O.

The library annotates few of its functions, so everything that leaves this module is typed here.
The reasons for each deviation are in docs/decisions/0002; SpiffWorkflow is used, never copied.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.process import VALIDATOR
from SpiffWorkflow.spiff.parser.task_spec import (
    BusinessRuleTaskParser,
    CallActivityParser,
    SpiffTaskParser,
)
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG
from SpiffWorkflow.spiff.serializer.config import SubWorkflowTaskConverter, UserTaskConverter
from SpiffWorkflow.spiff.specs.defaults import (
    CallActivity,
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    UserTask,
)
from SpiffWorkflow.task import Task, TaskState
from SpiffWorkflow.util.deep_merge import DeepMerge

from engine.diagrams.dialect import for_the_engine
from engine.diagrams.inclusive import without_inclusive
from engine.diagrams.parts import with_parts
from engine.diagrams.xml import Element
from engine.errors import DiagramError, ExpressionError
from engine.execution.copies import copied
from engine.execution.instances import OverList, placed
from engine.execution.timers import Clockless
from engine.execution.trace import Trace
from engine.expressions.language import compile_expression

# The library's default level makes every state change collect a list of all tasks.
for _name in ("spiff", "spiff.workflow", "spiff.task"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Spec: TypeAlias = Any
Token: TypeAlias = Any
Workflow: TypeAlias = Any
Subworkflow: TypeAlias = Any
SCHEMA: Any = VALIDATOR

LibraryError = SpiffWorkflowException
merge = DeepMerge.merge

MAYBE = TaskState.MAYBE
FUTURE = TaskState.FUTURE
WAITING = TaskState.WAITING
READY = TaskState.READY
STARTED = TaskState.STARTED
COMPLETED = TaskState.COMPLETED
FINISHED = TaskState.FINISHED_MASK
UNFINISHED = TaskState.NOT_FINISHED_MASK
ANY = TaskState.ANY_MASK


class LibraryTask(Task):
    """A task as the library has it; running cases extend it in `engine.execution.workflow`."""


class LibraryWorkflow(BpmnWorkflow):
    """A workflow as the library has it."""


class LibrarySubworkflow(BpmnSubWorkflow):
    """A called workflow as the library has it."""


class Work(UserTask):
    """A service or business rule task that waits until the runner has its result."""


class Rung(CallActivity):
    """A call activity whose properties become data of the called process."""

    def copy_data(self, my_task: Token, subworkflow: Subworkflow) -> None:
        """Hand down the caller's data and, over them, the drawn properties."""
        properties: Mapping[str, str] = self.extensions.get("properties", {})
        start = subworkflow.task_tree
        start.data.update(copied(my_task.data))
        try:
            start.data.update(handed_down(properties, my_task.data))
        except ExpressionError as problem:
            raise placed(problem, my_task) from problem.__cause__
        my_task.workflow.script_engine.trace.entered(my_task, start, properties)

    def update_data(self, my_task: Token, subworkflow: Subworkflow) -> None:
        """Hand up everything the called process ended with."""
        my_task.data = copied(subworkflow.last_task.data)
        my_task.workflow.script_engine.trace.replaced(my_task, subworkflow.last_task)


class Instances(OverList, ParallelMultiInstanceTask):
    """All entries at once."""

    def create_children(self, my_task: Token) -> None:
        """Begin one instance for each entry."""
        self.entries(my_task)
        self.forget_item(my_task)
        super().create_children(my_task)


class InTurn(OverList, SequentialMultiInstanceTask):
    """One entry after the other."""

    def init_remaining_items(self, my_task: Token) -> list[int]:
        """The places of the entries still to come."""
        return list(range(self.entries(my_task)))

    def add_next_child(self, my_task: Token) -> None:
        """Begin the next instance; the library stops for ever at an entry that is empty."""
        place, entry = self.get_next_input_item(my_task)
        self.forget_item(my_task)
        self.create_child(my_task, entry, place)


class Ending(_EndJoin):
    """Where the branches of a process end."""

    def _run_hook(self, my_task: Token) -> Any:
        _trace_merging(my_task)
        return super()._run_hook(my_task)


class Meeting(ParallelGateway):
    """A parallel gateway that counts no token of a round before.

    The library takes those for arrived, so a loop that comes round within one step never rests.
    """

    def _check_threshold_unstructured(self, my_task: Token) -> bool:
        """Whether a token has come by every flow since the gateway was last passed."""
        tokens = my_task.workflow.get_tasks(spec_name=self.name)
        passed = [task.last_state_change for task in tokens if task.state == COMPLETED]
        missing = set(self.inputs)
        for task in tokens:
            if task.is_descendant_of(my_task):
                _forget_what_comes_later(task, missing)
            elif task.parent.state == COMPLETED and not _is_spent(task, max(passed, default=-1)):
                missing.discard(task.parent.task_spec)
        return not missing

    def _run_hook(self, my_task: Token) -> Any:
        _trace_merging(my_task)
        return super()._run_hook(my_task)


def _trace_merging(my_task: Token) -> None:
    """Let the trace hear whose data a join is about to merge, in the library's order."""
    tokens = [
        task
        for task in my_task.workflow.tasks.values()
        if task.task_spec is my_task.task_spec
        and task.state & FINISHED
        and not my_task.is_descendant_of(task)
    ]
    for task in sorted(tokens, key=lambda task: task.last_state_change):
        my_task.workflow.script_engine.trace.merged(my_task, task.parent)


def _is_spent(task: Token, passed_at: int) -> bool:
    """Whether a token went on with the others when its gateway was last passed."""
    return bool(task.state & FINISHED) and task.last_state_change <= passed_at


def _forget_what_comes_later(task: Token, missing: set[Spec]) -> None:
    """Do not wait for the flow by which a token can come only from behind the gateway."""
    above = task
    while above is not None and above.task_spec not in missing:
        above = above.parent
    if above is not None:
        missing.discard(above.task_spec)


def handed_down(properties: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """What the drawn properties of a call activity make of the caller's data."""
    return {
        name: compile_expression(text[1:].strip()).evaluate(data) if text.startswith("=") else text
        for name, text in properties.items()
    }


# ISO 8601 with numbers small enough that counting the months one by one, as the library does, ends.
_DURATION = re.compile(
    r"P(?=[\dT])(\d{1,3}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,6}D)?"
    r"(T(?=\d)(\d{1,6}H)?(\d{1,6}M)?(\d{1,9}S)?)?",
    re.ASCII,
)


class ClocklessDate(Clockless, TimeDateEventDefinition):
    """`timeDate`: an ISO 8601 moment with offset."""

    def _moment(self, text: str, now: datetime) -> datetime:  # noqa: ARG002 - same shape for both
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.astimezone(UTC)


class ClocklessDuration(Clockless, DurationTimerEventDefinition):
    """`timeDuration`: an ISO 8601 duration from the moment the timer is armed."""

    def _moment(self, text: str, now: datetime) -> datetime:
        if _DURATION.fullmatch(text) is None:  # the library reads "-PT1H" as one hour ahead
            raise ValueError(text)
        parsed = TimerEventDefinition.parse_iso_duration(text)
        span: timedelta = TimerEventDefinition.get_timedelta_from_start(parsed, now)
        return (now + span).astimezone(UTC)


class _Environment(BasePythonScriptEngineEnvironment):
    """Expressions go to the restricted evaluator; anything that executes is refused."""

    def evaluate(
        self,
        expression: str,
        context: Mapping[str, Any],
        external_context: Mapping[str, Any] | None = None,
    ) -> Any:
        data = {**context, **external_context} if external_context else context
        return compile_expression(expression).evaluate(data)

    def execute(
        self,
        script: str,
        context: Mapping[str, Any],
        external_context: Mapping[str, Any] | None = None,
    ) -> bool:
        del context, external_context
        reason = "scripts never run; draw a service task instead"
        raise ExpressionError("script_refused", reason, source=script, column=1)


class Evaluator(PythonScriptEngine):
    """The script engine of one step; carries the step's own "now"."""

    def __init__(self, now: datetime, trace: Trace | None = None) -> None:
        super().__init__(_Environment({}))
        self.now = now
        self.trace = trace or Trace()

    def evaluate(
        self,
        task: Token,
        expression: str,
        external_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of `expression` over the data of `task`."""
        try:
            value = self.environment.evaluate(expression, task.data, external_context)
        except ExpressionError as problem:
            raise placed(problem, task) from problem.__cause__
        self.trace.tested(task, expression, value)
        return value

    def execute(
        self,
        task: Token,
        script: str,
        external_context: Mapping[str, Any] | None = None,
    ) -> bool:
        """Refuse; the library would wrap the refusal in an error of its own."""
        return bool(self.environment.execute(script, task.data, external_context))


class _DecisionParser(BusinessRuleTaskParser):
    """Reads which decision a task names, without the library's own decision table behind it."""

    create_task = SpiffTaskParser.create_task


class _Parser(SpiffBpmnParser):
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library's own way to configure a parser
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("serviceTask"): (SpiffTaskParser, Work),
        full_tag("businessRuleTask"): (_DecisionParser, Work),
        full_tag("callActivity"): (CallActivityParser, Rung),
    }


_REGISTRY = BpmnWorkflowSerializer.configure(
    {**DEFAULT_CONFIG, Work: UserTaskConverter, Rung: SubWorkflowTaskConverter}
)


class Library:
    """Diagrams read once, from which several processes are taken.

    A spec fresh from the library's parser must never run a restored case: multi-instance merging
    is wired up only when a spec is restored. So it goes through the registry once.
    """

    def __init__(self, documents: Mapping[str, Element], *, are_valid: bool = False) -> None:
        """Read hardened BPMN trees by file name; the schema is not asked of `are_valid` ones.

        Raises:
            DiagramError: the library cannot read a diagram.
        """
        self._parser = _Parser(validator=None if are_valid else VALIDATOR)
        self._specs: dict[str, Spec] = {}
        with _refusals():
            for name, root in documents.items():
                drawn = without_inclusive(with_parts(root))
                self._parser.add_bpmn_xml(for_the_engine(drawn), filename=name)

    def processes(self, process_id: str) -> tuple[Spec, dict[str, Spec]]:
        """A process as cases run on it, and what it calls by process id.

        Raises:
            DiagramError: the library cannot read a diagram.
        """
        with _refusals():
            top = self._parser.get_spec(process_id)
            called = self._parser.get_subprocess_specs(process_id)
        return self._once(process_id, top), {
            name: self._once(name, one) for name, one in called.items()
        }

    def _once(self, name: str, spec: Spec) -> Spec:
        if name not in self._specs:
            self._specs[name] = _restored(spec)
        return self._specs[name]


def parse_processes(
    documents: Mapping[str, Element], process_id: str
) -> tuple[Spec, dict[str, Spec]]:
    """Turn hardened BPMN trees (file name -> root element) into the specs cases run on.

    Raises:
        DiagramError: the library cannot read a diagram.
    """
    return Library(documents).processes(process_id)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except SpiffWorkflowException as problem:
        message = f"流程引擎读不懂这张图：{problem}"
        raise DiagramError(message) from problem


_OURS = {
    ParallelMultiInstanceTask: Instances,
    SequentialMultiInstanceTask: InTurn,
    ParallelGateway: Meeting,
    _EndJoin: Ending,
}


def _restored(spec: Spec) -> Spec:
    again = _REGISTRY.restore(_REGISTRY.convert(spec))
    for task_spec in again.task_specs.values():
        ours = _OURS.get(type(task_spec))
        if ours is not None:
            task_spec.__class__ = ours  # the registry holds its own classes only
        definition = getattr(task_spec, "event_definition", None)
        if definition is not None:
            task_spec.event_definition = _clockless(definition)
    return again


def _clockless(definition: Any) -> Any:
    if isinstance(definition, MultipleEventDefinition):
        definition.event_definitions = [_clockless(event) for event in definition.event_definitions]
        return definition
    if isinstance(definition, CycleTimerEventDefinition):
        message = "不支持循环计时器；提醒请用催办表，重复动作请画回路。"
        raise DiagramError(message)
    if isinstance(definition, TimeDateEventDefinition):
        return ClocklessDate(definition.name, definition.expression)
    if isinstance(definition, DurationTimerEventDefinition):
        return ClocklessDuration(definition.name, definition.expression)
    return definition


def is_catching(task: Token) -> bool:
    """Whether the task waits for an event."""
    return isinstance(task.task_spec, CatchingEvent)


def is_join(task: Token) -> bool:
    """Whether other branches look this task up, so that pruning must keep it."""
    return isinstance(task.task_spec, Join)


def is_parallel_join(task: Token) -> bool:
    """Whether the task is a token at a drawn parallel gateway."""
    spec = task.task_spec
    return isinstance(spec, UnstructuredJoin) and not isinstance(spec, _EndJoin)


def is_end_join(task: Token) -> bool:
    """Whether the task is a token that has come to an end of its process."""
    return isinstance(task.task_spec, _EndJoin)


def is_split(task: Token) -> bool:
    """Whether the children of the task are an activity and its boundary events."""
    return isinstance(task.task_spec, BoundaryEventSplit)


def is_loop(task: Token) -> bool:
    """Whether the task owns instances of another task."""
    return isinstance(task.task_spec, LoopTask)


def is_work(task: Token) -> bool:
    """Whether the runner has to answer for the task."""
    return isinstance(task.task_spec, Work)


def is_person(task: Token) -> bool:
    """Whether the task waits for a person."""
    return task.task_spec.manual and not isinstance(task.task_spec, Work)


def workflows(workflow: Workflow) -> Iterator[Workflow]:
    """The top workflow and every called one, callers first."""
    yield workflow
    yield from workflow.subprocesses.values()


def waiting_messages(task: Token) -> list[MessageEventDefinition]:
    """The messages the catching task waits for."""
    definition = task.task_spec.event_definition
    parts = (
        definition.event_definitions
        if isinstance(definition, MultipleEventDefinition)
        else [definition]
    )
    return [part for part in parts if isinstance(part, MessageEventDefinition)]


def thrown_messages(workflow: Workflow) -> list[BpmnEvent]:
    """What is thrown and not caught inside; an end that stops everything is told there as well."""
    thrown = workflow.get_events()
    return [event for event in thrown if isinstance(event.event_definition, MessageEventDefinition)]


def event(definition: Any, payload: Any = None) -> BpmnEvent:
    """An event of the drawn `definition`, ready to be caught."""
    return BpmnEvent(definition, payload=payload)
