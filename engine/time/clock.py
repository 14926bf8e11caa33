"""The source of the current time; no other module reads the system clock.

What a limit means in working days is in `engine.time.calendar`.
"""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol

__all__ = ["Clock", "SystemClock", "VirtualClock"]


class Clock(Protocol):
    """A source of the current time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that moves only on request; for tests, stories and simulations.

    It may be set back as well: a machine whose clock was corrected does the same.
    """

    def __init__(self, start: datetime) -> None:
        self._now = _in_utc(start)
        self._lock = Lock()

    def now(self) -> datetime:
        """The moment the clock was last set to."""
        with self._lock:
            return self._now

    def set(self, moment: datetime) -> None:
        """Put the clock to `moment`, forwards or backwards."""
        with self._lock:
            self._now = _in_utc(moment)

    def advance(self, by: timedelta) -> datetime:
        """Advance the clock and return its new time."""
        with self._lock:
            self._now += by
            return self._now


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        message = f"a moment needs its offset, got {moment!r}"
        raise ValueError(message)
    return moment.astimezone(UTC)
