"""A marking reduced to its shape: what is alive and where, apart from numbers and data.

Most markings have one open thread: a chain of called processes with a single person, service or
event at its end, and the boundary events beside it. Then every open task sees the same data, so
the data can be stored beside the marking as one document and the rest is a *shape*: a few hundred
bytes that thousands of cases share. `memo.memo` stores the effects of actions on shapes. A marking
with parallel branches, instances, arrived joins or correlations is not flat and stays as it is.

A flat marking is kept as `[counter, leaf, shape]`: reading it is cutting it in three.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from engine.execution.layouts import STATE, Layout, laid_out
from engine.execution.spiff import FINISHED, READY, STARTED, WAITING

_ROW = 9  # number, parent, spec, state, internal, changed, dropped, order, triggered
_PLACED = 4  # the first of them, which every row has
_NOTHING = [0] * (_ROW - _PLACED)
_ALIVE = READY | STARTED | WAITING
_HOLDS_SOMETHING = _ALIVE | FINISHED
_HOLDS_LITTLE = 1
Rows = list[list[Any]]


class Flat(NamedTuple):
    """A flat marking: `shape` is the same for every case in the same state.

    `leaf` is the number of the one task that waits. The numbers of the others are not used
    outside: they are the last ones before `counter`, in the order of the shape.
    """

    shape: bytes
    counter: int
    leaf: int


def flatten(marking: bytes, data: Mapping[str, Any]) -> tuple[Flat, dict[str, Any]] | None:
    """The flat form of a marking and the document that all of it sees; None when it has none."""
    counter, _, rest = marking[1:-1].partition(b",")
    if not rest.startswith(b"["):
        leaf, _, shape = rest.partition(b",")
        return Flat(shape, int(counter), int(leaf)), dict(data)
    reader = _ShapeReader(data)
    shapes = []
    parts = orjson.loads(rest)
    for place, (owner, last, correlations, rows) in enumerate(parts):
        is_last = place == len(parts) - 1
        if correlations or not reader.read(owner, rows, is_last=is_last):
            return None
        shapes.append([reader.place_of(owner), reader.place_of(last), reader.shape_of(rows)])
    if reader.leaf is None:
        return None
    size = len(reader.numbers)
    flat = Flat(orjson.dumps(shapes), int(counter) + size, reader.numbers[reader.leaf])
    return flat, reader.leaf_data


def written(flat: Flat) -> bytes:
    """The marking of a flat form, as it is kept: `[counter, leaf, shape]`."""
    return b"[%d,%d,%b]" % (flat.counter, flat.leaf, flat.shape)


def moved(flat: Flat, shape: bytes, *, stays: bool) -> Flat:
    """Where a step to another shape leads: all tasks are new, but a leaf that stays."""
    layout = _layout_of(shape)
    leaf = flat.leaf if stays else flat.counter + 1 + layout.leaf
    return Flat(shape, flat.counter + layout.size, leaf)


@lru_cache(maxsize=4096)
def _layout_of(shape: bytes) -> Layout:
    return laid_out(orjson.loads(shape))


class _ShapeReader:
    """Reads the parts of one marking, callers first, and notices what is not flat."""

    def __init__(self, base: Mapping[str, Any]) -> None:
        self.numbers: list[int] = []
        self.leaf: int | None = None
        self.leaf_data: dict[str, Any] = {}
        self._base = base
        self._data: dict[int, Mapping[str, Any]] = {}

    def place_of(self, number: int) -> int:
        """Place of a task among all of the marking; -1 for none."""
        return self.numbers.index(number) if number else -1

    def read(self, owner: int, rows: Rows, *, is_last: bool) -> bool:
        """Take one part in; False when it is not flat."""
        above = self._data[owner] if owner else self._base
        known: list[Mapping[str, Any]] = []
        living: list[int] = []
        for row in rows:
            number, parent, _, state = row[:_PLACED]
            data = above if parent < 0 else known[parent]
            if len(row) > _PLACED:
                internal, changed, dropped, order, triggered = (row + _NOTHING)[_PLACED:_ROW]
                if order or triggered or not _is_plain(internal):
                    return False
                data = _data_of(data, changed, dropped)
            known.append(data)
            self._data[number] = data
            if state & _ALIVE:
                living.append(len(self.numbers))
            self.numbers.append(number)
        return self._take_living(living, rows, is_last=is_last)

    def _take_living(self, living: list[int], rows: Rows, *, is_last: bool) -> bool:
        """One caller in every part but the last; there one leaf, and events beside it."""
        first = len(self.numbers) - len(rows)
        states = [rows[place - first][STATE] for place in living]
        if not is_last:
            return states == [STARTED]
        ready = [place for place, state in zip(living, states, strict=True) if state == READY]
        if len(ready) > 1 or STARTED in states or not (ready or len(living) == 1):
            return False
        self.leaf = (ready or living)[0]
        self.leaf_data = dict(self._data[self.numbers[self.leaf]])
        return all(self._data[self.numbers[place]] == self.leaf_data for place in living)

    def shape_of(self, rows: Rows) -> Rows:
        """The rows without numbers and data."""
        return [_shape_row(row) for row in rows]


def _is_plain(internal: Any) -> bool:
    return not internal or set(internal) == {"event_value"}


def _data_of(
    mother: Mapping[str, Any], changed: dict[str, Any] | int, dropped: list[str] | int
) -> Mapping[str, Any]:
    if not changed and not dropped:
        return mother
    data = {} if dropped == _HOLDS_LITTLE else dict(mother)
    if isinstance(dropped, list):
        for name in dropped:
            data.pop(name, None)
    if isinstance(changed, dict):
        data.update(changed)
    return data


def _shape_row(row: list[Any]) -> list[Any]:
    """Parent, spec, state, internal and, for what is only predicted, that it holds nothing."""
    internal = row[_PLACED] if len(row) > _PLACED else 0
    if not row[STATE] & _HOLDS_SOMETHING:
        return [*row[1:_PLACED], internal, 0, _HOLDS_LITTLE]
    return [*row[1:_PLACED], internal] if internal else row[1:_PLACED]
