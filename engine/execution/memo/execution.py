"""An execution that looks in the memo first and runs the diagram only on a miss.

It returns exactly what `engine.execution.execution.Execution` returns; every thousandth memoized
action is run both ways and compared, and one difference empties the memo.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, NamedTuple, Protocol

import orjson

from engine.execution import plan
from engine.execution.copies import copied
from engine.execution.execution import Execution, Runnable, Waiting
from engine.execution.memo.memo import NEW, ActionKey, Leaf, Memo, Outcome, Standing
from engine.execution.memo.recording import Recording
from engine.execution.memo.shapes import Flat, flatten, flatten_held, layout_of, written
from engine.execution.memo.steps import Replay
from engine.execution.trace import Trace

_log = logging.getLogger("hangji.memo")
_COMPARED_EVERY = 1000
_hits = count(1)

_BEGINNING = Flat(shape=b"", counter=0, leaves=(), documents=())
_NOBODY = Waiting({}, {}, {})


class Remembering(Runnable, Protocol):
    """A definition that has a memo."""

    @property
    def memo(self) -> Memo:
        """The memo of earlier actions."""
        ...


class _Place(NamedTuple):
    """The state of a process between two actions; `flat` when the memo can hold it."""

    data: dict[str, Any]
    waiting: Waiting
    call: plan.Call | None
    marking: bytes | None = None
    flat: Flat | None = None
    is_ended: bool = False


class Remembered:
    """One process for several actions in a row, memoized where it can be."""

    def __init__(
        self,
        definition: Remembering,
        marking: bytes | None,
        data: Mapping[str, Any],
        *,
        now: datetime,
    ) -> None:
        self._definition = definition
        self._memo = definition.memo
        self._now = now
        self._passed: list[str] = []
        self._thrown: list[plan.Thrown] = []
        self._due: dict[str, datetime] = {}
        self._answered: set[int] = set()
        self._here = self._beginning() if marking is None else self._loaded(marking, data)
        self._began = self._here.waiting

    def apply(self, action: plan.Action) -> None:
        """Carry out one action and run on to the next person, deadline, message or call."""
        if isinstance(action, plan.Complete | plan.Answer):
            self._answered.add(action.token)
        self._here = self._recalled(action) or self._run(action)

    def has_task(self, token: int) -> bool:
        """Whether the user task `token` still waits for a person."""
        return token in self._here.waiting.persons

    def has_timer(self, element: str) -> bool:
        """Whether a timer is armed at `element`."""
        return element in self._here.waiting.timers

    def has_message(self, element: str, name: str) -> bool:
        """Whether `element` waits for the message `name`."""
        awaited = self._here.waiting.messages.get(element)
        return awaited is not None and awaited.name == name

    def timers(self) -> Collection[str]:
        """Paths of the armed timers."""
        return self._here.waiting.timers.keys()

    def data_of(self, token: int) -> Mapping[str, Any]:
        """The variables visible to the waiting task `token`."""
        return self._here.waiting.persons[token].data

    def next_call(self) -> plan.Call | None:
        """The first service or decision that waits for an answer."""
        return self._here.call

    def result(self) -> plan.Plan:
        """Changes since the marking was loaded."""
        here, began, now = self._here, self._began, self._here.waiting
        gone = began.persons.keys() - now.persons.keys()
        return plan.Plan(
            marking=self._marking(here),
            data=here.data,
            opened=tuple(one for token, one in now.persons.items() if token not in began.persons),
            closed=tuple(sorted(gone & self._answered)),
            cancelled=tuple(sorted(gone - self._answered)),
            armed=tuple(
                plan.Armed(path, self._due[path]) for path in now.timers if path in self._due
            ),
            disarmed=tuple(sorted(began.timers.keys() - now.timers.keys())),
            awaited=tuple(
                one for path, one in now.messages.items() if one != began.messages.get(path)
            ),
            unawaited=tuple(sorted(began.messages.keys() - now.messages.keys())),
            thrown=tuple(self._thrown),
            passed=tuple(self._passed),
            call=here.call,
            is_ended=here.is_ended,
        )

    # -- places ----------------------------------------------------------------------------------

    def _beginning(self) -> _Place:
        return _Place({}, _NOBODY, None, flat=_BEGINNING)

    def _loaded(self, marking: bytes, data: Mapping[str, Any]) -> _Place:
        flat = flatten(marking, data)
        if flat is not None:
            standing = self._memo.standings.get(flat.shape)
            if standing is not None:
                return _standing_place(flat, standing)
        execution = Execution(self._definition, marking, data, now=self._now)
        return self._met(execution, flat, marking, data)

    def _met(
        self, execution: Execution, flat: Flat | None, marking: bytes, data: Mapping[str, Any]
    ) -> _Place:
        """The place of a marking the diagram was run for; what waits there is memoized."""
        if flat is None:
            return _Place(dict(data), execution.waiting(), execution.next_call(), marking)
        standing = _standing(execution, flat)
        self._memo.keep_standing(flat.shape, standing)
        return _standing_place(flat, standing)

    def _marking(self, here: _Place) -> bytes:
        if here.is_ended:
            return b""
        if here.flat is None:
            return here.marking or b""
        return written(here.flat)

    # -- actions ---------------------------------------------------------------------------------

    def _recalled(self, action: plan.Action) -> _Place | None:
        """The result of the action from the memo; None when it must be run."""
        flat = self._here.flat
        key = None if flat is None else _key(action, self._here, flat.leaves)
        if flat is None or key is None:
            return None
        replay = self._replay(flat, action)
        outcome = self._memo.recall(flat.shape, key, replay)
        if outcome is None:
            return None
        place = self._arrived(flat, outcome, replay)
        if next(_hits) % _COMPARED_EVERY == 0 and not self._agrees(action, place, outcome):
            return None
        self._passed += outcome.passed
        self._due.update({path: replay.due[path] for path in outcome.armed})
        return place

    def _replay(self, flat: Flat, action: plan.Action) -> Replay:
        return Replay(list(flat.documents), _brought(action), self._now)

    def _arrived(self, before: Flat, outcome: Outcome, replay: Replay) -> _Place:
        documents = tuple(replay.of(document) for document in outcome.documents)
        if outcome.is_ended:
            return _Place(documents[0], _NOBODY, None, is_ended=True)
        layout = layout_of(outcome.shape)
        first = before.counter + 1
        leaves = tuple(
            first + place if earlier == NEW else before.leaves[earlier]
            for place, earlier in zip(layout.leaves, outcome.leaves, strict=True)
        )
        flat = Flat(outcome.shape, before.counter + len(layout.documents), leaves, documents)
        return _standing_place(flat, self._memo.standings[outcome.shape])

    def _run(self, action: plan.Action) -> _Place:
        """Let the diagram carry out the action, and remember what it did."""
        recording = Recording(self._here.flat)
        execution = self._execution(recording)
        execution.apply(action)
        done = execution.result()
        self._passed += done.passed
        self._thrown += done.thrown
        self._due.update({timer.element: timer.due_at for timer in done.armed})
        if done.is_ended:
            place = _Place(dict(done.data), _NOBODY, None, is_ended=True)
            origins: tuple[int, ...] = (recording.document_of(execution.last_task()),)
        else:
            flat, origins = _flattened(done, recording)
            place = self._met(execution, flat, done.marking, done.data)
        if recording.is_whole and origins and not done.thrown:
            self._learn(action, recording, done, place, origins)
        return place

    def _execution(self, trace: Trace | None = None) -> Execution:
        """The diagram, hydrated where the process is now."""
        here = self._here
        marking = None if here.flat is _BEGINNING else self._marking(here)
        return Execution(self._definition, marking, copied(here.data), now=self._now, trace=trace)

    def _learn(
        self,
        action: plan.Action,
        recording: Recording,
        done: plan.Plan,
        place: _Place,
        origins: tuple[int, ...],
    ) -> None:
        """Remember the action when its outcome follows from shape, steps and data alone."""
        before = self._here.flat
        key = None if before is None else _key(action, self._here, before.leaves)
        if before is None or key is None:
            return
        replay = self._replay(before, action)
        documents = (place.data,) if place.flat is None else place.flat.documents
        if recording.repeats(replay) and documents == tuple(map(replay.of, origins)):
            outcome = _outcome(before, done, place.flat, origins)
            self._memo.learn(before.shape, key, recording.steps, outcome)

    def _agrees(self, action: plan.Action, place: _Place, outcome: Outcome) -> bool:
        """Whether running the diagram has the same result as the memo."""
        execution = self._execution()
        execution.apply(action)
        done = execution.result()
        if (
            done.passed == outcome.passed
            and done.is_ended == outcome.is_ended
            and _seen(execution.waiting()) == _seen(place.waiting)
            and (
                dict(done.data) == place.data if done.is_ended else flatten(done.marking, done.data)
            )
        ):
            return True
        _log.error("memo differs from the diagram", extra={"passed": done.passed})
        self._memo.forget()
        return False


def _flattened(done: plan.Plan, recording: Recording) -> tuple[Flat | None, tuple[int, ...]]:
    """What is left by its shape, and where each document came from, which may be unknown."""
    if recording.is_whole:
        known = flatten_held(done.marking, done.data, recording.held)
        if known is not None:
            return known
    return flatten(done.marking, done.data), ()


def _key(action: plan.Action, here: _Place, leaves: tuple[int, ...]) -> ActionKey | None:
    """The memo key of the action; None for one that must be run."""
    match action:
        case plan.Start():
            return ("start", "")
        case plan.Complete(token, _) if token in here.waiting.persons:
            return ("complete", str(leaves.index(token)))
        case plan.Answer(token, _) if here.call is not None and here.call.token == token:
            return ("answer", str(leaves.index(token)))
        case plan.Due(element) if element in here.waiting.timers:
            return ("due", element)
        case plan.Message(name, _, element):
            return ("message", f"{name}@{element or ''}")
        case _:
            return None


def _brought(action: plan.Action) -> Mapping[str, Any]:
    """The data an action brings along."""
    match action:
        case plan.Start(data) | plan.Complete(_, data) | plan.Answer(_, data):
            return data
        case plan.Message(_, payload, _):
            return payload
        case _:
            return {}


def _standing(execution: Execution, flat: Flat) -> Standing:
    waiting, call = execution.waiting(), execution.next_call()
    return Standing(
        persons=tuple(_leaf(flat, task) for task in waiting.persons.values()),
        call=None if call is None else _leaf(flat, call),
        timers=frozenset(waiting.timers),
        messages=waiting.messages,
    )


def _leaf(flat: Flat, waiting: plan.Opened | plan.Call) -> Leaf:
    """The part of a waiting task that is the same for every case in this state."""
    known = waiting._asdict()
    del known["data"]
    place = flat.leaves.index(known.pop("token"))
    layout = layout_of(flat.shape)
    return Leaf(place, layout.documents[layout.leaves[place]], partial(type(waiting), **known))


def _standing_place(flat: Flat, standing: Standing) -> _Place:
    persons = {flat.leaves[leaf.place]: _waiting(flat, leaf) for leaf in standing.persons}
    waiting = Waiting(persons, dict.fromkeys(standing.timers), standing.messages)
    called = None if standing.call is None else _waiting(flat, standing.call)
    return _Place(flat.documents[0], waiting, called, flat=flat)


def _waiting(flat: Flat, leaf: Leaf) -> Any:
    """The waiting task of one case."""
    return leaf.made(token=flat.leaves[leaf.place], data=flat.documents[leaf.document])


def _outcome(
    before: Flat, done: plan.Plan, after: Flat | None, origins: tuple[int, ...]
) -> Outcome:
    armed = frozenset(timer.element for timer in done.armed)
    if after is None:
        return Outcome(b"", (), origins, passed=done.passed, armed=armed, is_ended=True)
    earlier = {number: place for place, number in enumerate(before.leaves)}
    leaves = tuple(earlier.get(number, NEW) for number in after.leaves)
    return Outcome(after.shape, leaves, origins, passed=done.passed, armed=armed, is_ended=False)


def _seen(waiting: Waiting) -> tuple[object, ...]:
    persons = sorted(
        (task.element, orjson.dumps(task.data, option=orjson.OPT_SORT_KEYS))
        for task in waiting.persons.values()
    )
    return persons, sorted(waiting.timers), sorted(waiting.messages)
