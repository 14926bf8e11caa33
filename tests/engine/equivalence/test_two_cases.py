"""Cases talking by messages: what one throws finds the case that waits for it, in both engines.

Between cases stands the post: a thrown message is offered to every case. The stock engine says
itself whether a case takes it; for ours the post reads name and correlation, as the runner does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import pytest
from SpiffWorkflow.bpmn import BpmnEvent

from engine.execution import plan
from tests.engine.equivalence.chance import seeded
from tests.engine.equivalence.diagrams import ANSWERING, ASKING
from tests.engine.equivalence.drawing import Drawing
from tests.engine.equivalence.ours import OurCase, drawn
from tests.engine.equivalence.seen import Seen, moment
from tests.engine.equivalence.stock import Clock, StockCase, StockDrawing
from tests.engine.equivalence.walk import assert_same


@dataclass
class Pair:
    """The same case in both engines."""

    name: str
    ours: OurCase
    theirs: StockCase
    seen: Seen | None = None


def test_question_and_answer_reach_the_case_they_are_meant_for() -> None:
    office = Office()
    asker, answerer = office.begin("asker", ASKING), office.begin("answerer", ANSWERING)

    office.complete(answerer, "open", {})
    office.complete(asker, "write", {"letter": {"number": 7}})
    office.complete(answerer, "think", {"reply": {"number": 7, "verdict": "yes"}})

    assert office.delivered == ["asked 7 to answerer", "answered 7 to asker"]
    assert open_of(asker)[0].data["verdict"] == "yes"
    assert answerer.seen is not None
    assert answerer.seen.is_ended


def test_an_answer_with_another_number_is_nobodys() -> None:
    office = Office()
    asker, answerer = office.begin("asker", ASKING), office.begin("answerer", ANSWERING)

    office.complete(answerer, "open", {})
    office.complete(asker, "write", {"letter": {"number": 7}})
    office.complete(answerer, "think", {"reply": {"number": 8}})

    assert office.delivered == ["asked 7 to answerer"]
    assert [one.name for one in office.unclaimed] == ["answered"]
    assert open_of(asker) == []


@pytest.mark.parametrize("number", range(20))
def test_three_askers_and_three_answerers_talk_in_any_order(number: int) -> None:
    office, rnd = Office(), seeded(f"talk {number}")
    numbers = {f"asker {place}": place for place in range(3)}
    pairs = [office.begin(name, ASKING) for name in numbers]
    pairs += [office.begin(f"answerer {place}", ANSWERING) for place in range(3)]

    while open_pairs := [pair for pair in pairs if open_of(pair)]:
        pair = rnd.choice(open_pairs)
        task = open_of(pair)[0]
        office.complete(pair, task.element, form(pair.name, task, numbers, rnd))
        office.offer_unclaimed()

    assert office.unclaimed == []
    assert all(pair.seen is not None and pair.seen.is_ended for pair in pairs)
    answered = [one for one in office.delivered if one.startswith("answered")]
    assert sorted(answered) == [f"answered {place} to asker {place}" for place in range(3)]


def form(
    name: str, task: plan.Opened, numbers: Mapping[str, int], rnd: Random
) -> dict[str, object]:
    """What is written into a task: a question bears its number, an answer that of the question."""
    if task.element == "write":
        return {"letter": {"number": numbers[name]}}
    if task.element == "think":
        return {"reply": {"number": task.data["number"], "verdict": rnd.choice(["yes", "no"])}}
    return {}


def open_of(pair: Pair) -> list[plan.Opened]:
    """Open tasks of our case."""
    return list(pair.ours.tasks.values())


class Office:
    """Cases of both engines and the messages between them."""

    def __init__(self) -> None:
        self._pairs: list[Pair] = []
        self._turn = 0
        self._letters: list[tuple[plan.Thrown, BpmnEvent]] = []
        self.delivered: list[str] = []

    @property
    def unclaimed(self) -> list[plan.Thrown]:
        """Messages nobody waits for yet."""
        return [thrown for thrown, _ in self._letters]

    def begin(self, name: str, drawing: Drawing) -> Pair:
        """Start the same case in both engines."""
        pair = Pair(name, OurCase(drawn(drawing)), StockCase(StockDrawing(drawing)))
        self._pairs.append(pair)
        self._same(pair, plan.Start({}), lambda: pair.theirs.start({}))
        return pair

    def complete(self, pair: Pair, element: str, data: Mapping[str, object]) -> None:
        """Complete a task in both engines, then carry the post."""
        (token,) = pair.ours.tokens(element)
        before = pair.ours.tasks[token].data
        self._same(
            pair,
            plan.Complete(token, data),
            lambda: pair.theirs.complete(element, data, before),
        )
        self.offer_unclaimed()

    def offer_unclaimed(self) -> None:
        """Offer every message to every case in turn; the first that takes it has it."""
        letters, self._letters = self._letters, []
        self._letters += [letter for letter in letters if not self._is_taken(*letter)]

    def _is_taken(self, thrown: plan.Thrown, event: BpmnEvent) -> bool:
        for pair in self._pairs:
            element = waiting_for(pair.ours, thrown)
            if element is None:
                assert pair.theirs.offer(event) is None
                continue
            self.delivered.append(f"{thrown.name} {thrown.payload['number']} to {pair.name}")
            self._same(
                pair,
                plan.Message(thrown.name, thrown.payload, element),
                lambda taker=pair: taker.theirs.offer(event),
            )
            return True
        return False

    def _same(self, pair: Pair, action: plan.Action, their_action: object) -> None:
        self._turn += 1
        Clock.present = moment(self._turn)
        theirs = their_action()  # type: ignore[operator]
        pair.seen = pair.ours.act(action, Clock.present)
        assert_same(pair.seen, theirs, [f"{pair.name}: {action}"])
        assert pair.ours.last is not None
        self._letters += zip(pair.ours.last.thrown, pair.theirs.thrown, strict=True)


def waiting_for(case: OurCase, thrown: plan.Thrown) -> str | None:
    """Where a case waits for a message: same name, and nothing known that contradicts it."""
    for one in case.awaited.values():
        known = one.correlation
        agrees = not known or any(known.get(key) == thrown.correlation[key] for key in known)
        if one.name == thrown.name and agrees:
            return one.element
    return None
