"""The words of the papers an inspection leaves with a business; a city's are in its pack."""

from dataclasses import dataclass
from typing import Final, NamedTuple

ORDER: Final = "rectification_order"
RECORD: Final = "inspection_record"
KINDS: Final = (ORDER, RECORD)
"""责令改正通知书 and 现场检查笔录."""


class Both(NamedTuple):
    """A text in both languages; those of paragraphs may name what `FILLED` lists."""

    zh: str
    en: str


FILLED: Final = frozenset({"business", "office", "until", "legal_basis"})
"""What a paragraph may name in braces."""
NUMBERED: Final = frozenset({"year", "case", "nth"})
"""What the number of a paper may name: its year, its case, the how-manieth of its kind there."""


@dataclass(frozen=True, slots=True)
class PaperWords:
    """What is printed on a paper besides what is on file."""

    heading: Both
    number: str
    opening: tuple[Both, ...]
    """Paragraphs above the lines of the checklist."""
    closing: tuple[Both, ...]
    """Paragraphs below what was found or is required: the law, and where to object."""
    statement: Both
    """What the business signs."""
    signatures: tuple[Both, ...]
    """Who signs, one a line."""
    copies: Both
    """How many are made and who keeps them."""
