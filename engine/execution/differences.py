"""A document as its difference to another one, which is how markings keep most data."""

from collections.abc import Mapping
from typing import Any

from engine.execution.copies import copied

HOLDS_LITTLE = 1
"""Instead of a list of dropped names: nothing of the other document, what changed is all."""


def difference(
    above: Mapping[str, Any], data: Mapping[str, Any]
) -> tuple[Mapping[str, Any] | int, list[str] | int]:
    """The names whose values changed and those that are missing; 0 for none."""
    if data == above:
        return 0, 0
    missing = [key for key in above if key not in data]
    if 2 * len(missing) > len(above):
        return data or 0, HOLDS_LITTLE
    changed = {
        key: value
        for key, value in data.items()
        if key not in above or (above[key] is not value and above[key] != value)
    }
    return changed or 0, missing or 0


def changed_document(
    above: Mapping[str, Any], changed: dict[str, Any] | int, dropped: list[str] | int
) -> dict[str, Any]:
    """The document that differs so from `above`, and shares nothing with it."""
    data: dict[str, Any] = {} if dropped == HOLDS_LITTLE else copied(above)
    if isinstance(dropped, list):
        for key in dropped:
            del data[key]
    if isinstance(changed, dict):
        data.update(changed)
    return data
