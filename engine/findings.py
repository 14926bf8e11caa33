"""A finding of a check about one place of one file; the rules are in `engine.check`."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Severity = Literal["error", "warning"]

TO_ACCEPT: Final = frozenset({"unproved", "no_default", "scenario", "label_value"})
"""Rules whose warnings a named person accepts before the files are published."""


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

    @property
    def place(self) -> str:
        """The file, and the element in it."""
        return f"{self.file}#{self.element}" if self.element else self.file

    @property
    def is_to_accept(self) -> bool:
        """Whether it is a warning a named person has to accept."""
        return self.severity == "warning" and self.rule in TO_ACCEPT

    def __str__(self) -> str:
        """One line for a terminal: place, severity, rule, and both sentences in English."""
        return f"{self.place}: {self.severity} {self.rule}: {self.message.en} {self.way_out.en}"
