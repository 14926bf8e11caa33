"""Due timers: claimed for the length of a lease, then each fired in the transaction of its case.

A claim only avoids duplicate work: each step reads its timer again under the lock of its case. No
more is claimed at once than can be run within the lease.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import structlog

from engine.actions.chase import run_chase
from engine.background.incidents import place_of, set_back
from engine.run.runner import Runner
from storage.cases import cases, timers
from storage.cases.timers import Timer
from storage.database.session import Database, Session

__all__ = ["BATCH", "LEASE", "Ticked", "claim", "run_claimed", "run_due", "tick"]

log = structlog.get_logger("hangji.scheduler")

LEASE = timedelta(minutes=2)
BATCH = 50
"""What one process claims for itself: within the lease at two seconds a case."""
_NEW_SHARE = 4
"""With more due than one claim holds, a quarter of it are the newest."""
_NEW_FOR = timedelta(minutes=5)
_MARGIN = timedelta(seconds=30)
"""A step that begins later than this before the end of its claim might end after it."""


@dataclass(slots=True)
class Ticked:
    """The result of one round of timers; `moot` ones were fired or moved by others meanwhile."""

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


def claim(database: Database, *, now: datetime, limit: int = BATCH) -> list[Timer]:
    """Claim what is due, the longest overdue first; with nothing due one probe of an index.

    After an outage the newest are not kept waiting until all the old ones are done.
    """
    with database.reading() as session:
        next_due = timers.find_next_due(session, now=now)
    if next_due is None or next_due > now:
        return []
    share = limit // _NEW_SHARE
    with database.transaction() as session:
        claimed = timers.claim_due(session, now=now, lease=LEASE, limit=limit - share)
        if len(claimed) < limit - share or not share:
            return claimed
        since = now - _NEW_FOR
        claimed += timers.claim_newest(session, now=now, since=since, lease=LEASE, limit=share)
        left = limit - len(claimed)
        return claimed + timers.claim_due(session, now=now, lease=LEASE, limit=left)


def tick(
    database: Database,
    runner: Runner,
    *,
    limit: int = BATCH,
    between: Callable[[], None] | None = None,
) -> Ticked:
    """Run what is due now, the longest overdue first, one case per transaction.

    A case that fails is postponed and never stops the others. `between` is called before each case.
    """
    now = runner.clock.now()
    claimed = claim(database, now=now, limit=limit)
    return run_claimed(database, runner, claimed, until=now + LEASE, between=between)


def run_claimed(
    database: Database,
    runner: Runner,
    claimed: Iterable[Timer],
    *,
    until: datetime,
    between: Callable[[], None] | None = None,
) -> Ticked:
    """Run claimed timers, one case per transaction, while the claim lasts; the rest is let go."""
    ticked = Ticked()
    for timer in claimed:
        if between is not None:
            between()
        if runner.clock.now() > until - _MARGIN:
            with database.transaction() as session:
                timers.let_go(session, until=until)
            break
        end = _run_one(database, runner, timer)
        setattr(ticked, end, getattr(ticked, end) + 1)
    return ticked


def run_due(database: Database, runner: Runner) -> Ticked:
    """Run everything that is due now, in due order, until nothing is."""
    total = Ticked()
    while (ticked := tick(database, runner)).total:
        total.add(ticked)
    return total


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
