"""A random walk through a drawing with both engines side by side."""

from random import Random

from engine.execution import plan
from tests.engine.equivalence.chance import Chance
from tests.engine.equivalence.drawing import Drawing
from tests.engine.equivalence.ours import OurCase, drawn
from tests.engine.equivalence.seen import Seen, moment
from tests.engine.equivalence.stock import Clock, StockCase, StockDrawing


class Course:
    """A drawing as both engines have it, to be walked many times."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.ours = drawn(drawing)
        self.theirs = StockDrawing(drawing)


class Walk:
    """Two cases that are given the same actions; `story` is what was done, for the reader."""

    def __init__(self, course: Course, rnd: Random, told: str) -> None:
        self.ours = OurCase(course.ours)
        self.theirs = StockCase(course.theirs)
        self.story = [told]
        self._chance = Chance(course.drawing, rnd)

    def go(self, steps: int) -> int:
        """At most that many actions; returns how many were gone."""
        self._both(self._chance.start())
        for turn in range(1, steps):
            action = self._chance.next_action(self.ours)
            if action is None:
                return turn
            self._both(action)
        return steps

    def _both(self, action: plan.Action) -> None:
        self.story.append(str(action))
        Clock.present = moment(len(self.story))
        theirs = self._theirs(action)
        assert_same(self.ours.act(action, Clock.present), theirs, self.story)

    def _theirs(self, action: plan.Action) -> Seen:
        call = self.ours.last.call if self.ours.last else None
        match action:
            case plan.Start(data):
                return self.theirs.start(data)
            case plan.Complete(token, data):
                task = self.ours.tasks[token]
                return self.theirs.complete(task.element, data, task.data)
            case plan.Answer(_, data) if call:
                return self.theirs.complete(call.element, data, call.data)
            case plan.Fail(_, code) if call:
                return self.theirs.fail(call.element, code)
            case plan.Due(element):
                return self.theirs.fire(element)
            case plan.Message(name, payload, str(element)):
                return self.theirs.receive(name, element, payload)
        raise AssertionError(action)


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
