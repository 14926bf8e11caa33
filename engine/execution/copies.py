"""Copies of case data that share nothing that can be changed; plain JSON values only."""

from collections.abc import Mapping
from typing import Any

_NESTED = frozenset({dict, list})


def copied(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a mapping down to its last list."""
    copy = dict(data)
    if not _NESTED.isdisjoint(map(type, copy.values())):
        for key, value in copy.items():
            copy[key] = _copied(value)
    return copy


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return copied(value)
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value
