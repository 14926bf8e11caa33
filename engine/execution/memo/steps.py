"""What an action did with data and asked of it, in a form that can be repeated on other data.

Documents are named by their place: first those the case came with, then each that a step adds.
A place is never used again, so every step finds the documents it needs whatever came between.
A merged document is made when it is first looked at: most are merged again or given up before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.execution.copies import copied
from engine.execution.layouts import NOTHING
from engine.execution.pruning import left_over
from engine.execution.spiff import handed_down, merge
from engine.expressions.language import compile_expression

_NEVER_YEAR = 9999


def is_never(due_at: datetime) -> bool:
    """Whether a timer is armed for a time that never comes; it has no row."""
    return due_at.year >= _NEVER_YEAR


@dataclass(slots=True)
class Replay:
    """The documents of a case while the steps of an action are repeated on them.

    `brought` are the data of the action, `due` the times of the timers armed on the way.
    """

    documents: list["dict[str, Any] | Merged"]
    brought: Mapping[str, Any]
    now: datetime
    due: dict[str, datetime] = field(default_factory=dict)

    def of(self, place: int) -> dict[str, Any]:
        """The document at a place; an empty one for a task that has no data."""
        if place == NOTHING:
            return {}
        document = self.documents[place]
        if isinstance(document, Merged):
            document = self.documents[place] = document.made(self)
        return document


class DataStep(Protocol):
    """One thing an action did; the answer says how it went on, and is True where no one asked."""

    def take(self, replay: Replay) -> bool:
        """Do it again."""
        ...


@dataclass(frozen=True, slots=True)
class Tested:
    """A condition was evaluated."""

    document: int
    source: str

    def take(self, replay: Replay) -> bool:
        """Whether it holds."""
        return bool(compile_expression(self.source).evaluate(replay.of(self.document)))


@dataclass(frozen=True, slots=True)
class Timed:
    """A timer was armed."""

    document: int
    element: str
    definition: Any

    def take(self, replay: Replay) -> bool:
        """Whether it is never due, as such a timer has no row."""
        due_at: datetime = self.definition.due_at(replay.of(self.document), replay.now)
        replay.due[self.element] = due_at
        return is_never(due_at)


@dataclass(frozen=True, slots=True)
class Brought:
    """The data of the action were added to a document."""

    document: int

    def take(self, replay: Replay) -> bool:
        """Add the document with both."""
        replay.documents.append({**replay.of(self.document), **copied(replay.brought)})
        return True


@dataclass(frozen=True, slots=True)
class Entered:
    """A called process was entered: its drawn properties became data."""

    document: int
    properties: Mapping[str, str]

    def take(self, replay: Replay) -> bool:
        """Add the document the called process begins with."""
        data = replay.of(self.document)
        replay.documents.append({**data, **handed_down(self.properties, data)})
        return True


@dataclass(frozen=True, slots=True)
class Merged:
    """One document was merged over another."""

    document: int
    over: int

    def take(self, replay: Replay) -> bool:
        """Add the merged document."""
        replay.documents.append(self)
        return True

    def made(self, replay: Replay) -> dict[str, Any]:
        """The merged document, which shares nothing with the two."""
        mixed: dict[str, Any] = copied(replay.of(self.over))
        merge(mixed, copied(replay.of(self.document)))
        return mixed


@dataclass(frozen=True, slots=True)
class Gathered:
    """What ended branches leave to the process was gathered."""

    ended: tuple[int, ...]
    root: int

    def take(self, replay: Replay) -> bool:
        """Add the document with what they leave; whether they leave anything."""
        left = left_over([replay.of(each) for each in self.ended], replay.of(self.root))
        replay.documents.append(left)
        return bool(left)
