"""What a text may hold, for forms and for imported files alike."""

import re
import unicodedata
from typing import Final

# NUL and other controls, marks that turn the writing direction, halves of characters.
_MARKS: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_FORBIDDEN: Final = re.compile(f"[\x00-\x1f\x7f-\x9f{_MARKS}]")
_FORBIDDEN_IN_LINES: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_MARKS}]")
# Soft hyphen, zero-width space and joiners, word joiner, byte order mark: they show nothing.
_ZERO_WIDTH: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
# Controls, formats, blanks, line ends, marks without a letter. Not "unassigned": rare characters
# of names are younger than the tables of an older Python.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"})
# Letters and signs by name, drawn as an empty place: Hangul fillers, the blank of Braille.
_EMPTY_GLYPHS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_SPACES: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def has_forbidden(text: str, *, many_lines: bool) -> bool:
    """Whether a text holds what nobody can see; line ends and tabs are for longer texts only."""
    return (_FORBIDDEN_IN_LINES if many_lines else _FORBIDDEN).search(text) is not None


def shows_nothing(text: str) -> bool:
    """Whether nobody could see that something was written: blanks of any script, marks alone."""
    for character in text:
        # Nearly every text ends the search with its first character.
        if unicodedata.category(character) not in _UNSEEN and character not in _EMPTY_GLYPHS:
            return False
    return True


def spelled_out(text: str) -> str:
    """Return a text as one line in which what nobody can see is written as its code."""
    return _FORBIDDEN.sub(lambda hidden: ascii(hidden.group())[1:-1], text)


def first_forbidden(text: str) -> str | None:
    """Return the first character a text of one line may not hold."""
    match = _FORBIDDEN.search(text)
    return None if match is None else match.group()


def cleaned(text: str) -> str:
    """Return a text of one line without zero-width characters, with plain spaces, trimmed."""
    return _SPACES.sub(" ", _ZERO_WIDTH.sub("", unicodedata.normalize("NFC", text))).strip(" \t")


def plain(text: str) -> str:
    """Return a text with full-width letters, digits and signs as plain ones, for codes."""
    return unicodedata.normalize("NFKC", text).strip()
