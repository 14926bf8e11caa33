"""A marking kept by its shape, and the numbers and data of its tasks put back into it.

The memo writes markings in this form; every reader of a marking must support it, so that a case
continues when the memo is switched off. A shape is a list of `[owner, last, rows]`, places among
all tasks instead of numbers, and each row is

    [parent, spec, state, internal, order, holds]

with trailing zeros left out: `holds` is 0 for the first document, 1 for no data yet, and one more
than its place for each further document. A marking is kept as `[counter, leaf, shape]` where one
task continues and all tasks see one document, and as `[counter, leaves, differences, shape]`
otherwise: the numbers of the tasks that somebody waits for, how the further documents differ from
the first, and the shape as a text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from engine.execution.copies import copied
from engine.execution.differences import HOLDS_LITTLE, changed_document
from engine.execution.spiff import READY, STARTED, WAITING

PARENT, STATE = 1, 3
"""Places in a row of a marking."""
ALIVE = READY | STARTED | WAITING
NOTHING = -1
"""Instead of the place of a document: a task that has no data yet."""
_FIRST, _NO_DATA = 0, 1
_SHAPE_ROW = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of a shape's leaves among its tasks, and the document that each task holds."""

    leaves: tuple[int, ...]
    documents: tuple[int, ...]

    def numbers(self, counter: int, leaves: Sequence[int]) -> list[int]:
        """The numbers of all tasks: the last ones before `counter`, but for the leaves."""
        size = len(self.documents)
        numbers = list(range(counter - size + 1, counter + 1))
        for place, number in zip(self.leaves, leaves, strict=True):
            numbers[place] = number
        return numbers


def laid_out(shapes: list[Any]) -> Layout:
    """Find the leaves of a shape, and what its tasks hold."""
    rows = [_whole(row) for *_, part in shapes for row in part]
    leaves = leaves_of([row[STATE - 1] for row in rows], len(shapes[-1][-1]))
    return Layout(leaves, tuple(_document_at(row[-1]) for row in rows))


def leaves_of(states: Sequence[int], in_last: int) -> tuple[int, ...]:
    """The places of the tasks that somebody waits for; without one, of the innermost event.

    `in_last` is how many tasks the last process has.
    """
    ready = tuple(place for place, state in enumerate(states) if state == READY)
    inner = range(len(states) - in_last, len(states))
    return ready or tuple(place for place in inner if states[place] & ALIVE)[:1]


def shape_row(row: list[Any], document: int) -> list[Any]:
    """Parent, spec, state, internal and order of a row, and the document it holds."""
    parent, spec, state, internal, order = row
    holds = _NO_DATA if document == NOTHING else document + (document != _FIRST)
    short = [parent, spec, state, internal, order, holds]
    while not short[-1]:
        short.pop()
    return short


def _document_at(holds: int) -> int:
    """The place of the document a row of a shape holds."""
    return NOTHING if holds == _NO_DATA else holds - (holds != _FIRST)


def kept_documents(base: Mapping[str, Any], differences: list[Any]) -> list[dict[str, Any]]:
    """All documents of a marking that keeps how the further ones differ from the first."""
    return [dict(base), *(changed_document(base, *each) for each in differences)]


def numbered(kept: list[Any], base: Mapping[str, Any]) -> tuple[int, list[Any]]:
    """Return a kept marking (as `orjson.loads` gives it) with numbers and data of its tasks."""
    counter, leaves, *rest = kept
    documents: Sequence[Mapping[str, Any]]
    if isinstance(leaves, int):
        leaves, shapes, documents = [leaves], rest[0], [base]
    else:
        documents, shapes = kept_documents(base, rest[0]), orjson.loads(rest[1])
    numbers = laid_out(shapes).numbers(counter, leaves)
    place = iter(numbers)
    parts = []
    for owner, last, rows in shapes:
        known = [[next(place), *_with_data(_whole(row), documents)] for row in rows]
        parts.append([_number(numbers, owner), _number(numbers, last), 0, known])
    return counter, parts


def _whole(row: list[Any]) -> list[Any]:
    return row + [0] * (_SHAPE_ROW - len(row))


def _with_data(row: list[Any], documents: Sequence[Mapping[str, Any]]) -> list[Any]:
    *placed, order, holds = row
    document = _document_at(holds)
    data = 0 if document == NOTHING else copied(documents[document])
    return [*placed, data, HOLDS_LITTLE, order]


def _number(numbers: list[int], place: int) -> int:
    return 0 if place < 0 else numbers[place]
