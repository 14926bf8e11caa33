"""The diagrams of a case with what was passed and where it waits now."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.binding import owner_of
from engine.definitions import Definition
from engine.diagrams.parts import is_part
from engine.reads.reading import Reading
from storage.cases import cases, events, tasks
from storage.cases.cases import RunningProcess
from storage.cases.events import CaseEvent
from storage.cases.tasks import Task

__all__ = [
    "Active",
    "CaseDiagrams",
    "DiagramShown",
    "Visited",
    "diagrams_of",
    "place_of",
    "read_diagrams",
]

_INSTANCE = re.compile(r"#\d+")


@dataclass(frozen=True, slots=True)
class Visited:
    """An element the case passed."""

    id: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Active:
    """An element the case waits at."""

    id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class DiagramShown:
    """One file of the definition, with the traces of the case."""

    process: str
    label: str
    file: str
    xml: str
    active: list[Active]
    visited: list[Visited]


@dataclass(frozen=True, slots=True)
class CaseDiagrams:
    """The definition a case is pinned to: the diagram that was started, then those it calls."""

    digest: str
    state: str
    diagrams: list[DiagramShown]


@dataclass(slots=True)
class DiagramTrace:
    """The history of one diagram: element -> times passed, element -> waiting since."""

    visited: dict[str, list[datetime]] = field(default_factory=dict)
    active: dict[str, datetime] = field(default_factory=dict)


def read_diagrams(reading: Reading, number: str) -> CaseDiagrams:
    """Show the diagrams of a case the actor may see."""
    case = cases.get_visible_case(reading.session, number, actor=reading.actor)
    return diagrams_of(
        reading,
        cases.list_processes(reading.session, case.id),
        events.list_events(reading.session, case.id),
        tasks.list_open_tasks(reading.session, case.id),
    )


def diagrams_of(
    reading: Reading,
    processes: Iterable[RunningProcess],
    file: Iterable[CaseEvent],
    open_tasks: Iterable[Task],
) -> CaseDiagrams:
    """Show the diagrams of the main process of a case that was read already."""
    main = [process for process in processes if process.asked_by is None][-1]
    definition = reading.definition(main.digest)
    traces = trace(definition, main.id, file, open_tasks)
    shown = [_shown(definition, name, traced) for name, traced in traces.items()]
    return CaseDiagrams(main.digest, main.state, shown)


def trace(
    definition: Definition,
    running_id: int,
    file: Iterable[CaseEvent],
    open_tasks: Iterable[Task],
) -> dict[str, DiagramTrace]:
    """Lay the entries of a case file over the diagrams of its definition."""
    drawn = [name for name in definition.diagrams if not is_part(name)]
    names = [definition.process_id, *(name for name in drawn if name != definition.process_id)]
    traces = {name: DiagramTrace() for name in names}
    for entry in file:
        if entry.data.get("running") == running_id:
            for element in entry.data.get("passed", ()):
                process, node = place_of(definition, element)
                traces[owner_of(process)].visited.setdefault(node, []).append(entry.at)
    for task in open_tasks:
        if task.running_id == running_id:
            _wait(definition, traces, task)
    return traces


def _wait(definition: Definition, traces: Mapping[str, DiagramTrace], task: Task) -> None:
    """Mark the task and every call activity it waits inside of."""
    parts = task.element.split(".")
    for depth in range(1, len(parts) + 1):
        process, node = place_of(definition, ".".join(parts[:depth]))
        traces[owner_of(process)].active.setdefault(node, task.opened_at)


def place_of(definition: Definition, element: str) -> tuple[str, str]:
    """Return process and node of a path through call activities."""
    process = definition.process_id
    *calls, node = _INSTANCE.sub("", element).split(".")
    for call in calls:
        called = definition.diagrams[process].nodes[call].called
        process = called or process
    return process, node


def _shown(definition: Definition, process: str, traced: DiagramTrace) -> DiagramShown:
    diagram = definition.diagrams[process]
    return DiagramShown(
        process=process,
        label=diagram.label,
        file=diagram.name,
        xml=definition.files[diagram.name],
        active=[Active(node, since) for node, since in traced.active.items()],
        visited=[Visited(node, len(at), at[0], at[-1]) for node, at in traced.visited.items()],
    )
