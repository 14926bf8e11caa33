"""The diagram of a case with what was passed and where it waits now."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.fields import Moment
from api.http.routes import Ask, Gives, Resource
from engine.definitions import Definition
from storage.cases import cases, events, tasks
from storage.cases.cases import RunningProcess
from storage.cases.events import CaseEvent
from storage.cases.tasks import Task

routes = Resource("case_diagrams", "A case on its diagram.")

_INSTANCE: Final = re.compile(r"#\d+")


class Visited(ma.Schema):
    """An element the case passed."""

    id = ma.fields.String(metadata={"example": "accept"})
    times = ma.fields.Integer()
    first_at = Moment()
    last_at = Moment()


class Active(ma.Schema):
    """An element the case waits at."""

    id = ma.fields.String()
    since = Moment()


class DiagramShown(ma.Schema):
    """One file of the definition, with the traces of the case."""

    process = ma.fields.String(metadata={"example": "escalation"})
    label = ma.fields.String()
    file = ma.fields.String()
    xml = ma.fields.String()
    active = ma.fields.List(ma.fields.Nested(Active))
    visited = ma.fields.List(ma.fields.Nested(Visited))


class CaseDiagrams(ma.Schema):
    """The definition a case is pinned to, its first diagram, and then all of them.

    The first is the one that was started; the others are those it calls.
    """

    xml = ma.fields.String()
    active = ma.fields.List(ma.fields.Nested(Active))
    visited = ma.fields.List(ma.fields.Nested(Visited))
    process = ma.fields.String(metadata={"example": "grid_report"})
    digest = ma.fields.String()
    state = ma.fields.String()
    diagrams = ma.fields.List(ma.fields.Nested(DiagramShown))


@dataclass(slots=True)
class Trace:
    """What happened in one diagram: element -> moments passed, element -> waiting since."""

    visited: dict[str, list[datetime]] = field(default_factory=dict)
    active: dict[str, datetime] = field(default_factory=dict)


@routes.get("/cases/<number:number>/diagram", needs=SIGNED_IN, gives=Gives(CaseDiagrams))
def read(ask: Ask, number: str) -> dict[str, Any]:
    """Show the diagrams of a case: XML, visited and active elements with times."""
    case = cases.get_visible_case(ask.session, number, actor=ask.actor)
    process = _main(cases.list_processes(ask.session, case.id))
    diagrams = _diagrams(ask, process)
    return {
        **diagrams[0],
        "digest": process.digest,
        "state": process.state,
        "diagrams": diagrams,
    }


def _diagrams(ask: Ask, process: RunningProcess) -> list[dict[str, Any]]:
    definition = ask.runner.definition(ask.session, process.digest)
    file = events.list_events(ask.session, process.case_id)
    waiting = tasks.list_open_tasks(ask.session, process.case_id)
    traces = trace(definition, process.id, file, waiting)
    return [_shown(definition, name, one) for name, one in traces.items()]


def trace(
    definition: Definition,
    running_id: int,
    file: Iterable[CaseEvent],
    open_tasks: Iterable[Task],
) -> dict[str, Trace]:
    """Lay the entries of a case file over the diagrams of its definition."""
    names = [definition.process_id, *(n for n in definition.diagrams if n != definition.process_id)]
    traces = {name: Trace() for name in names}
    for entry in file:
        if entry.data.get("running") == running_id:
            for element in entry.data.get("passed", ()):
                process, node = _place(definition, element)
                traces[process].visited.setdefault(node, []).append(entry.at)
    for task in open_tasks:
        if task.running_id == running_id:
            _wait(definition, traces, task)
    return traces


def _wait(definition: Definition, traces: Mapping[str, Trace], task: Task) -> None:
    """Mark the task and every call activity it waits inside of."""
    parts = task.element.split(".")
    for depth in range(1, len(parts) + 1):
        process, node = _place(definition, ".".join(parts[:depth]))
        traces[process].active.setdefault(node, task.opened_at)


def _place(definition: Definition, element: str) -> tuple[str, str]:
    """Give process and node of a path through call activities."""
    process = definition.process_id
    *calls, node = _INSTANCE.sub("", element).split(".")
    for call in calls:
        called = definition.diagrams[process].nodes[call].called
        process = called or process
    return process, node


def _main(processes: list[RunningProcess]) -> RunningProcess:
    return [one for one in processes if one.asked_by is None][-1]


def _shown(definition: Definition, process: str, found: Trace) -> dict[str, Any]:
    diagram = definition.diagrams[process]
    return {
        "process": process,
        "label": diagram.label,
        "file": diagram.name,
        "xml": definition.files[diagram.name],
        "active": [{"id": node, "since": since} for node, since in found.active.items()],
        "visited": [
            {"id": node, "times": len(at), "first_at": at[0], "last_at": at[-1]}
            for node, at in found.visited.items()
        ],
    }
