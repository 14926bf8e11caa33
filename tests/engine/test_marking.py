"""A marking: small, exact, the same for the same step; and the definitions cases share."""

import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from types import MethodType
from typing import Any

import orjson
import pytest

from engine.execution import marking as codec
from engine.execution import plan
from engine.execution.execution import step
from engine.execution.layouts import numbered
from engine.execution.memo.shapes import flatten, written
from engine.execution.spiff import Evaluator, workflows
from engine.execution.workflow import LivingWorkflow
from tests.engine.equivalence.chance import Chance, seeded
from tests.engine.equivalence.diagrams import BOUNDARIES, FURTHER, NESTED_CALLS
from tests.engine.equivalence.drawing import SHIPPED, Drawing
from tests.engine.equivalence.loops import (
    BESIDE_A_LOOP,
    INSTANCES_FAR_AHEAD,
    LOOP,
    LOOP_IN_CALL,
    LOOP_WITH_JOIN,
)
from tests.engine.equivalence.ours import Drawn, OurCase, drawn
from tests.engine.equivalence.seen import EPOCH, Seen, moment

EVERY = {
    **FURTHER,
    **SHIPPED,
    "loop_with_join": LOOP_WITH_JOIN,
    "beside_a_loop": BESIDE_A_LOOP,
    "instances_far_ahead": INSTANCES_FAR_AHEAD,
}
WALKS = 3
STEPS = 30
NEVER = "9999-12-30T00:00:00+08:00"


class CheckedCase(OurCase):
    """A case whose every step is gone twice, its marking read and written again."""

    def act(self, action: plan.Action, now: datetime) -> Seen:
        """One step and what must be true of it."""
        data, given = deepcopy(self.data), deepcopy(action)
        first = step(self.definition, self.marking, action, self.data, now=now)
        again = step(self.definition, self.marking, action, self.data, now=now)

        assert first == again
        assert first.marking == again.marking
        assert (self.data, action) == (data, given), "what was given is as it was"
        if not first.is_ended:
            assert rewritten(self.definition, first.marking, first.data) == first.marking
            check_flat(self.definition, first.marking, first.data)
        return super().act(action, now)


def check_flat(definition: Drawn, marking: bytes, data: Mapping[str, Any]) -> None:
    """A marking kept as a shape is, read by the engine, the marking it was, under new numbers."""
    flat = flatten(marking, data)
    if flat is None:
        return
    kept, document = written(flat), flat.documents[0]
    assert flatten(kept, document) == flat
    counter, parts = numbered(orjson.loads(kept), document)
    numbers = [row[0] for *_, rows in parts for row in rows]
    assert set(flat.leaves) <= set(numbers)
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) <= counter == flat.counter
    again = flatten(rewritten(definition, kept, document), document)
    assert again is not None
    assert again._replace(counter=counter) == flat


def rewritten(definition: Drawn, marking: bytes, data: Mapping[str, Any]) -> bytes:
    """The marking after reading and writing it."""
    written, base = codec.dump(loaded(definition, marking, data), definition.names)
    assert base == data
    return written


def loaded(definition: Drawn, marking: bytes, data: Mapping[str, Any]) -> LivingWorkflow:
    workflow = LivingWorkflow(definition.top, definition.called, Evaluator(EPOCH))
    codec.load(marking, data, definition.names, workflow)
    return workflow


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_step_is_pure_and_its_marking_reads_and_writes_the_same(name: str) -> None:
    definition = drawn(EVERY[name])
    for number in range(WALKS):
        walk(CheckedCase(definition), EVERY[name], f"marking {number} of {name}")


@pytest.mark.parametrize("name", sorted(EVERY))
def test_cases_leave_the_definition_they_share_as_it_was(name: str) -> None:
    definition = drawn(EVERY[name])
    before = picture(definition)
    for number in range(WALKS):
        walk(OurCase(definition), EVERY[name], f"shared {number} of {name}")

    assert picture(definition) == before


@pytest.mark.parametrize("name", sorted(EVERY))
def test_cases_on_one_definition_do_not_see_each_other(name: str) -> None:
    definition, drawing = drawn(EVERY[name]), EVERY[name]
    alone = [walk(OurCase(definition), drawing, f"{number}") for number in range(WALKS)]

    cases = [OurCase(definition) for _ in range(WALKS)]
    chances = [Chance(drawing, seeded(f"{number}")) for number in range(WALKS)]
    for case, chance in zip(cases, chances, strict=True):
        case.act(chance.start(), moment(0))
    for turn in range(1, STEPS):
        for case, chance in zip(cases, chances, strict=True):
            action = chance.next_action(case)
            if action is not None:
                case.act(action, moment(turn))

    assert [case.marking for case in cases] == [case.marking for case in alone]
    assert [case.data for case in cases] == [case.data for case in alone]


@pytest.mark.parametrize("name", sorted(EVERY))
def test_the_number_of_a_task_is_never_given_again(name: str) -> None:
    chance = Chance(EVERY[name], seeded(f"numbers of {name}"))
    case, counter, known = OurCase(drawn(EVERY[name])), 0, set[int]()
    action: plan.Action | None = chance.start()

    for turn in range(STEPS):
        if action is None:
            break
        case.act(action, moment(turn))
        if case.marking:
            now_counter, parts = orjson.loads(case.marking)
            numbers = [row[0] for part in parts for row in part[3]]
            assert len(set(numbers)) == len(numbers)
            assert all(counter < number <= now_counter for number in numbers if number not in known)
            counter, known = now_counter, set(numbers)
        action = chance.next_action(case)


@pytest.mark.parametrize(
    ("drawing", "element"),
    [(LOOP, "turn"), (LOOP_IN_CALL, "work.turn"), (BOUNDARIES, "work")],
    ids=["plain", "in a called process", "beside an open task"],
)
def test_a_marking_is_as_long_after_2000_turns_as_after_100(drawing: Drawing, element: str) -> None:
    case, lengths = OurCase(drawn(drawing)), {}
    case.act(plan.Start({"more": "yes", "outcome": "again", "due_at": NEVER}), EPOCH)
    if drawing is BOUNDARIES:
        case.act(plan.Due("half_time"), EPOCH)

    for turn in range(1, 2001):
        (token,) = case.tokens(element)
        case.act(plan.Complete(token, {"n": turn}), EPOCH)
        if turn in {100, 2000}:
            lengths[turn] = len(without_numbers(case.marking)), len(case.data)

    assert lengths[100] == lengths[2000]


def test_a_loaded_task_shares_nothing_with_another() -> None:
    case = OurCase(drawn(NESTED_CALLS))
    start = Chance(NESTED_CALLS, seeded("sharing")).start()
    assert isinstance(start, plan.Start)
    case.act(plan.Start({**start.data, "place": {"tags": ["food"]}}), EPOCH)
    workflow = loaded(case.definition, case.marking or b"", case.data)

    places = [
        task.data["place"]
        for part in workflows(workflow)
        for task in part.tasks.values()
        if "place" in task.data
    ]
    places[0]["tags"].append("fire")

    assert len(places) > 5
    assert all(place == {"tags": ["food"]} for place in places[1:])
    assert case.data["place"] == {"tags": ["food"]}


def test_an_ended_case_has_no_marking() -> None:
    case = OurCase(drawn(LOOP))
    case.act(plan.Start({"more": "no"}), EPOCH)
    (token,) = case.tasks

    seen = case.act(plan.Complete(token, {"n": 1}), EPOCH)

    assert seen.is_ended
    assert case.marking == b""
    assert case.data == {"more": "no", "n": 1}


def walk(case: OurCase, drawing: Drawing, seed: str) -> OurCase:
    """Go some random steps."""
    chance = Chance(drawing, seeded(seed))
    action: plan.Action | None = chance.start()
    for turn in range(STEPS):
        if action is None:
            break
        case.act(action, moment(turn))
        action = chance.next_action(case)
    return case


def without_numbers(marking: bytes | None) -> bytes:
    """Numbers grow wider with time, and nothing else may."""
    return re.sub(rb"\d+", b"0", marking or b"")


def picture(definition: Drawn) -> str:
    """Everything that hangs on the specs, callbacks included, as text."""
    return repr(_picture([definition.top, *definition.called.values()], set()))


def _picture(value: Any, seen: set[int]) -> Any:
    if isinstance(value, dict):
        return {str(key): _picture(one, seen) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [_picture(one, seen) for one in value]
    if isinstance(value, MethodType):
        return value.__qualname__
    if not hasattr(value, "__dict__"):
        return repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
    if id(value) in seen:
        return type(value).__name__
    seen.add(id(value))
    return [type(value).__name__, _picture(vars(value), seen)]
