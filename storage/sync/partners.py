"""Which platform is told of what: a row of `sync/push.csv`."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.moments import Json


@dataclass(frozen=True, slots=True)
class PassedEvent:
    """An event that is passed on, and the entry of the case file that tells of it.

    With `field` only an entry whose `field` holds `value` does.
    """

    name: str
    entry: str
    field: str = ""
    value: str = ""

    def is_told_by(self, kind: str, data: Mapping[str, Json]) -> bool:
        """Whether an entry tells of this event."""
        return kind == self.entry and (not self.field or data.get(self.field) == self.value)


@dataclass(frozen=True, slots=True)
class Partner:
    """A platform that is told of one event, in cases of which diagrams.

    `but_from` are ways in whose cases are not passed on: what came from there does not go back.
    """

    source: str
    event: PassedEvent
    kinds: frozenset[str]
    but_from: frozenset[str]
