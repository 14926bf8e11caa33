"""Names of businesses as they are compared: without what every name of a place carries."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from storage.database.session import Session
from storage.places import areas
from storage.places.levels import AreaLevel
from storage.texts import plain

LONGEST: Final = 100
_LARGE_AREAS: Final = (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.TOWN)
_SIGNS: Final = re.compile(r"[\s()\[\]{}<>「」『』【】〔〕《》“”\"'·.,，。、\-—_/]+")


@dataclass(frozen=True, slots=True)
class NameKeys:
    """Makes keys of names: area names off the front, company suffixes off the end."""

    areas: Sequence[str]
    suffixes: Sequence[str]

    def key(self, name: str) -> str:
        """Return the key of a name; a name of nothing else keeps itself."""
        folded = _SIGNS.sub("", plain(name).casefold())
        short = _stripped_front(folded, self.areas)
        short = _stripped_end(short, self.suffixes)
        return (short or folded)[:LONGEST]


def keys_of_city(session: Session, suffixes: Sequence[str], *, on: date) -> NameKeys:
    """Make the keys of a city: its area names as they are on a day."""
    names = [
        area.name
        for level in _LARGE_AREAS
        for area in areas.list_areas(session, on=on, level=level, limit=10_000)
    ]
    return NameKeys(area_words(names), suffixes)


def area_words(names: Iterable[str]) -> list[str]:
    """Return the words by which areas stand in front of names, the longest first."""
    words = set()
    for name in names:
        words |= {name, name.rstrip("市县区镇乡")} if len(name) > 2 else {name}  # noqa: PLR2004 - a word of one sign is no name of a place
    return sorted((word for word in words if len(word) > 1), key=len, reverse=True)


def _stripped_front(text: str, words: Sequence[str]) -> str:
    while True:
        found = next((word for word in words if text.startswith(word)), None)
        if found is None or len(text) == len(found):
            return text
        text = text[len(found) :].lstrip("市县区镇乡省") or text


def _stripped_end(text: str, suffixes: Sequence[str]) -> str:
    while True:
        found = next((suffix for suffix in suffixes if text.endswith(suffix)), None)
        if found is None or len(text) == len(found):
            return text
        text = text[: -len(found)]
