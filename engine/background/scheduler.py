"""The tick: finds what is due and gives each case its own transaction; alone knows APScheduler.

APScheduler only says when to look; what is due are rows. Any number of scheduler processes may
run: a claim keeps others away for the length of a lease, and promises nothing - each step looks at
its timer again under the lock of its case. With nothing due a look is one probe of an index.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine.actions.chase import run_chase
from engine.background.incidents import note_message, place_of, set_back
from engine.background.messages import deliver_one, list_deliverable, report_expired
from engine.background.operations import Kinds, run_waiting
from engine.background.outbox import deliver_due
from engine.background.recurring import start_due
from engine.delivery.channels import Channel
from engine.run.runner import Runner
from engine.time.clock import VirtualClock
from storage.audit import log as audit
from storage.cases import cases, timers
from storage.cases.timers import Timer
from storage.database.session import Database, Session
from storage.delivery import idempotency
from storage.operations import operations
from storage.people import sessions
from storage.processes.recurring import find_next_start

__all__ = ["HEARTBEAT", "Scheduler", "Ticked", "deliver_messages", "run_due", "run_until", "tick"]

log = structlog.get_logger("hangji.scheduler")

HEARTBEAT = "scheduler"
LEASE = timedelta(minutes=2)
BATCH = 500
KEYS_KEPT = timedelta(days=7)

# How often each job looks, in seconds.
_TICK, _OUTBOX, _MESSAGES, _LONG, _SWEEP, _HOUSEKEEPING = 1.0, 1.0, 1.0, 1.0, 600.0, 21_600.0
_DERIVE = 20.0
_SEAL = 20.0
_CALENDAR = 30.0
_BEAT = timedelta(seconds=10)
_THREADS = 8
"""More than jobs, so that none waits for another one's thread."""
OPERATIONS_KEPT = timedelta(days=90)


@dataclass(slots=True)
class Ticked:
    """What a look at the timers came to; `moot` were done or moved by somebody else meanwhile."""

    fired: int = 0
    chased: int = 0
    moot: int = 0
    failed: int = 0
    incidents: int = 0

    @property
    def total(self) -> int:
        """How many timers were claimed."""
        return sum(getattr(self, one.name) for one in fields(self))

    def add(self, other: "Ticked") -> None:
        """Count another look to this one."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def tick(
    database: Database,
    runner: Runner,
    *,
    limit: int = BATCH,
    between: Callable[[], None] | None = None,
) -> Ticked:
    """Run what is due now, the longest overdue first, one case per transaction.

    A case that fails rests and never stops the others. `between` is called before each case.
    """
    now = runner.clock.now()
    with database.reading() as session:
        next_due = timers.find_next_due(session, now=now)
    if next_due is None or next_due > now:
        return Ticked()
    with database.transaction() as session:
        claimed = timers.claim_due(session, now=now, lease=LEASE, limit=limit)
    ticked = Ticked()
    for timer in claimed:
        if between is not None:
            between()
        end = _run_one(database, runner, timer)
        setattr(ticked, end, getattr(ticked, end) + 1)
    return ticked


def run_due(database: Database, runner: Runner) -> Ticked:
    """Run everything that is due now, in due order, until nothing is."""
    total = Ticked()
    while (ticked := tick(database, runner)).total:
        total.add(ticked)
    return total


def run_until(database: Database, runner: Runner, clock: VirtualClock, until: datetime) -> Ticked:
    """Let a virtual clock run to `until`, stopping at every moment at which something is due."""
    total = Ticked()
    while True:
        with database.reading() as session:
            waiting = (timers.find_next_due(session, now=clock.now()), find_next_start(session))
        due = [moment for moment in waiting if moment is not None and moment <= until]
        if not due:
            break
        clock.set(max(min(due), clock.now()))
        start_due(database, runner)
        total.add(run_due(database, runner))
        deliver_messages(database, runner)
    clock.set(max(until, clock.now()))
    return total


def deliver_messages(database: Database, runner: Runner, *, limit: int = BATCH) -> int:
    """Hand messages between cases to who waits for them; how many were taken."""
    now, taken = runner.clock.now(), 0
    with database.reading() as session:
        arrived = list_deliverable(session, now=now, limit=limit)
    for one in arrived:
        try:
            with database.transaction() as session:
                taken += deliver_one(runner, session, one)
        except Exception as error:  # noqa: BLE001 - one case never stops the others
            place = place_of(error)
            log.error("message_not_taken", running=one.waiting.running_id, place=place)  # noqa: TRY400 - no text of it
            with database.transaction() as session:
                note_message(session, one, error, now=now)
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
    kinds: Kinds = field(default_factory=dict)
    _ending: threading.Event = field(init=False, default_factory=threading.Event)
    _jobs: BackgroundScheduler = field(init=False, repr=False)
    _beat_at: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Set the jobs up; nothing runs yet."""
        self._jobs = BackgroundScheduler(
            # In-memory job store on purpose: two processes on one stored job double-fire.
            executors={"default": ThreadPoolExecutor(_THREADS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for seconds, name, job in self._listed():
            self._jobs.add_job(job, "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Begin: what came due while nobody looked is caught up by the first look, in due order."""
        self._beat()
        self._jobs.start()

    def stop(self) -> None:
        """End after the jobs that are running; long work is handed back after its part."""
        self._ending.set()
        self._jobs.shutdown(wait=True)

    def round(self) -> Ticked:
        """Do every job once, here and now."""
        start_due(self.database, self.runner)
        ticked = self._look()
        deliver_messages(self.database, self.runner)
        deliver_due(self.database, self.channels, self.runner.clock)
        seal_audit(self.database)
        if self.derives is not None:
            self.derives()
        self._run_operations()
        return ticked

    def _look(self) -> Ticked:
        """Run what is due; the same job gives the sign of life, so that it means something."""
        total = Ticked()
        while True:
            self._beat()
            # After an outage one batch takes longer than a sign of life is good for.
            ticked = tick(self.database, self.runner, between=self._beat)
            if ticked.total == 0:
                return total
            total.add(ticked)

    def _run_operations(self) -> int:
        clock = self.runner.clock
        return run_waiting(self.database, self.kinds, clock, ending=self._ending)

    def _beat(self) -> None:
        now = self.runner.clock.now()
        if self._beat_at is None or not timedelta(0) <= now - self._beat_at < _BEAT:
            beat(self.database, self.runner, self.name)
            self._beat_at = now

    def _listed(self) -> list[tuple[float, str, Callable[[], object]]]:
        database, runner = self.database, self.runner
        jobs: list[tuple[float, str, Callable[[], object]]] = [
            (_TICK, "tick", self._look),
            (_OUTBOX, "outbox", lambda: deliver_due(database, self.channels, runner.clock)),
            (_MESSAGES, "messages", lambda: deliver_messages(database, runner)),
            (_LONG, "long", self._run_operations),
            (_SWEEP, "sweep", lambda: sweep(database, runner)),
            (_SEAL, "seal", lambda: seal_audit(database)),
            (_CALENDAR, "calendar", lambda: start_due(database, runner)),
        ]
        if self.housekeeping is not None:
            jobs.append((_HOUSEKEEPING, "housekeeping", self.housekeeping))
        if self.derives is not None:
            jobs.append((_DERIVE, "derive", self.derives))
        return jobs


def _run_one(database: Database, runner: Runner, timer: Timer) -> str:
    try:
        return database.run(lambda session: _run(session, runner, timer))
    except Exception as error:  # noqa: BLE001 - one case never stops the others
        log.error(  # noqa: TRY400 - the text of an exception may repeat what was reported
            "case_failed",
            running=timer.running_id,
            element=timer.element,
            attempts=timer.attempts + 1,
            place=place_of(error),
        )
        with database.transaction() as session:
            is_last = set_back(session, timer, error, now=runner.clock.now())
        return "incidents" if is_last else "failed"


def _run(session: Session, runner: Runner, timer: Timer) -> str:
    """Fire one timer in the transaction of its case, when it is still due under the lock."""
    locked = cases.lock_case_for_step(session, running_id=timer.running_id)
    waiting = {
        (one.running_id, one.element): one.due_at
        for one in timers.list_timers(session, timer.case_id)
    }
    due_at = waiting.get((timer.running_id, timer.element))
    if due_at is None or due_at > runner.clock.now():
        return "moot"
    if locked.process.state != "running":
        timers.forget(session, timer.running_id, timer.element)
        return "moot"
    if timer.kind == "chase":
        run_chase(runner, session, timer.running_id, timer.element)
        return "chased"
    runner.fire(session, timer.running_id, timer.element)
    return "fired"
