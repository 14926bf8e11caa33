"""Every diagram behaves under `step` as under the stock engine with full serialisation.

The stock engine is started, fed and read through its own interfaces only; before each action its
case is written to JSON, specs included, and read again. HANGJI_WALKS sets the walks per diagram.
"""

import os

import pytest

from tests.engine.equivalence.chance import seeded
from tests.engine.equivalence.diagrams import FURTHER
from tests.engine.equivalence.drawing import SHIPPED, Drawing
from tests.engine.equivalence.walk import Course, Walk

WALKS = int(os.environ.get("HANGJI_WALKS", "6"))
STEPS = 40


@pytest.mark.parametrize("name", sorted(FURTHER))
def test_a_further_diagram_goes_the_same_way_in_both_engines(name: str) -> None:
    assert walked(FURTHER[name], name) > WALKS


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_diagram_goes_the_same_way_in_both_engines(name: str) -> None:
    assert walked(SHIPPED[name], name) > WALKS


def walked(drawing: Drawing, name: str) -> int:
    """Walk a diagram some times; returns the steps gone. A failing walk tells its seed."""
    course = Course(drawing)
    walks = (f"walk {number} of {name}" for number in range(WALKS))
    return sum(Walk(course, seeded(told), told).go(STEPS) for told in walks)
