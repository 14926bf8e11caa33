"""What of a step partners may know: rules of a city, applied to what the step changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from storage.moments import Json
from storage.tables import case_

ANY: Final = "*"
OPENED: Final = "opened_at"
"""The column that only the first step of a case writes."""

PUBLIC_COLUMNS: Final = frozenset(
    str(column.name) for column in case_.c if column.info["label"] == "public"
) - {"title"}
"""Columns of a case a rule may name; a title may hold what somebody wrote."""


@dataclass(frozen=True, slots=True)
class FeedRule:
    """One kind of event: when a step publishes it, and with which columns of the case.

    It is published by an entry of a kind, or by a column that changes: to a value, or to any.
    """

    kind: str
    entry: str
    column: str
    value: str
    fields: tuple[str, ...]
    name_zh: str
    name_en: str

    def is_met(self, entry: str, changed: Mapping[str, Json]) -> bool:
        """Return whether a step with this entry and these new values publishes it."""
        if self.entry:
            return self.entry == entry
        if self.column not in changed:
            return False
        if self.value != ANY:
            return bool(changed[self.column] == self.value)
        # A case that opens has all its columns new: that is one event, not one for each.
        return self.column == OPENED or OPENED not in changed


class Published(NamedTuple):
    """One event a step publishes."""

    at: datetime
    kind: str
    subject: str
    data: dict[str, Json]


FEED: Final[dict[str, FeedRule]] = {}
"""The rules of the city by kind, filled in place at start."""


def install_feed(rules: Iterable[FeedRule]) -> None:
    """Replace the rules by those of a city pack."""
    FEED.clear()
    FEED.update((rule.kind, rule) for rule in rules)


def list_published(
    before: Any, changes: Mapping[str, Any], entries: Iterable[Any]
) -> list[Published]:
    """List what a step publishes: the case as it was, its new columns, the entries of its file.

    A case that stands in no list, or that only some ranks may see, publishes nothing.
    """
    if not before.is_listed or _after("visible_from_rank", before, changes) is not None:
        return []
    return [
        _event(rule, entry.at, before, changes)
        for entry in entries
        if "case" in entry.data
        for changed in (_changed(before, entry.data["case"]),)
        for rule in FEED.values()
        if rule.is_met(entry.kind, changed)
    ]


def _changed(before: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns with another value than before; all of them when the case opens."""
    if OPENED in columns:
        return dict(columns)
    return {name: value for name, value in columns.items() if getattr(before, name, None) != value}


def _event(rule: FeedRule, at: datetime, before: Any, changes: Mapping[str, Any]) -> Published:
    data = {name: _after(name, before, changes) for name in rule.fields}
    return Published(at, rule.kind, before.number, data)


def _after(name: str, before: Any, changes: Mapping[str, Any]) -> Json:
    return changes[name] if name in changes else getattr(before, name)
