"""Input cells of a decision table: what may stand in one, and whether a value fits it.

A cell is `-` or empty (anything), a quoted text, a number, `true`, `false`, `null`, a comparison
such as `>= 3`, a range such as `[1..5)`, a comma list of these, or `not(...)` around a list.
It becomes a tree of our own; its text is never spliced into an expression.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Final, Literal, TypeAlias

NUMBER_LIMIT: Final = 10**15
TEXT_LIMIT: Final = 2_000

Key: TypeAlias = tuple[Literal["text", "number", "truth", "null", "other"], object]
"""A value with its kind, so that `true`, `1` and `"1"` stay three different values."""

_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_ITEM: Final = re.compile(
    rf"""\s*(?:
      (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    | (?P<low_end>[\[(\]])\s*(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER})\s*(?P<high_end>[\])\[])
    | (?P<relation><=|>=|<|>)\s*(?P<bound>{_NUMBER})
    | (?P<number>{_NUMBER})
    | (?P<word>true|false|null)\b
    )\s*""",
    re.VERBOSE | re.ASCII,
)
_NOT: Final = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_WORDS: Final[dict[str, Key]] = {
    "true": ("truth", True),
    "false": ("truth", False),
    "null": ("null", None),
}


class CellError(ValueError):
    """A cell that cannot be parsed; the message holds the reason."""


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers between two bounds, each within or without."""

    low: float
    high: float
    with_low: bool
    with_high: bool

    def holds(self, number: float) -> bool:
        """Whether the number lies between the bounds."""
        above = number >= self.low if self.with_low else number > self.low
        below = number <= self.high if self.with_high else number < self.high
        return above and below


@dataclass(frozen=True, slots=True)
class Cell:
    """One test of one value: among the keys or in a range, or the opposite."""

    keys: frozenset[Key]
    ranges: tuple[Range, ...] = ()
    is_negated: bool = False

    def fits(self, key: Key) -> bool:
        """Whether the value passes."""
        return self._holds(key) is not self.is_negated

    def _holds(self, key: Key) -> bool:
        if key in self.keys:
            return True
        kind, value = key
        if kind != "number" or not isinstance(value, int | float):
            return False
        return any(interval.holds(value) for interval in self.ranges)

    def landmarks(self) -> Iterator[Key]:
        """Every value at which the answer of the cell may change."""
        yield from self.keys
        for interval in self.ranges:
            for bound in (interval.low, interval.high):
                if abs(bound) != inf:
                    yield ("number", bound)


def key_of(value: object) -> Key:
    """The value with its kind; lists and named values fit no cell but `-`."""
    if type(value) is str:
        return ("text", value)
    if type(value) is bool:
        return ("truth", value)
    if type(value) is int or type(value) is float:
        return ("number", value)
    return ("null", None) if value is None else ("other", None)


def parse_cell(text: str) -> Cell | None:
    """Read a cell; None when anything fits.

    Raises:
        CellError: the text does not have an allowed form.
    """
    text = text.strip()
    if text in {"", "-"}:
        return None
    if len(text) > TEXT_LIMIT:
        raise CellError(text[:40])
    negated = _NOT.fullmatch(text)
    keys, ranges = _items(negated.group(1) if negated else text)
    return Cell(frozenset(keys), tuple(ranges), is_negated=negated is not None)


def _items(text: str) -> tuple[list[Key], list[Range]]:
    keys: list[Key] = []
    ranges: list[Range] = []
    position = 0
    while True:
        item = _ITEM.match(text, position)
        if item is None:
            raise CellError(text[position : position + 40] or text[:40])
        content = _read_item(item)
        if isinstance(content, Range):
            ranges.append(content)
        else:
            keys.append(content)
        position = item.end()
        if position == len(text):
            return keys, ranges
        if text[position] != ",":
            raise CellError(text[position : position + 40])
        position += 1


def _read_item(item: re.Match[str]) -> Key | Range:
    parts = item.groupdict()
    if parts["text"] is not None:
        return ("text", parts["text"][1:-1])
    if parts["word"] is not None:
        return _WORDS[parts["word"]]
    if parts["number"] is not None:
        return ("number", _number(parts["number"]))
    if parts["relation"] is not None:
        return _comparison(parts["relation"], _number(parts["bound"]))
    interval = Range(
        _number(parts["low"]),
        _number(parts["high"]),
        with_low=parts["low_end"] == "[",
        with_high=parts["high_end"] == "]",
    )
    if interval.low > interval.high or (
        interval.low == interval.high and not (interval.with_low and interval.with_high)
    ):
        raise CellError(item.group().strip())
    return interval


def _comparison(relation: str, bound: float) -> Range:
    is_closed = relation.endswith("=")
    if relation.startswith(">"):
        return Range(bound, inf, with_low=is_closed, with_high=False)
    return Range(-inf, bound, with_low=False, with_high=is_closed)


def _number(text: str) -> float:
    number = float(text)
    if abs(number) > NUMBER_LIMIT:
        raise CellError(text[:40])
    return number if "." in text else int(text)
