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

from engine.execution import plan
from engine.execution.copies import copied
from engine.execution.execution import Execution, Runnable, Waiting
from engine.execution.memo.memo import ActionKey, Memo, Outcome, Recording, Standing, Step, explains
from engine.execution.memo.shapes import Flat, flatten, moved, written

_log = logging.getLogger("hangji.memo")
_COMPARED_EVERY = 1000
_hits = count(1)

_BEGINNING = Flat(shape=b"", counter=0, leaf=0)
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
        found = flatten(marking, data)
        if found is not None:
            flat, document = found
            standing = self._memo.standings.get(flat.shape)
            if standing is not None:
                return _standing_place(flat, document, standing)
        execution = Execution(self._definition, marking, data, now=self._now)
        return self._met(execution, marking, dict(data))

    def _met(self, execution: Execution, marking: bytes, data: dict[str, Any]) -> _Place:
        """The place of a marking the diagram was run for; what waits there is memoized."""
        found = flatten(marking, data) if execution.has_one_thread() else None
        if found is None:
            return _Place(data, execution.waiting(), execution.next_call(), marking)
        flat, document = found
        standing = _standing(execution)
        self._memo.keep_standing(flat.shape, standing)
        return _standing_place(flat, document, standing)

    def _marking(self, here: _Place) -> bytes:
        if here.is_ended:
            return b""
        if here.flat is None:
            return here.marking or b""
        return written(here.flat)

    # -- actions ---------------------------------------------------------------------------------

    def _recalled(self, action: plan.Action) -> _Place | None:
        """The result of the action from the memo; None when it must be run."""
        here, key = self._here, _key(action, self._here)
        if here.flat is None or key is None:
            return None
        data = {**here.data, **_brought(action)}
        found = self._memo.recall(here.flat.shape, key, data, self._now)
        if found is None:
            return None
        outcome, due = found
        place = self._arrived(here.flat, outcome, data)
        if next(_hits) % _COMPARED_EVERY == 0 and not self._agrees(action, place, outcome):
            return None
        self._passed += outcome.passed
        self._due.update({path: due[path] for path in outcome.armed})
        return place

    def _arrived(self, flat: Flat, outcome: Outcome, data: dict[str, Any]) -> _Place:
        if outcome.is_ended:
            return _Place(data, _NOBODY, None, flat=None, is_ended=True)
        arrived = moved(flat, outcome.shape, stays=outcome.stays)
        return _standing_place(arrived, data, self._memo.standings[outcome.shape])

    def _run(self, action: plan.Action) -> _Place:
        """Let the diagram carry out the action, and remember what it did."""
        here, recording = self._here, Recording()
        marking = None if here.flat is _BEGINNING else self._marking(here)
        execution = Execution(
            self._definition, marking, copied(here.data), now=self._now, trace=recording
        )
        execution.apply(action)
        done = execution.result()
        self._passed += done.passed
        self._thrown += done.thrown
        self._due.update({timer.element: timer.due_at for timer in done.armed})
        if done.is_ended:
            place = _Place(dict(done.data), _NOBODY, None, is_ended=True)
        else:
            place = self._met(execution, done.marking, dict(done.data))
        key = _key(action, here)
        if here.flat is not None and key is not None and not done.thrown:
            self._learn(here, key, action, recording.heard, done, place)
        return place

    def _learn(
        self,
        here: _Place,
        key: ActionKey,
        action: plan.Action,
        steps: list[Step],
        done: plan.Plan,
        place: _Place,
    ) -> None:
        """Remember the action when its outcome follows from shape, trace and data alone."""
        if here.flat is None or not (place.is_ended or place.flat is not None):
            return
        foreseen = {**here.data, **_brought(action)}
        if explains(steps, foreseen, place.data, self._now):
            outcome = _outcome(here.flat, done, place)
            self._memo.learn(here.flat.shape, key, steps, outcome)

    def _agrees(self, action: plan.Action, place: _Place, outcome: Outcome) -> bool:
        """Whether running the diagram has the same result as the memo."""
        marking = None if self._here.flat is _BEGINNING else self._marking(self._here)
        execution = Execution(self._definition, marking, copied(self._here.data), now=self._now)
        execution.apply(action)
        done = execution.result()
        waiting = execution.waiting()
        if (
            done.passed == outcome.passed
            and done.is_ended == outcome.is_ended
            and _names(waiting) == _names(place.waiting)
            and (done.is_ended or flatten(done.marking, done.data) is not None)
        ):
            return True
        _log.error("memo differs from the diagram", extra={"passed": done.passed})
        self._memo.forget()
        return False


def _key(action: plan.Action, here: _Place) -> ActionKey | None:
    """The memo key of the action; None for one that must be run."""
    match action:
        case plan.Start():
            return ("start", "")
        case plan.Complete(token, _):
            return ("complete", "") if token in here.waiting.persons else None
        case plan.Answer(token, _):
            return ("answer", "") if here.call is not None and here.call.token == token else None
        case plan.Due(element):
            return ("due", element) if element in here.waiting.timers else None
        case plan.Message(name, _, element):
            return ("message", f"{name}@{element or ''}")
        case _:
            return None


def _brought(action: plan.Action) -> Mapping[str, Any]:
    """The data an action brings along."""
    match action:
        case plan.Start(data) | plan.Complete(_, data) | plan.Answer(_, data):
            return copied(data)
        case plan.Message(_, payload, _):
            return copied(payload)
        case _:
            return {}


def _standing(execution: Execution) -> Standing:
    waiting, call = execution.waiting(), execution.next_call()
    person = next(iter(waiting.persons.values()), None)
    return Standing(
        person=None if person is None else partial(plan.Opened, **_without_place(person)),
        call=None if call is None else partial(plan.Call, **_without_place(call)),
        timers=frozenset(waiting.timers),
        messages=waiting.messages,
    )


def _without_place(waiting: plan.Opened | plan.Call) -> dict[str, Any]:
    """The part that is the same for every case in this state."""
    known = waiting._asdict()
    del known["token"], known["data"]
    return known


def _standing_place(flat: Flat, data: dict[str, Any], standing: Standing) -> _Place:
    token = flat.leaf
    person, call = standing.person, standing.call
    persons = {} if person is None else {token: person(token=token, data=data)}
    waiting = Waiting(persons, dict.fromkeys(standing.timers), standing.messages)
    called = None if call is None else call(token=token, data=data)
    return _Place(data, waiting, called, flat=flat)


def _outcome(before: Flat, done: plan.Plan, place: _Place) -> Outcome:
    armed = frozenset(timer.element for timer in done.armed)
    if place.flat is None:
        return Outcome(b"", stays=False, passed=done.passed, armed=armed, is_ended=True)
    stays = place.flat.leaf == before.leaf
    return Outcome(place.flat.shape, stays=stays, passed=done.passed, armed=armed, is_ended=False)


def _names(waiting: Waiting) -> tuple[object, ...]:
    persons = sorted(task.element for task in waiting.persons.values())
    return persons, sorted(waiting.timers), sorted(waiting.messages)
