"""Interface between dispatch and workers: only keys of rows are sent, the rows are authoritative.

In line this process works on the keys; with a broker its workers do, by the same `Hands`.
A lost message costs a lease, a repeated one nothing: the receiver of a key reads its row first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from engine.time.clock import Clock

__all__ = [
    "DELIVERIES",
    "LONG",
    "QUEUES",
    "TIMERS",
    "Ahead",
    "BrokerGone",
    "Key",
    "Muscle",
    "Workforce",
]

TIMERS: Final = "timers"
DELIVERIES: Final = "deliveries"
LONG: Final = "long"
QUEUES: Final = (TIMERS, DELIVERIES, LONG)

Key = Any
"""The key of a row, as JSON holds it: never data of a case or of a person."""

_PATIENCE: Final = timedelta(seconds=30)
"""How long rows wait for an unreachable broker before they are processed in line."""
_HORIZON: Final = timedelta(seconds=30)
"""Target time for work handed out: a quarter of the lease."""
_FEWEST: Final = 25
_FIRST: Final = 200


class BrokerGone(Exception):
    """The broker took nothing: the rows are to be left unclaimed."""


class Workforce(Protocol):
    """A receiver of work keys."""

    @property
    def is_inline(self) -> bool:
        """Whether it is done before `hand_out` returns."""
        ...

    def is_up(self) -> bool:
        """Whether it takes any now."""
        ...

    def hand_out(self, queue: str, keys: Sequence[Key], *, until: datetime) -> None:
        """Hand keys out whose claim ends at a moment; what comes later than that is dropped.

        Raises:
            BrokerGone: nothing of it was handed out for certain.
        """
        ...


@dataclass(slots=True)
class Muscle:
    """The choice of receiver: the broker, nobody for a while when it fails, then this process."""

    inline: Workforce
    clock: Clock
    broker: Workforce | None = None
    gone_since: datetime | None = field(init=False, default=None)

    def now(self) -> Workforce | None:
        """The receiver of work; None: leave the rows unclaimed."""
        if self.broker is None:
            return self.inline
        if self.broker.is_up():
            self.gone_since = None
            return self.broker
        return self.inline if self.is_given_up() else None

    def is_given_up(self) -> bool:
        """Whether the broker has been gone for so long that work is done in line."""
        now = self.clock.now()
        if self.gone_since is None:
            self.gone_since = now
        return now - self.gone_since >= _PATIENCE


@dataclass(slots=True)
class Ahead:
    """The limit of work in flight, estimated from the recent throughput of the workers."""

    most: int
    size: int = field(init=False)
    _at: datetime | None = field(init=False, default=None)
    _out: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Begin with a low limit."""
        self.size = min(_FIRST, self.most)

    def room(self, in_flight: int, *, now: datetime) -> int:
        """The number of rows that may still be handed out with `in_flight` not yet done."""
        if self._at is not None and self._out and now - self._at >= timedelta(seconds=1):
            a_second = (self._out - in_flight) / (now - self._at).total_seconds()
            soon = int(a_second * _HORIZON.total_seconds())
            self.size = max(_FEWEST, min(soon, self.most))
        self._at, self._out = now, in_flight
        return max(0, self.size - in_flight)

    def handed(self, count: int) -> None:
        """Count what was handed out."""
        self._out += count
