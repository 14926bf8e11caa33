"""Schedules of the periodic jobs; the only module that imports APScheduler.

APScheduler only triggers the jobs; due work is read from rows. Any number of scheduler processes
may run. `dispatch` passes the work to this process or to the workers of a broker.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    JobEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine.background.dispatch import Dispatcher
from engine.background.feed import publish_feed
from engine.background.firing import LEASE, Ticked, run_due, tick
from engine.background.hands import Hands, Inline
from engine.background.incidents import note_message, place_of
from engine.background.messages import deliver_one, list_deliverable, report_expired
from engine.background.operations import Kinds
from engine.background.recurring import start_due
from engine.background.supervising import remind_late
from engine.background.work import Muscle, Workforce
from engine.delivery.channels import Channel
from engine.run.runner import Runner
from engine.time.clock import VirtualClock
from engine.tracing import traced
from storage.audit import log as audit
from storage.cases import timers
from storage.cases.supervised.demands import find_next_late
from storage.database.session import Database
from storage.delivery import idempotency
from storage.operations import operations
from storage.people import sessions
from storage.processes.recurring import find_next_start

__all__ = [
    "HEARTBEAT",
    "LEASE",
    "JobLines",
    "Scheduler",
    "Ticked",
    "deliver_messages",
    "run_due",
    "run_until",
    "tick",
]

log = structlog.get_logger("hangji.scheduler")

HEARTBEAT = "scheduler"
BATCH = 500
KEYS_KEPT = timedelta(days=7)

# How often each job looks, in seconds.
_TICK, _OUTBOX, _MESSAGES, _LONG, _SWEEP, _HOUSEKEEPING = 1.0, 1.0, 1.0, 1.0, 600.0, 21_600.0
_FEED = 1.0
_SUPERVISION = 15.0
_DERIVE = 20.0
_SEAL = 20.0
_READ = 15.0
_CALENDAR = 30.0
_BEAT = timedelta(seconds=10)
_THREADS = 13
"""More than jobs, so that none waits for another one's thread."""
OPERATIONS_KEPT = timedelta(days=90)


def run_until(
    database: Database,
    runner: Runner,
    clock: VirtualClock,
    until: datetime,
    *,
    due: Callable[[], Ticked] | None = None,
) -> Ticked:
    """Let a virtual clock run to `until`, stopping at every moment at which something is due.

    `due` runs the timers due at such a moment; without it they are run here.
    """
    total = Ticked()
    while True:
        with database.reading() as session:
            waiting = (
                timers.find_next_due(session, now=clock.now()),
                find_next_start(session),
                find_next_late(session),
            )
        moments = [moment for moment in waiting if moment is not None and moment <= until]
        if not moments:
            break
        clock.set(max(min(moments), clock.now()))
        start_due(database, runner)
        total.add(run_due(database, runner) if due is None else due())
        deliver_messages(database, runner)
        remind_late(database, runner)
    clock.set(max(until, clock.now()))
    return total


def deliver_messages(database: Database, runner: Runner, *, limit: int = BATCH) -> int:
    """Hand messages between cases to who waits for them; how many were taken."""
    now, taken = runner.clock.now(), 0
    with database.reading() as session:
        arrived = list_deliverable(session, now=now, limit=limit)
    for message in arrived:
        try:
            with database.transaction() as session:
                taken += deliver_one(runner, session, message)
        except Exception as error:  # noqa: BLE001 - one case never stops the others
            place = place_of(error)
            log.error("message_not_taken", running=message.waiting.running_id, place=place)  # noqa: TRY400 - no text of it
            with database.transaction() as session:
                note_message(session, message, error, now=now)
    return taken


def sweep(database: Database, runner: Runner) -> None:
    """Forget what nobody will ask for again; report messages nobody waited for in time."""
    now = runner.clock.now()
    with database.transaction() as session:
        idempotency.forget_before(session, now - KEYS_KEPT)
        sessions.forget_expired(session, at=now)
        operations.forget_before(session, now - OPERATIONS_KEPT)
        report_expired(session, now=now)


def seal_audit(database: Database) -> int:
    """Number and link the acts that are not part of the audit log's chain yet; how many."""
    sealed = 0
    while True:
        with database.transaction() as session:
            batch = audit.seal(session)
        if batch == 0:
            return sealed
        sealed += batch


def beat(database: Database, runner: Runner, name: str = HEARTBEAT) -> None:
    """Leave a sign of life; readiness is red when the last one is too old."""
    with database.transaction() as session:
        sessions.beat(session, name, at=runner.clock.now())


@dataclass(slots=True)
class JobLines:
    """Says what became of the jobs, in place of APScheduler, which would repeat it each second."""

    _running: set[str] = field(default_factory=set)
    """Jobs that were said to be running still."""

    def __post_init__(self) -> None:
        """Let the library itself be silent."""
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)

    def hear(self, event: JobEvent) -> None:
        """Write a line for what is new."""
        if event.code == EVENT_JOB_MAX_INSTANCES:
            if event.job_id not in self._running:
                self._running.add(event.job_id)
                log.warning("job_still_running", kind=event.job_id)
            return
        self._running.discard(event.job_id)
        if event.code == EVENT_JOB_ERROR:
            log.error("job_failed", kind=event.job_id, place=place_of(event.exception))


@dataclass(slots=True)
class Scheduler:
    """The jobs of one scheduler process, in threads of their own until stopped.

    `housekeeping` is what its caller puts away a few times a day, outside the database; `derives`
    brings what is derived from case files up to date.
    """

    database: Database
    runner: Runner
    channels: Mapping[str, Channel]
    name: str = HEARTBEAT
    housekeeping: Callable[[], object] | None = None
    derives: Callable[[], object] | None = None
    reads: Callable[[], object] | None = None
    """Reads the other platforms that are due; a slow one keeps nothing else waiting."""
    kinds: Kinds = field(default_factory=dict)
    broker: Workforce | None = None
    """Whose workers do what is due; None: it is done here."""
    ahead: int = 2_000
    batch: int = 25
    _hands: Hands = field(init=False, repr=False)
    _dispatcher: Dispatcher = field(init=False, repr=False)
    _jobs: BackgroundScheduler = field(init=False, repr=False)
    _beat_at: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Set the jobs up; nothing runs yet."""
        clock = self.runner.clock
        self._hands = Hands(
            self.database, self.runner, self.channels, self.kinds, between=self._beat
        )
        self._dispatcher = Dispatcher(
            self.database,
            clock,
            Muscle(Inline(self._hands), clock, self.broker),
            beat=self._beat,
            ending=self._hands.ending,
            most=self.ahead,
            batch=self.batch,
        )
        self._jobs = BackgroundScheduler(
            # In-memory job store on purpose: two processes on one stored job double-fire.
            executors={"default": ThreadPoolExecutor(_THREADS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._jobs.add_listener(
            JobLines().hear, EVENT_JOB_MAX_INSTANCES | EVENT_JOB_EXECUTED | EVENT_JOB_ERROR
        )
        for seconds, name, job in self._listed():
            self._jobs.add_job(traced(job), "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Begin: what came due while nobody looked is caught up by the first look, in due order."""
        self._beat()
        self._jobs.start()

    def stop(self) -> None:
        """End after the jobs that are running; long work is handed back after its part."""
        self._hands.ending.set()
        self._jobs.shutdown(wait=True)
        self._dispatcher.close()

    def round(self) -> Ticked:
        """Run every job once in this process; return the result of its timers."""
        self._hands.ticked = Ticked()
        start_due(self.database, self.runner)
        self._dispatcher.timers()
        deliver_messages(self.database, self.runner)
        remind_late(self.database, self.runner)
        publish_feed(self.database, self.runner.clock)
        self._dispatcher.deliveries()
        self._dispatcher.finish_deliveries()
        seal_audit(self.database)
        if self.derives is not None:
            self.derives()
        if self.reads is not None:
            self.reads()
        self._dispatcher.operations()
        return self._hands.ticked

    def _beat(self) -> None:
        now = self.runner.clock.now()
        if self._beat_at is None or not timedelta(0) <= now - self._beat_at < _BEAT:
            beat(self.database, self.runner, self.name)
            self._beat_at = now

    def _listed(self) -> list[tuple[float, str, Callable[[], object]]]:
        database, runner = self.database, self.runner
        jobs: list[tuple[float, str, Callable[[], object]]] = [
            (_TICK, "tick", self._dispatcher.timers),
            (_OUTBOX, "outbox", self._dispatcher.deliveries),
            (_MESSAGES, "messages", lambda: deliver_messages(database, runner)),
            (_SUPERVISION, "supervision", lambda: remind_late(database, runner)),
            (_FEED, "feed", lambda: publish_feed(database, runner.clock)),
            (_LONG, "long", self._dispatcher.operations),
            (_SWEEP, "sweep", lambda: sweep(database, runner)),
            (_SEAL, "seal", lambda: seal_audit(database)),
            (_CALENDAR, "calendar", lambda: start_due(database, runner)),
        ]
        if self.housekeeping is not None:
            jobs.append((_HOUSEKEEPING, "housekeeping", self.housekeeping))
        if self.derives is not None:
            jobs.append((_DERIVE, "derive", self.derives))
        if self.reads is not None:
            jobs.append((_READ, "read", self.reads))
        return jobs
