"""A case run by our own `step`, memoized only through what plans say, as the runner does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.diagrams.xml import parse_xml
from engine.execution import plan
from engine.execution.execution import step
from engine.execution.marking import SpecNames
from engine.execution.spiff import Spec, parse_processes
from tests.engine.equivalence.drawing import Drawing
from tests.engine.equivalence.seen import Seen, readable


@dataclass(frozen=True)
class Drawn:
    """A drawing as cases run on it."""

    top: Spec
    called: Mapping[str, Spec]
    names: SpecNames


def drawn(drawing: Drawing) -> Drawn:
    """Parse a drawing the way definitions are parsed."""
    trees = {name: parse_xml(text.encode(), name=name) for name, text in drawing.files.items()}
    top, called = parse_processes(trees, drawing.process_id)
    return Drawn(top, called, SpecNames(top, called))


@dataclass
class OurCase:
    """What the tables would hold: marking, data, open tasks, armed timers, awaited messages."""

    definition: Drawn
    marking: bytes | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    tasks: dict[int, plan.Opened] = field(default_factory=dict)
    timers: dict[str, datetime] = field(default_factory=dict)
    awaited: dict[str, plan.Awaited] = field(default_factory=dict)
    last: plan.Plan | None = None

    def act(self, action: plan.Action, now: datetime) -> Seen:
        """One step, its plan written down."""
        made = step(self.definition, self.marking, action, self.data, now=now)
        self._write_down(made)
        return self._seen(made)

    def tokens(self, element: str) -> list[int]:
        """Open user tasks standing at an element."""
        return [token for token, task in self.tasks.items() if task.element == element]

    def _write_down(self, made: plan.Plan) -> None:
        self.last, self.marking, self.data = made, made.marking, made.data
        for token in (*made.closed, *made.cancelled):
            del self.tasks[token]
        for element in made.disarmed:
            self.timers.pop(element)
        for element in made.unawaited:
            self.awaited.pop(element)
        for task in made.opened:
            assert task.token not in self.tasks
            self.tasks[task.token] = task
        for one in made.armed:
            self.timers[one.element] = one.due_at
        for message in made.awaited:
            self.awaited[message.element] = message

    def _seen(self, made: plan.Plan) -> Seen:
        return Seen(
            tasks=tuple(sorted((one.element, readable(one.data)) for one in self.tasks.values())),
            timers=tuple(sorted(self.timers.items())),
            awaited=tuple(
                sorted(
                    (one.element, one.name, readable(one.correlation))
                    for one in self.awaited.values()
                )
            ),
            thrown=tuple(
                (one.name, readable(one.payload or {}), readable(one.correlation))
                for one in made.thrown
            ),
            calls=frozenset({made.call.element} if made.call else ()),
            is_ended=made.is_ended,
            data=readable(made.data) if made.is_ended else "",
        )
