"""Docstrings, comments, messages and documents are written in plain engineering English."""

import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest

from tests.architecture.tree import Place, python_files, source, tracked_files

LIST = "tests/architecture/words.txt"
STRINGS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}  # 3.12
VALUE = re.compile(r"\{[^{}]*\}")  # in an f-string
DOCUMENTS = (".md", ".html", ".js")
NO_PROSE = ("web/node_modules/", "web/dist/", "tests/cases/")


class Turn(NamedTuple):
    """A turn of phrase, what is said instead, and where it is the right word."""

    pattern: re.Pattern[str]
    instead: str
    allowed: tuple[str, ...]


def turns() -> Iterator[Turn]:
    """The list, line by line."""
    for line in source(LIST).splitlines():
        if line and not line.startswith("#"):
            pattern, instead, allowed = line.rsplit("|", 2)
            yield Turn(re.compile(pattern.strip()), instead.strip(), tuple(allowed.split()))


def prose(path: str) -> Iterator[tuple[int, str]]:
    """Numbered lines people read: all of a document; comments, docstrings and messages of code.

    A template or a script of the browser is read as a whole too: nearly all of it is words.

    A string without a blank is a name or a key, which follows rules of its own.
    """
    if not path.endswith(".py"):
        yield from enumerate(source(path).splitlines(), start=1)
        return
    for token in tokenize.generate_tokens(io.StringIO(source(path)).readline):
        text = VALUE.sub("", token.string)
        if token.type == tokenize.COMMENT or (token.type in STRINGS and re.search(r"\s", text)):
            yield from enumerate(text.splitlines(), start=token.start[0])


@cache
def lines_of(path: str) -> tuple[tuple[int, str], ...]:
    """The prose of a file, read once for all turns."""
    return tuple(prose(path))


TURNS = list(turns())
READ = [
    path
    for path in (*python_files(), *(name for name in tracked_files() if name.endswith(DOCUMENTS)))
    if not path.startswith(NO_PROSE)
]


@pytest.mark.parametrize("turn", TURNS, ids=[turn.instead for turn in TURNS])
def test_no_turn_of_phrase_of_our_own_stands_in_a_text(turn: Turn) -> None:
    strange = [
        str(Place(path, number, f"{line.strip()} -> {turn.instead}"))
        for path in READ
        if not path.startswith(turn.allowed or ("-",))
        for number, line in lines_of(path)
        if turn.pattern.search(line)
    ]

    assert strange == []
