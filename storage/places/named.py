"""Areas by their names, as lists and addresses write them: 枫亭镇学士社区 instead of a code."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select

from storage.database.session import Session
from storage.places.areas import valid_on
from storage.places.levels import CODE_LENGTHS, AreaLevel, town_of
from storage.tables import area
from storage.texts import plain

_LONGEST_NAME: Final = 24


@dataclass(frozen=True, slots=True)
class NamedAreas:
    """The areas of a day down to the grid, by name; units are told by their codes alone."""

    names: Mapping[str, str]
    """Name by code."""
    codes: Mapping[str, list[str]]
    """Codes by name."""

    def find(self, text: str) -> list[str]:
        """Find areas by a name, or by one with names of those above before it."""
        text = plain(text).replace(" ", "")
        for begin in range(len(text)):
            found = self.codes.get(text[begin:])
            if found:
                return [code for code in found if not begin or self._lies_in(code, text[:begin])]
        return []

    def within(self, address: str) -> list[str]:
        """Find the smallest areas an address names, a town at least.

        A village or a grid counts only behind the name of an area it lies in: a road may be called
        like a village of another town.
        """
        text, town = plain(address).replace(" ", ""), CODE_LENGTHS[AreaLevel.TOWN]
        named = {
            code
            for begin in range(len(text))
            for end in range(begin + 2, min(len(text), begin + _LONGEST_NAME) + 1)
            for code in self.codes.get(text[begin:end], ())
            if len(code) >= town
        }
        sure = [code for code in named if len(code) == town or self._lies_in(code, text)]
        deepest = max(map(len, sure), default=0)
        return sorted(code for code in sure if len(code) == deepest)

    def told(self, codes: Iterable[str]) -> str:
        """Areas by code with the names of their towns and their own, for a message."""
        return "、".join(
            f"{code}（{self.names.get(town_of(code), '')}{self.names[code]}）" for code in codes
        )

    def _lies_in(self, code: str, text: str) -> bool:
        above = (code[:length] for length in CODE_LENGTHS.values() if length < len(code))
        return any(self.names.get(one, "\0") in text for one in above)


def _short(name: str, suffixes: Sequence[str]) -> str:
    """A name as people write it: 学士社区 for 学士社区居委会."""
    ends = (end for end in suffixes if name.endswith(end) and name != end)
    return name.removesuffix(next(ends, ""))


def read_named_areas(session: Session, *, on: date, suffixes: Sequence[str]) -> NamedAreas:
    """Read the names of the areas of a day; people leave suffixes out, the longest comes first."""
    question = select(area.c.code, area.c.name).where(
        valid_on(on), func.length(area.c.code) <= CODE_LENGTHS[AreaLevel.GRID]
    )
    names = {row.code: row.name for row in session.execute(question)}
    codes: dict[str, list[str]] = defaultdict(list)
    for code, name in names.items():
        for called in {name, _short(name, suffixes)}:
            codes[called].append(code)
    return NamedAreas(names, dict(codes))
