"""Every way through a diagram on the real engine: what is open twice, stuck, or never ends."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from random import Random
from typing import Any

from engine.diagrams.xml import parse_xml
from engine.errors import EngineFault
from engine.execution import plan
from engine.execution.execution import Execution, Waiting
from engine.execution.marking import SpecNames
from engine.execution.spiff import (
    UNFINISHED,
    WAITING,
    Token,
    is_catching,
    parse_processes,
    workflows,
)
from tests.engine.check.differential.drawings import Drawn

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STEPS_AT_MOST = 1_500
PASSED_AT_MOST = 300
_CHOICES_AT_MOST = 8
END = ("end",)
State = tuple[Any, ...]


class Runnable:
    """What an execution needs of a definition."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        trees = {
            name: parse_xml(text, name=name)
            for name, text in files.items()
            if name.endswith(".bpmn")
        }
        self.top, self.called = parse_processes(trees, "p")
        self.names = SpecNames(self.top, self.called)


class EndlessError(Exception):
    """One step that goes round and round."""


class Watched(Execution):
    """An execution that is stopped when it does not come to rest."""

    def _note_passed(self, task: Token) -> None:
        super()._note_passed(task)
        if len(self._passed) > PASSED_AT_MOST:
            raise EndlessError


@dataclass
class Brute:
    """The search; `faults` says what went wrong anywhere."""

    drawn: Drawn
    steps: int = 0
    faults: set[str] = field(default_factory=set)
    seen: set[State] = field(default_factory=set)
    before: dict[State, set[State]] = field(default_factory=dict)
    pending: deque[tuple[State, bytes, Mapping[str, Any]]] = field(default_factory=deque)

    def faults_found(self) -> set[str] | None:
        """What is wrong; None where that takes too long."""
        definition = Runnable(self.drawn.files)
        lists: list[list[int]] = (
            [[1, 2], []] if b"multiInstance" in self.drawn.files["p.bpmn"] else [[1]]
        )
        for picks in self._picks():
            for posts in lists:
                begun = plan.Start({"posts": posts, "sub_pick": 0, **picks})
                self._go(definition, ("start",), None, {}, begun)
        while self.pending and not self.faults:
            if self.steps > STEPS_AT_MOST:
                return None
            state, marking, data = self.pending.popleft()
            waiting = Execution(definition, marking, data, now=NOW).waiting()
            for action in self._actions(waiting):
                self._go(definition, state, marking, data, action)
        if not self.faults:
            self._find_lost()
        return self.faults

    def _picks(self) -> Iterator[dict[str, int]]:
        """Every choice, or so many that each way of each gateway is among them."""
        ways = list(product(*(range(count) for count in self.drawn.picks.values())))
        if len(ways) > _CHOICES_AT_MOST:
            counts = self.drawn.picks.values()
            columns = [_mixed(count, place) for place, count in enumerate(counts)]
            ways = list(zip(*columns, strict=True))
        for chosen in ways:
            yield dict(zip(self.drawn.picks, chosen, strict=True))

    def _actions(self, waiting: Waiting) -> Iterator[plan.Action]:
        for token, task in waiting.persons.items():
            if task.task_id == "sub_task":
                yield from (plan.Complete(token, {"sub_pick": pick}) for pick in (0, 1))
            else:
                yield from (plan.Complete(token, picks) for picks in self._picks())
        yield from (plan.Due(element) for element in waiting.timers)
        for element, awaited in waiting.messages.items():
            yield plan.Message(awaited.name, {}, element)

    def _go(
        self,
        definition: Runnable,
        state: State,
        marking: bytes | None,
        data: Mapping[str, Any],
        action: plan.Action,
    ) -> None:
        self.steps += 1
        execution = Watched(definition, marking, data, now=NOW)
        try:
            execution.apply(action)
        except EngineFault as fault:
            self.faults.add(fault.code)
            return
        except EndlessError:
            self.faults.add("never_rests")
            return
        following = _key(execution)
        result = execution.result()
        waiting = execution.waiting() if not result.is_ended else None
        if waiting is None:
            following = END
        else:
            open_tasks = Counter(task.element for task in waiting.persons.values())
            if any(count > 1 for count in open_tasks.values()) or _waits_twice(execution):
                self.faults.add("two_tokens")
            if not (waiting.persons or waiting.timers or waiting.messages):
                self.faults.add("stuck")
        self.before.setdefault(following, set()).add(state)
        if following not in self.seen:
            self.seen.add(following)
            if following != END:
                self.pending.append((following, result.marking, result.data))

    def _find_lost(self) -> None:
        good = {END}
        todo = [END] if END in self.seen else []
        while todo:
            for state in self.before.get(todo.pop(), ()):
                if state not in good:
                    good.add(state)
                    todo.append(state)
        if self.seen - good:
            self.faults.add("no_way_to_an_end")


def _mixed(count: int, place: int) -> list[int]:
    """So many numbers below `count` that each is among them, in an order of their own."""
    numbers = [number % count for number in range(_CHOICES_AT_MOST)]
    Random(place).shuffle(numbers)  # noqa: S311 - draws, hides nothing
    return numbers


def _waits_twice(execution: Execution) -> bool:
    """Whether one event is waited for twice."""
    for part in workflows(execution._workflow):  # noqa: SLF001 - nothing else shows all of it
        waiting = (one for one in part.tasks.values() if one.state == WAITING and is_catching(one))
        if any(count > 1 for count in Counter(one.task_spec.name for one in waiting).values()):
            return True
    return False


def _chosen(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What decides the way on: the choices, and whether the list of instances is empty."""
    for name, value in data.items():
        if name.endswith("_pick") or name == "posts":
            yield name, str(value)


def _key(execution: Execution) -> State:
    """What is alive and how it will choose, without the numbers of the tasks."""
    found = []
    for part in workflows(execution._workflow):  # noqa: SLF001 - nothing else shows all of it
        for task in part.tasks.values():
            if task.state & UNFINISHED:
                place = str(task.internal_data.get("key_or_index", ""))
                above = task.parent.task_spec.name if task.parent else ""
                chosen = tuple(sorted(_chosen(task.data)))
                node = (part.spec.name, task.task_spec.name, int(task.state))
                found.append((*node, above, place, chosen))
    return tuple(sorted(found))
