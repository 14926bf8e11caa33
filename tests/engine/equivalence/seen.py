"""What can be seen of a case from outside, in the same shape whichever engine runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2098, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """Open user tasks with their data, timers, messages waited for and thrown, whether it ended."""

    tasks: tuple[tuple[str, str], ...]
    timers: tuple[tuple[str, datetime], ...]
    awaited: tuple[tuple[str, str, str], ...]
    thrown: tuple[tuple[str, str, str], ...]
    calls: frozenset[str]
    is_ended: bool
    data: str = ""


def readable(data: Mapping[str, Any]) -> str:
    """Data in an order of their own, to be compared and printed."""
    return repr(_sorted(data))


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(one) for one in value]
    return value


def moment(turn: int) -> datetime:
    """When a turn of a walk happens; never so late that a timer falls due in between."""
    return EPOCH + timedelta(seconds=turn)
