"""Chance in charge of a case: which of the possible actions comes next, and with which data."""

from random import Random

from engine.execution import plan
from tests.engine.equivalence.drawing import Drawing
from tests.engine.equivalence.ours import OurCase
from tests.engine.equivalence.vocabulary import everything, something, vocabulary


def seeded(text: str) -> Random:
    """Chance that comes out the same every time."""
    return Random(text)  # noqa: S311 - a walk, not a secret


class Chance:
    """The next action of a case, drawn from those that are possible."""

    def __init__(self, drawing: Drawing, rnd: Random) -> None:
        self._words = vocabulary(drawing)
        self._codes = sorted(
            {
                part.split('"', 1)[0]
                for text in drawing.files.values()
                for part in text.split('errorCode="')[1:]
            }
        )
        self._rnd = rnd

    def start(self) -> plan.Action:
        """Begin with a value for every variable."""
        return plan.Start(everything(self._words, self._rnd))

    def next_action(self, case: OurCase) -> plan.Action | None:
        """What is done next; None when the case has ended."""
        call = case.last.call if case.last else None
        if call is not None:
            return self._answer(call)
        choices = [
            *((self._complete, token) for token in case.tasks),
            *((self._fire, element) for element in case.timers),
            *((self._receive, one) for one in case.awaited.values()),
        ]
        if not choices:
            return None
        act, which = self._rnd.choice(choices)
        return act(which)

    def _answer(self, call: plan.Call) -> plan.Action:
        if self._codes and self._rnd.random() < 0.3:
            return plan.Fail(call.token, self._rnd.choice(self._codes))
        return plan.Answer(call.token, something(self._words, self._rnd))

    def _complete(self, token: int) -> plan.Action:
        return plan.Complete(token, something(self._words, self._rnd))

    def _fire(self, element: str) -> plan.Action:
        return plan.Due(element)

    def _receive(self, one: plan.Awaited) -> plan.Action:
        return plan.Message(one.name, everything(self._words, self._rnd), one.element)
