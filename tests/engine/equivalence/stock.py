"""A case run by SpiffWorkflow as its makers ship it: their parser, script engine and serializer.

Nothing of ours is in it. What hangji means by a drawing is said in the library's own words before
parsing: service and business rule tasks become user tasks, properties of a call a pre-script.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions import timer as timer_module
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.process import VALIDATOR
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG
from SpiffWorkflow.task import Task

from tests.engine.equivalence.drawing import Drawing
from tests.engine.equivalence.seen import EPOCH, Seen, readable

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
_NEVER_YEAR = 9999
_SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG))
UNFINISHED = TaskState.NOT_FINISHED_MASK


class Clock(datetime):
    """Stands for `datetime` in the library's timer module; tells the time it is given."""

    present = EPOCH

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        """The time of the walk."""
        return cls.present.astimezone(tz)


def stop_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library's timers read the clock of the walk."""
    monkeypatch.setattr(timer_module, "datetime", Clock)


class StockDrawing:
    """A drawing parsed by the library."""

    def __init__(self, drawing: Drawing) -> None:
        parser = SpiffBpmnParser(validator=VALIDATOR)
        self.works: set[str] = set()
        for name, text in drawing.files.items():
            parser.add_bpmn_io(BytesIO(self._in_their_words(text)), filename=name)
        self.top = parser.get_spec(drawing.process_id)
        self.called = parser.get_subprocess_specs(drawing.process_id)

    def _in_their_words(self, text: str) -> bytes:
        root = etree.fromstring(text.encode())
        for tag in ("serviceTask", "businessRuleTask"):
            for element in list(root.iter(_BPMN + tag)):
                self.works.add(element.get("id"))
                element.tag = _BPMN + "userTask"
        for element in root.iter(_BPMN + "callActivity"):
            script = "\n".join(_assignments(element))
            if script:
                pre_script = etree.SubElement(
                    element.find(_BPMN + "extensionElements"), _SPIFF + "preScript"
                )
                pre_script.text = script
        return etree.tostring(root)


def _assignments(element: etree._Element) -> Iterator[str]:
    for one in element.iter(_SPIFF + "property"):
        value = one.get("value")
        yield f"{one.get('name')} = {value[1:] if value.startswith('=') else repr(value)}"


class StockCase:
    """A case that is serialized to JSON and back, specs and all, before every action."""

    def __init__(self, drawing: StockDrawing) -> None:
        self._drawing = drawing
        self._document = ""
        self.workflow: BpmnWorkflow = None
        self.thrown: list[BpmnEvent] = []

    def start(self, data: Mapping[str, Any]) -> Seen:
        """Begin with the given data."""
        self.workflow = BpmnWorkflow(self._drawing.top, self._drawing.called)
        self.workflow.task_tree.data.update(data)
        return self._run_on()

    def complete(self, element: str, data: Mapping[str, Any], before: Mapping[str, Any]) -> Seen:
        """A person, or a handler, finishes what stands at `element`.

        A loop may open a side branch twice; then the data `before` say which one is meant.
        """
        self._reload()
        tasks = [task for task in self._ready() if self._path(task) == element]
        task = next(task for task in tasks if task.data == before)
        task.set_data(**data)
        task.run()
        return self._run_on()

    def fail(self, element: str, code: str) -> Seen:
        """What stands at `element` ends in the drawn error `code`."""
        self._reload()
        task = next(task for task in self._ready() if self._path(task) == element)
        for beside in task.parent.children:
            definition = getattr(beside.task_spec, "event_definition", None)
            if getattr(definition, "code", None) == code:
                self._catch(beside, BpmnEvent(definition))
        return self._run_on()

    def fire(self, element: str) -> Seen:
        """Let the timer at `element` have been due a minute ago."""
        self._reload()
        task = next(task for task in self._waiting() if self._path(task) == element)
        task.internal_data["event_value"] = (Clock.present - timedelta(minutes=1)).isoformat()
        self.workflow.refresh_timers()
        return self._run_on()

    def receive(
        self,
        name: str,
        element: str,
        payload: Mapping[str, Any],
        correlations: Mapping[str, Any] | None = None,
    ) -> Seen:
        """Deliver a message to the catcher at `element`; what it carries is data there.

        Without `correlations` it is one that fits: finding the case is not the engine's part.
        """
        self._reload()
        task = next(task for task in self._waiting() if self._path(task) == element)
        definition = next(message for message in _messages(task) if message.name == name)
        matching = task.workflow.correlations if correlations is None else correlations
        event = BpmnEvent(definition, payload=dict(payload), correlations=dict(matching))
        if (
            sum(name == message.name for task in self._waiting() for message in _messages(task))
            == 1
        ):
            self.workflow.send_event(event)
        else:
            self._catch(task, event)
        task.data.update(payload)
        return self._run_on()

    def offer(self, event: BpmnEvent) -> Seen | None:
        """Offer a message of another case; None when the library says it is not for this one."""
        self._reload()
        catching = [task for task in self._waiting() if task.task_spec.catches(task, event)]
        try:
            self.workflow.send_event(event)
        except WorkflowException:
            return None
        for task in catching:
            task.data.update(event.payload)
        return self._run_on()

    def _catch(self, task: Task, event: BpmnEvent) -> None:
        """What the library's event manager does with the one task that catches."""
        task.task_spec.catch(task, event)
        task.task_spec._update(task)  # noqa: SLF001 - the event manager's own call

    def _reload(self) -> None:
        self.workflow = _SERIALIZER.deserialize_json(self._document)

    def _run_on(self) -> Seen:
        self.workflow.do_engine_steps()
        # An end that stops everything is no message, though the library tells of it as of one.
        self.thrown = [
            event
            for event in self.workflow.get_events()
            if isinstance(event.event_definition, MessageEventDefinition)
        ]
        thrown = tuple(
            (one.event_definition.name, readable(one.payload or {}), readable(one.correlations))
            for one in self.thrown
        )
        self._document = _SERIALIZER.serialize_json(self.workflow)
        json.loads(self._document)
        return self._seen(thrown)

    def _seen(self, thrown: tuple[tuple[str, str, str], ...]) -> Seen:
        ready = [(self._path(task), task) for task in self._ready()]
        unfinished = any(task.state & UNFINISHED for task in self.workflow.tasks.values())
        is_ended = self.workflow.is_completed()
        assert is_ended is not unfinished
        return Seen(
            tasks=tuple(
                sorted(
                    (path, readable(task.data)) for path, task in ready if not self._is_work(task)
                )
            ),
            timers=tuple(
                sorted(
                    (self._path(task), due)
                    for task in self._waiting()
                    for due in _due(task)
                    if due.year < _NEVER_YEAR
                )
            ),
            awaited=tuple(
                sorted(
                    (self._path(task), message.name, readable(task.workflow.correlations))
                    for task in self._waiting()
                    for message in _messages(task)
                )
            ),
            thrown=thrown,
            calls=frozenset(path for path, task in ready if self._is_work(task)),
            is_ended=is_ended,
            data=readable(self.workflow.last_task.data) if is_ended else "",
        )

    def _is_work(self, task: Task) -> bool:
        return _bpmn_id(task) in self._drawing.works

    def _tasks(self) -> Iterator[Task]:
        for part in (self.workflow, *self.workflow.subprocesses.values()):
            yield from part.tasks.values()

    def _ready(self) -> list[Task]:
        return [
            task
            for task in self._tasks()
            if task.state == TaskState.READY and task.task_spec.manual
        ]

    def _waiting(self) -> list[Task]:
        tasks = self.workflow.event_manager.tasks.values()
        return [task for task in tasks if task.state == TaskState.WAITING]

    def _path(self, task: Task) -> str:
        place = task.internal_data.get("key_or_index")
        name = _bpmn_id(task) if place is None else f"{_bpmn_id(task)}#{place}"
        owner = task.workflow.parent_task_id
        if owner is None:
            return name
        return f"{self._path(self.workflow.get_task_from_id(owner))}.{name}"


def _bpmn_id(task: Task) -> str:
    return str(task.task_spec.bpmn_id or task.task_spec.name)


def _parts(task: Task) -> list[Any]:
    definition = task.task_spec.event_definition
    many = isinstance(definition, MultipleEventDefinition)
    return list(definition.event_definitions) if many else [definition]


def _messages(task: Task) -> list[MessageEventDefinition]:
    return [part for part in _parts(task) if isinstance(part, MessageEventDefinition)]


def _due(task: Task) -> list[datetime]:
    if not any(isinstance(part, TimerEventDefinition) for part in _parts(task)):
        return []
    value = task.internal_data["event_value"]
    due: datetime = TimerEventDefinition.parse_time_or_duration(value)
    return [due]
