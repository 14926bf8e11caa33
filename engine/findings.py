"""What a check says about one place of one file; the rules that say it are in `engine.check`."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Text(NamedTuple):
    """A sentence in both languages, Chinese first."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where it is, what is wrong and what to draw or write instead.

    `trace` is a path through the diagram, element by element, that leads to the fault.
    """

    severity: Severity
    rule: str
    file: str
    element: str
    message: Text
    way_out: Text
    trace: tuple[str, ...] = ()
    clause: str | None = None

    def __str__(self) -> str:
        """One line for a terminal: place, severity, rule, and both sentences in English."""
        place = f"{self.file}#{self.element}" if self.element else self.file
        return f"{place}: {self.severity} {self.rule}: {self.message.en} {self.way_out.en}"
