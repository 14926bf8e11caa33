"""Signs that a font of a printed page does not have: named in brackets, never left out silently."""

from collections.abc import Container
from typing import Any, Final
from unicodedata import category, name

from fpdf import FPDF

BOX: Final = "□"
INVISIBLE: Final = frozenset({"Cf", "Mn", "Me"})
"""Kinds of signs (Unicode) that only change the sign before them, such as the colour of a face."""


class NamedSigns(FPDF):
    """Pages on which every sign is printed, or a box with its name."""

    def normalize_text(self, text: str) -> str:
        """Replace what the chosen font does not have; called for all that is printed."""
        font: Any = self.current_font
        return super().normalize_text(printable(text, getattr(font, "cmap", ())))


def printable(text: str, known: Container[int]) -> str:
    """Return a text in which signs without a glyph are a box with their name."""
    if all(ord(sign) in known or sign in "\n\r\t" for sign in text):
        return text
    return "".join(_shown(sign, known) for sign in text)


def _shown(sign: str, known: Container[int]) -> str:
    if ord(sign) in known or sign in "\n\r\t":
        return sign
    if category(sign) in INVISIBLE:
        return ""
    return f"{BOX}[{name(sign, f'U+{ord(sign):04X}').lower()}]"
