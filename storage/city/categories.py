"""The categories of food businesses of a city: `business_categories.csv` of its pack."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.registry.categories import CategoryRow
from storage.texts import plain

_COLUMNS: Final = ("code", "parent", "name_zh", "name_en", "subtypes_open")
_IN_BRACKETS: Final = re.compile(r"\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Categories:
    """The categories by code and by name."""

    names: Mapping[str, str]
    """Chinese name by code."""
    codes: Mapping[str, str]
    """Code by every name of a category, in the form `_folded` returns."""
    open_to_subtypes: frozenset[str]
    """Categories whose list of subtypes the work plan leaves open."""
    english: Mapping[str, str]
    """English name by code."""
    retired: frozenset[str] = frozenset()
    """Subtypes that nothing new gets."""

    def find(self, text: str) -> str | None:
        """Return the code of a category in force by its code or its name."""
        code = self.codes.get(_folded(text))
        return None if code in self.retired else code

    def find_retired(self, text: str) -> str | None:
        """Return the code of a category that is retired by its code or its name."""
        code = self.codes.get(_folded(text))
        return code if code in self.retired else None

    def with_rows(self, rows: Iterable[CategoryRow]) -> "Categories":
        """Return the categories with those an administrator added and retired (R11)."""
        names, english, codes = dict(self.names), dict(self.english), dict(self.codes)
        retired = set()
        for row in rows:
            names.setdefault(row.code, row.name_zh)
            english.setdefault(row.code, row.name_en)
            for word in (row.code, row.name_zh, row.name_en):
                codes.setdefault(_folded(word), row.code)
            if row.retired_at is not None:
                retired.add(row.code)
        return Categories(names, codes, self.open_to_subtypes, english, frozenset(retired))

    def nearest(self, text: str) -> list[str]:
        """Return up to three categories that look most like a text, each as code and name."""
        words = get_close_matches(_folded(text), self.codes, n=6, cutoff=0.4)
        found = dict.fromkeys(self.codes[word] for word in words)
        codes = [code for code in found if code not in self.retired]
        return [f"{code} {self.names[code]}" for code in codes][:3]


def read_categories(folder: Path) -> Categories:
    """Read the categories of a city pack.

    Raises:
        Refused: the file is missing or a cell is wrong.
    """
    names: dict[str, str] = {}
    english: dict[str, str] = {}
    codes: dict[str, str] = {}
    open_ones = set()
    for row in pack_rows(folder / "business_categories.csv", _COLUMNS):
        code, name = row.required("code"), row.required("name_zh")
        names[code] = name
        english[code] = row.text("name_en") or name
        short = _IN_BRACKETS.sub("", _folded(name))
        for word in (code, name, short, row.text("name_en")):
            codes.setdefault(_folded(word), code)
        if row.choice("subtypes_open", ("", "true", "false")) == "true":
            open_ones.add(code)
    return Categories(names, codes, frozenset(open_ones), english)


def _folded(text: str) -> str:
    return plain(text).casefold()
