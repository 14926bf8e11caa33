"""Process the keys of each queue, in the scheduler's process or in a worker."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.background import work
from engine.background.firing import Ticked, run_claimed
from engine.background.operations import Kinds, run_operation
from engine.background.outbox import LEASE as DELIVERY_LEASE
from engine.background.outbox import deliver_claimed
from engine.background.work import Key
from engine.delivery.channels import Channel
from engine.run.runner import Runner
from storage.cases import timers
from storage.database.session import Database
from storage.delivery import outbox

__all__ = ["Hands", "Inline"]


@dataclass(slots=True)
class Hands:
    """Processes rows by their keys; safe when called twice, late, or concurrently."""

    database: Database
    runner: Runner
    channels: Mapping[str, Channel]
    kinds: Kinds = field(default_factory=dict)
    between: Callable[[], None] | None = None
    """Called before each case: a sign of life while a batch takes long."""
    ending: threading.Event = field(default_factory=threading.Event)
    ticked: Ticked = field(default_factory=Ticked)
    """The result of the timers so far."""

    def do(self, queue: str, keys: Sequence[Key], *, until: datetime) -> None:
        """Work on the keys of one message until its claim ends; the rest is claimed again."""
        if self.runner.clock.now() >= until:
            return
        match queue:
            case work.TIMERS:
                self._timers(keys, until)
            case work.DELIVERIES:
                self._deliveries(keys, until)
            case work.LONG:
                self._operations(keys)

    def _timers(self, keys: Sequence[Key], until: datetime) -> None:
        with self.database.reading() as session:
            claimed = timers.list_by_keys(session, [(key[0], key[1]) for key in keys])
        self.ticked.add(
            run_claimed(self.database, self.runner, claimed, until=until, between=self.between)
        )

    def _deliveries(self, keys: Sequence[Key], until: datetime) -> None:
        claim = self.runner.clock.now() + DELIVERY_LEASE
        with self.database.transaction() as session:
            # Under a claim of our own: of two workers with the same message one finds nothing.
            taken = outbox.take(session, keys, was=until, until=claim)
        deliver_claimed(
            self.database,
            self.channels,
            taken,
            self.runner.clock,
            claim=claim,
            ending=self.ending,
        )

    def _operations(self, keys: Sequence[Key]) -> None:
        for key in keys:
            run_operation(
                self.database, self.kinds, self.runner.clock, int(key), ending=self.ending
            )


@dataclass(frozen=True, slots=True)
class Inline:
    """Work done in the process of the scheduler."""

    hands: Hands

    @property
    def is_inline(self) -> bool:
        """It is."""
        return True

    def is_up(self) -> bool:
        """Always."""
        return True

    def hand_out(self, queue: str, keys: Sequence[Key], *, until: datetime) -> None:
        """Do it."""
        self.hands.do(queue, keys, until=until)
