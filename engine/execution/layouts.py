"""A marking kept as `[counter, leaf, shape]`, and the numbers of its tasks put back into it.

The memo writes markings in this form; every reader of a marking must support it, so that a case
continues when the memo is switched off.
"""

from dataclasses import dataclass
from typing import Any

from engine.execution.spiff import READY, STARTED, WAITING

STATE = 3
"""Place of the state in a row of a marking."""
_ALIVE = READY | STARTED | WAITING


@dataclass(frozen=True, slots=True)
class Layout:
    """How many tasks a shape has, and the place of its leaf among them."""

    size: int
    leaf: int


def laid_out(shapes: list[Any]) -> Layout:
    """Count the tasks of a shape and find the one that somebody or something is waited for."""
    size = sum(len(rows) for _, _, rows in shapes)
    last = shapes[-1][2]
    first = size - len(last)
    states = [row[STATE - 1] for row in last]
    living = [place for place, state in enumerate(states) if state & _ALIVE]
    ready = [place for place in living if states[place] == READY]
    return Layout(size, first + (ready or living)[0])


def numbered(counter: int, leaf: int, shapes: list[Any]) -> tuple[int, list[Any]]:
    """Return a kept marking (as `orjson.loads` gives it) with the numbers of its tasks in it."""
    layout = laid_out(shapes)
    numbers = list(range(counter - layout.size + 1, counter + 1))
    numbers[layout.leaf] = leaf
    place = iter(numbers)
    parts = []
    for owner, last, rows in shapes:
        known = [[next(place), *row] for row in rows]
        parts.append([_number(numbers, owner), _number(numbers, last), 0, known])
    return counter, parts


def _number(numbers: list[int], place: int) -> int:
    return 0 if place < 0 else numbers[place]
