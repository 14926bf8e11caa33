"""Claims due rows and dispatches their keys to this process or to the workers of the broker.

Rows are claimed only when a receiver can process them soon; any process may claim the others.
Deliveries are sent in lanes, one for each receiving system, so that a slow receiver delays only
its own.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from engine.background import firing
from engine.background.operations import LEASE as OPERATION_LEASE
from engine.background.outbox import LEASE as DELIVERY_LEASE
from engine.background.work import DELIVERIES, LONG, TIMERS, Ahead, BrokerGone, Muscle, Workforce
from engine.time.clock import Clock
from storage.cases import timers
from storage.database.session import Database
from storage.delivery import outbox
from storage.delivery.outbox import InLane
from storage.operations import operations

__all__ = ["Dispatcher"]

Item = TypeVar("Item")

_LANES: Final = 16
"""Receivers served at once in line."""
_LOOKED_AT: Final = 500
_WIDEST: Final = 8
_QUICK: Final = timedelta(seconds=5)
_WAIT_SECONDS: Final = 0.5


@dataclass(slots=True)
class _Flight:
    """Deliveries of one lane that were handed out together."""

    lane: str
    attempts: dict[int, int]
    at: datetime
    future: Future[None] | None = None


@dataclass(slots=True)
class Dispatcher:
    """Reads due rows and hands out their keys; one instance in each scheduler process."""

    database: Database
    clock: Clock
    muscle: Muscle
    beat: Callable[[], None]
    ending: threading.Event
    most: int = 2_000
    """Claimed at once over a broker, at most."""
    batch: int = 25
    """Keys in one message."""
    _ahead: Ahead = field(init=False)
    _flights: list[_Flight] = field(init=False, default_factory=list)
    _widths: Counter[str] = field(init=False, default_factory=Counter)
    _threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing handed out."""
        self._ahead = Ahead(self.most)
        self._threads = ThreadPoolExecutor(_LANES, thread_name_prefix="lane")

    def close(self) -> None:
        """Wait for what is being delivered."""
        self._threads.shutdown(wait=True)

    # -- timers ----------------------------------------------------------------------------------

    def timers(self) -> None:
        """Hand out due timers until none is due, or enough is handed out."""
        while not self.ending.is_set():
            self.beat()
            work, now = self.muscle.now(), self.clock.now()
            if work is None:
                return
            room = firing.BATCH if work.is_inline else self._room(now)
            claimed = firing.claim(self.database, now=now, limit=room) if room else []
            if not claimed:
                return
            until = now + firing.LEASE
            keys = [(timer.running_id, timer.element) for timer in claimed]
            try:
                for part in _parts(keys, firing.BATCH if work.is_inline else self.batch):
                    work.hand_out(TIMERS, part, until=until)
            except BrokerGone:
                with self.database.transaction() as session:
                    timers.let_go(session, until=until)
                return
            self._ahead.handed(len(claimed))

    def _room(self, now: datetime) -> int:
        with self.database.reading() as session:
            next_due = timers.find_next_due(session, now=now)
            if next_due is None or next_due > now:
                return 0
            in_flight = timers.count_claimed(session, now=now, lease=firing.LEASE)
        return self._ahead.room(in_flight, now=now)

    # -- deliveries ------------------------------------------------------------------------------

    def deliveries(self) -> None:
        """Hand out due deliveries, lane by lane, until nothing is due in a lane that is free."""
        while not self.ending.is_set() and self._is_delivery_due():
            work, now = self.muscle.now(), self.clock.now()
            if work is None:
                return
            self._settle(now)
            claimed = self._claim_lanes(now, is_inline=work.is_inline)
            if not self._hand_out_lanes(work, claimed, now):
                return
            if not claimed and not self._wait_for_a_lane():
                return

    def _is_delivery_due(self) -> bool:
        with self.database.reading() as session:
            next_at = outbox.find_next_at(session)
        return next_at is not None and next_at <= self.clock.now()

    def _claim_lanes(self, now: datetime, *, is_inline: bool) -> list[InLane]:
        flying = Counter(flight.lane for flight in self._flights)
        busy = {
            lane
            for lane, count in flying.items()
            if count >= (1 if is_inline else max(1, self._widths[lane]))
        }
        if is_inline and len(flying) >= _LANES:
            return []
        with self.database.transaction() as session:
            return outbox.claim_in_lanes(
                session,
                now=now,
                until=now + DELIVERY_LEASE,
                busy=busy,
                limit=_LOOKED_AT,
                most_in_lane=self.batch,
            )

    def _hand_out_lanes(self, work: Workforce, claimed: Sequence[InLane], now: datetime) -> bool:
        until, lanes = now + DELIVERY_LEASE, dict[str, list[InLane]]()
        for delivery in claimed:
            lanes.setdefault(delivery.lane, []).append(delivery)
        for lane, found in lanes.items():
            ids = [delivery.id for delivery in found]
            flight = _Flight(lane, {each.id: each.attempts for each in found}, now)
            if work.is_inline:
                of_this_look = copy_context()
                flight.future = self._threads.submit(
                    of_this_look.run, work.hand_out, DELIVERIES, ids, until=until
                )
            else:
                try:
                    work.hand_out(DELIVERIES, ids, until=until)
                except BrokerGone:
                    self._let_go(claimed, until)
                    return False
            self._flights.append(flight)
        return True

    def _let_go(self, claimed: Sequence[InLane], until: datetime) -> None:
        ids = [delivery.id for delivery in claimed]
        with self.database.transaction() as session:
            outbox.let_go(session, ids, was=until, next_at=self.clock.now())

    def _settle(self, now: datetime) -> None:
        """Forget what has landed; a lane that was quick is given more at once."""
        over = [flight for flight in self._flights if flight.future and flight.future.done()]
        ids = [ident for flight in self._flights if not flight.future for ident in flight.attempts]
        if ids:
            with self.database.reading() as session:
                tries = outbox.find_tries(session, ids)
            over += [
                flight
                for flight in self._flights
                if not flight.future and _is_over(flight, tries, now)
            ]
        for flight in over:
            self._flights.remove(flight)
            is_quick = now - flight.at <= _QUICK
            width = self._widths[flight.lane] or 1
            self._widths[flight.lane] = min(width * 2, _WIDEST) if is_quick else 1

    def _wait_for_a_lane(self) -> bool:
        """Wait a moment until a lane of this process is free again; False when there is none."""
        futures = [flight.future for flight in self._flights if flight.future]
        return bool(futures and wait(futures, _WAIT_SECONDS, FIRST_COMPLETED))

    def finish_deliveries(self) -> None:
        """Wait for what this process delivers itself."""
        wait([flight.future for flight in self._flights if flight.future])
        self._settle(self.clock.now())

    # -- long work -------------------------------------------------------------------------------

    def operations(self) -> None:
        """Hand out long work that nobody runs; in line one after the other."""
        while not self.ending.is_set():
            with self.database.reading() as session:
                waiting = operations.list_runnable(session, now=self.clock.now(), limit=1)
            work = self.muscle.now() if waiting else None
            if work is None:
                return
            until = self.clock.now() + OPERATION_LEASE
            with self.database.transaction() as session:
                operations.offer(session, waiting[0], until=until)
            try:
                work.hand_out(LONG, waiting, until=until)
            except BrokerGone:
                with self.database.transaction() as session:
                    operations.offer(session, waiting[0], until=self.clock.now())
                return


def _is_over(flight: _Flight, tries: dict[int, tuple[int, datetime]], now: datetime) -> bool:
    """Whether each was tried or freed since it was handed out, or the claim has ended."""
    claim = flight.at + DELIVERY_LEASE
    is_waiting = any(
        ident in tries and tries[ident][0] == attempts and tries[ident][1] >= claim
        for ident, attempts in flight.attempts.items()
    )
    return not is_waiting or now >= claim


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
