"""A marking reduced to its shape: what is alive and where, apart from numbers and data.

Most tasks of a marking see the same data, so each different document is kept once and the rest is
a *shape*: a few hundred bytes that thousands of cases share. `memo.memo` stores the effects of
actions on shapes. A marking with instances or correlations has no shape and stays as it is.

A process that only waits for the one it calls goes on with the data that one ends with: what its
own tasks held is never looked at again, and is not kept.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from engine.execution.differences import changed_document, difference
from engine.execution.layouts import (
    ALIVE,
    NOTHING,
    PARENT,
    STATE,
    Layout,
    kept_documents,
    laid_out,
    leaves_of,
    shape_row,
)
from engine.execution.spiff import FINISHED, STARTED

_ROW = 9  # number, parent, spec, state, internal, changed, dropped, order, triggered
_BEGUN = ALIVE | FINISHED
_UNUSED = 0  # any document will do
Rows = list[list[Any]]
Document = dict[str, Any]


class Flat(NamedTuple):
    """A marking by its shape, which is the same for every case in the same state.

    `leaves` are the numbers of the tasks that somebody waits for. The numbers of the others are
    not used outside: they are the last ones before `counter`, in the order of the shape.
    """

    shape: bytes
    counter: int
    leaves: tuple[int, ...]
    documents: tuple[Document, ...]

    def held(self) -> dict[int, int]:
        """The document of each task that has data, by number."""
        layout = layout_of(self.shape) if self.shape else Layout((), ())
        numbers = layout.numbers(self.counter, self.leaves)
        places = zip(numbers, layout.documents, strict=True)
        return {number: place for number, place in places if place != NOTHING}


def flatten(marking: bytes, data: Mapping[str, Any]) -> Flat | None:
    """The marking by its shape; None when it has none."""
    counter, _, rest = marking[1:-1].partition(b",")
    if rest.startswith(b"[["):
        return _read(marking, data, _ByContent())
    if rest.startswith(b"["):
        _, leaves, differences, shape = orjson.loads(marking)
        documents = tuple(kept_documents(data, differences))
        return Flat(shape.encode(), int(counter), tuple(leaves), documents)
    leaf, _, shape = rest.partition(b",")
    return Flat(shape, int(counter), (int(leaf),), (dict(data),))


def flatten_held(
    marking: bytes, data: Mapping[str, Any], held: Mapping[int, int]
) -> tuple[Flat, tuple[int, ...]] | None:
    """As `flatten` for a marking with numbers whose tasks hold known documents.

    Returns beside it which of the known documents each of its own was.
    """
    known = _ByOrigin(held)
    flat = _read(marking, data, known)
    return None if flat is None else (flat, tuple(known.origins))


def written(flat: Flat) -> bytes:
    """The marking as it is kept beside its first document."""
    if len(flat.leaves) == len(flat.documents) == 1:
        return b"[%d,%d,%b]" % (flat.counter, flat.leaves[0], flat.shape)
    first, *further = flat.documents
    differences = [difference(first, document) for document in further]
    return orjson.dumps([flat.counter, flat.leaves, differences, flat.shape.decode()])


@lru_cache(maxsize=4096)
def layout_of(shape: bytes) -> Layout:
    """The leaves of a shape, and the document that each of its tasks holds."""
    return laid_out(orjson.loads(shape))


class _ByContent:
    """Places for documents; equal ones get the same."""

    def __init__(self) -> None:
        self.documents: list[Document] = []

    def place(self, _number: int, data: Document, state: int) -> int | None:
        """The place of a task's document."""
        if not data and not state & _BEGUN:
            return NOTHING
        if data not in self.documents:
            self.documents.append(data)
        return self.documents.index(data)


class _ByOrigin:
    """Places for documents; those of the same origin get the same."""

    def __init__(self, held: Mapping[int, int]) -> None:
        self.documents: list[Document] = []
        self.origins: list[int] = []
        self._held = held

    def place(self, number: int, data: Document, _state: int) -> int | None:
        """The place of a task's document; None where the task holds another one than is known."""
        origin = self._held.get(number, NOTHING)
        if origin == NOTHING:
            return None if data else NOTHING
        if origin not in self.origins:
            self.origins.append(origin)
            self.documents.append(data)
        place = self.origins.index(origin)
        return place if self.documents[place] == data else None


def _read(
    marking: bytes, base: Mapping[str, Any], documents: _ByContent | _ByOrigin
) -> Flat | None:
    """The flat form of a marking with numbers."""
    counter, parts = orjson.loads(marking)
    reader = _Reader(base, documents)
    if any(correlations or not reader.read(owner, rows) for owner, _, correlations, rows in parts):
        return None
    states = [row[STATE] for *_, rows in parts for row in rows]
    numbers = list(reader.holding)
    return Flat(
        orjson.dumps([reader.shape_of(owner, last, rows) for owner, last, _, rows in parts]),
        counter + len(numbers),
        tuple(numbers[place] for place in leaves_of(states, len(parts[-1][-1]))),
        tuple(documents.documents),
    )


class _Reader:
    """Reads the processes of one marking, callers first, and notices what has no shape."""

    def __init__(self, base: Mapping[str, Any], documents: _ByContent | _ByOrigin) -> None:
        self.holding: dict[int, int] = {}
        self._base = base
        self._documents = documents
        self._data: dict[int, Mapping[str, Any]] = {}

    def read(self, owner: int, rows: Rows) -> bool:
        """Find the document of each task of one process; False when it has no shape."""
        above = self._data[owner] if owner else self._base
        only_waits = _only_waits_for_a_call(rows)
        for row in rows:
            number, parent, _, state, internal, changed, dropped, _, triggered = _whole(row)
            mother = above if parent < 0 else self._data[rows[parent][0]]
            data = changed_document(mother, changed, dropped)
            is_unused = only_waits and state & _BEGUN
            place = _UNUSED if is_unused else self._documents.place(number, data, state)
            if triggered or not _is_plain(internal) or place is None:
                return False
            self._data[number], self.holding[number] = data, place
        return True

    def shape_of(self, owner: int, last: int, rows: Rows) -> list[Any]:
        """One process without numbers and data."""
        return [self._place_of(owner), self._place_of(last), [self._row(row) for row in rows]]

    def _place_of(self, number: int) -> int:
        """Place of a task among all of the marking; -1 for none."""
        return list(self.holding).index(number) if number else -1

    def _row(self, short: list[Any]) -> list[Any]:
        number, parent, spec, state, internal, _, _, order, _ = _whole(short)
        return shape_row([parent, spec, state, internal, order], self.holding[number])


def _whole(row: list[Any]) -> list[Any]:
    return row + [0] * (_ROW - len(row))


def _is_plain(internal: Any) -> bool:
    return not internal or set(internal) == {"event_value"}


def _only_waits_for_a_call(rows: Rows) -> bool:
    """Whether one call is all that is alive, and nothing has ended beside it."""
    living = [row for row in rows if row[STATE] & ALIVE]
    if len(living) != 1 or living[0][STATE] != STARTED:
        return False
    above, row = 1, living[0]
    while row[PARENT] >= 0:
        above, row = above + 1, rows[row[PARENT]]
    return above == sum(1 for row in rows if row[STATE] & _BEGUN)
