"""A random walk through a drawing with both engines side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from engine import plan
from tests.engine.equivalence.drawing import Drawing
from tests.engine.equivalence.ours import Drawn, OurCase, drawn
from tests.engine.equivalence.seen import Seen, moment
from tests.engine.equivalence.stock import Clock, StockCase, StockDrawing
from tests.engine.equivalence.vocabulary import Vocabulary, everything, something, vocabulary

Data = Mapping[str, Any]


def seeded(text: str) -> Random:
    """Chance that comes out the same every time."""
    return Random(text)  # noqa: S311 - a walk, not a secret


@dataclass(frozen=True)
class Course:
    """A drawing as both engines have it, and the values to try on it."""

    drawing: Drawing
    ours: Drawn
    stock: StockDrawing
    words: Vocabulary
    error_codes: tuple[str, ...]


def course(drawing: Drawing) -> Course:
    """Parse a drawing for both engines."""
    codes = {
        text.split('"', 1)[0]
        for file in drawing.files.values()
        for text in file.split('errorCode="')[1:]
    }
    return Course(
        drawing, drawn(drawing), StockDrawing(drawing), vocabulary(drawing), tuple(sorted(codes))
    )


class Walk:
    """Two cases that are given the same actions; `story` is what was done, for the reader."""

    def __init__(self, course: Course, rnd: Random) -> None:
        self.course = course
        self.rnd = rnd
        self.ours = OurCase(course.ours)
        self.theirs = StockCase(course.stock)
        self.story: list[str] = []
        self.seen: Seen | None = None

    def start(self) -> None:
        """Begin both cases with the same data."""
        data = everything(self.course.words, self.rnd)
        self._both("start", plan.Start(data), lambda: self.theirs.start(data))

    def go(self, steps: int) -> int:
        """At most that many steps; returns how many were gone."""
        for turn in range(steps):
            if not self.step():
                return turn
        return steps

    def step(self) -> bool:
        """One random action of those that are possible; False when the case has ended."""
        call = self.ours.last.call if self.ours.last else None
        if call is not None:
            self._answer(call)
            return True
        choices = [
            *(("complete", token) for token in self.ours.tasks),
            *(("fire", element) for element in self.ours.timers),
            *(("receive", element) for element in self.ours.awaited),
        ]
        if not choices:
            return False
        kind, which = self.rnd.choice(choices)
        getattr(self, f"_{kind}")(which)
        return True

    def _answer(self, call: plan.Call) -> None:
        if self.course.error_codes and self.rnd.random() < 0.3:
            code = self.rnd.choice(self.course.error_codes)
            self._both(
                f"fail {call.element} {code}",
                plan.Fail(call.token, code),
                lambda: self.theirs.fail(call.element, code),
            )
            return
        data = self._data()
        self._both(
            f"answer {call.element}",
            plan.Answer(call.token, data),
            lambda: self.theirs.complete(call.element, data, call.data),
        )

    def _complete(self, token: int) -> None:
        task, data = self.ours.tasks[token], self._data()
        self._both(
            f"complete {task.element} {data}",
            plan.Complete(token, data),
            lambda: self.theirs.complete(task.element, data, task.data),
        )

    def _fire(self, element: str) -> None:
        self._both(f"fire {element}", plan.Due(element), lambda: self.theirs.fire(element))

    def _receive(self, element: str) -> None:
        name, data = self.ours.awaited[element].name, everything(self.course.words, self.rnd)
        self._both(
            f"receive {name} at {element} {data}",
            plan.Message(name, data, element),
            lambda: self.theirs.receive(name, element, data),
        )

    def _data(self) -> Data:
        return something(self.course.words, self.rnd)

    def _both(self, told: str, action: plan.Action, their_action: Any) -> None:  # noqa: ANN401
        self.story.append(told)
        Clock.present = moment(len(self.story))
        theirs = their_action()
        ours = self.ours.act(action, Clock.present)
        self.seen = ours
        assert_same(ours, theirs, self.story)


def assert_same(ours: Seen, theirs: Seen, story: list[str]) -> None:
    """Both engines show the same; what was done stands in the failure."""
    told = "\n".join(story)
    assert ours.tasks == theirs.tasks, told
    assert ours.timers == theirs.timers, told
    assert ours.awaited == theirs.awaited, told
    assert ours.thrown == theirs.thrown, told
    assert ours.calls <= theirs.calls, told
    assert bool(ours.calls) is bool(theirs.calls), told
    assert ours.is_ended is theirs.is_ended, told
    assert ours.data == theirs.data, told
