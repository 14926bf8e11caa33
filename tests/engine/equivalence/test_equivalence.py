"""Every diagram behaves under `step` as under the stock engine with full serialisation.

The stock engine is started, fed and read through its own interfaces only; before each action its
case is written to JSON, specs included, and read again. HANGJI_WALKS sets the walks per diagram.
"""

import os
from pathlib import Path

import pytest

from tests.engine.equivalence.diagrams import FURTHER
from tests.engine.equivalence.drawing import Drawing
from tests.engine.equivalence.walk import Course, Walk, course, seeded

WALKS = int(os.environ.get("HANGJI_WALKS", "6"))
STEPS = 40
BPMN = Path(__file__).resolve().parents[3] / "bpmn"
FILES = {path.name: path.read_text() for path in sorted(BPMN.glob("*.bpmn"))}
SHIPPED = {path.stem: Drawing(path.stem, FILES) for path in sorted(BPMN.glob("*.bpmn"))}


@pytest.mark.parametrize("name", sorted(FURTHER))
def test_a_further_diagram_goes_the_same_way_in_both_engines(name: str) -> None:
    assert walked(name, course(FURTHER[name])) > WALKS


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_diagram_goes_the_same_way_in_both_engines(name: str) -> None:
    assert walked(name, course(SHIPPED[name])) > WALKS


def walked(name: str, course: Course) -> int:
    """Walk a diagram some times; returns the steps gone. A failing walk tells its seed."""
    steps = 0
    for number in range(WALKS):
        walk = Walk(course, seeded(f"{name} {number}"))
        walk.story.append(f"walk {number} of {name}")
        walk.start()
        steps += walk.go(STEPS)
    return steps
