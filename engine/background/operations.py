"""Long work: an operation runs in parts, each a transaction, and resumes after a kill.

Each kind of operation is a function passed by the composition root; it receives a `Doing`. The row
is authoritative: the runner renews its claim, and when the claim expires another runner resumes
from the last checkpoint. Writes of a runner that lost its claim are rolled back, so that no part
is done twice.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

import structlog

from engine.background.incidents import place_of
from engine.time.clock import Clock
from engine.tracing import start
from storage.database.session import Database, Session, is_taken_back
from storage.errors import HangjiError, Overloaded
from storage.moments import Json
from storage.operations import operations
from storage.operations.operations import NewOperation, OperationProgress, Taken

__all__ = [
    "LEASE",
    "Doing",
    "Kinds",
    "NewOperation",
    "OperationKind",
    "Stopped",
    "run_operation",
]

log = structlog.get_logger("hangji.operations")

LEASE: Final = timedelta(minutes=1)
ATTEMPTS: Final = 5
"""Runners one part may take with it; then it is not tried again."""
_PULSE_SECONDS: Final = 1.0
_MOST_NOTES: Final = 1_000

Item = TypeVar("Item")
Watch = Callable[[int, int | None], None]
Why = Literal["cancelled", "lost", "ending"]


class Stopped(Exception):
    """The operation stops here: cancelled, taken over by another runner, or the process ends."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class OperationKind:
    """One kind of long work: its name, the role that may start it, and its function.

    `run` returns a JSON document; its key `summary` (zh, en) is shown on the page. Kinds
    that need arguments are started by a resource of their own and name no role here.
    """

    name: str
    title: Mapping[str, str]
    run: "Callable[[Doing], Json]"
    roles: frozenset[str] = frozenset()


Kinds = Mapping[str, OperationKind]


@dataclass(slots=True)
class Doing:
    """One running operation: its input, and the methods to report progress."""

    database: Database
    clock: Clock
    taken: Taken
    claim: str
    watch: Watch | None = None
    ending: threading.Event = field(default_factory=threading.Event)
    """Set when the process is to end."""
    done: int = 0
    total: int | None = None
    _alive_at: datetime = field(init=False)
    _notes: list[tuple[datetime, str]] = field(init=False, default_factory=list)
    _is_kept: bool = field(init=False, default=True)
    _why: Why | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Go on where the last runner stopped."""
        self.done, self.total = self.taken.done, self.taken.total
        self._alive_at = self.clock.now()

    @property
    def arguments(self) -> Mapping[str, Json]:
        """The input of the operation."""
        return self.taken.arguments

    @property
    def content(self) -> bytes | None:
        """The file it was given, if any; forgotten when the operation ends."""
        return self.taken.content

    @property
    def checkpoint(self) -> Json:
        """The last checkpoint of an earlier runner, None at the first start."""
        return self.taken.checkpoint

    def note(self, text: str) -> None:
        """Add a line to the log, Chinese first; it names no reporter."""
        self._notes.append((self.clock.now(), text))
        del self._notes[:-_MOST_NOTES]
        self._is_kept = False

    def report(self, done: int, total: int | None = None) -> None:
        """Report the progress.

        Raises:
            Stopped: it is to stop here.
        """
        self.done, self.total = done, self.total if total is None else total
        self._is_kept = False
        if self.watch is not None:
            self.watch(self.done, self.total)
        self._require_going_on()

    def counted(self, items: Sequence[Item]) -> Iterator[Item]:
        """Go through items and report how far it is.

        Raises:
            Stopped: it is to stop here.
        """
        for number, item in enumerate(items):
            self.report(number, len(items))
            yield item
        self.report(len(items), len(items))

    @contextmanager
    def part(self, *, checkpoint: Json, done: int) -> Iterator[Session]:
        """One transaction, kept together with how far it has come: all of it, once, or nothing.

        Raises:
            Stopped: it is to stop here; the part is rolled back when another runner took over.
        """
        self._require_going_on()
        with self.database.transaction() as session:
            yield session
            self._save(session, OperationProgress(done, self.total, checkpoint=checkpoint))
        self.report(done)

    def keep(self) -> None:
        """Write down how far it is, and a sign of life; done once a second beside the work.

        Raises:
            Stopped: another runner has taken over.
        """
        if self._is_kept and self.clock.now() - self._alive_at < LEASE / 4:
            return
        notes = tuple(self._notes)
        self._is_kept = True
        with self.database.transaction() as session:
            self._save(session, OperationProgress(self.done, self.total, notes=notes))
        del self._notes[: len(notes)]

    def _save(self, session: Session, progress: OperationProgress) -> None:
        now, ident = self.clock.now(), self.taken.id
        asked = operations.save(session, ident, progress, claim=self.claim, until=now + LEASE)
        self._alive_at = now
        if asked is None:
            self._why = "lost"
            raise Stopped("lost")
        if asked:
            self._why = "cancelled"

    def _require_going_on(self) -> None:
        if self._why is not None:
            raise Stopped(self._why)
        if self.ending.is_set():
            raise Stopped("ending")


@dataclass(frozen=True, slots=True)
class _End:
    """How an operation ended."""

    state: str
    result: Json = None
    error_code: str | None = None
    message: str | None = None


_DIED = _End(
    "failed",
    error_code="runners_died",
    message=f"执行程序在同一处中断了 {ATTEMPTS} 次，已停止重试。请查看日志后重新发起。",
)
_UNKNOWN = _End(
    "failed",
    error_code="kind_unknown",
    message="这一版程序不认识这种任务。请升级执行程序后重新发起。",
)


def run_operation(
    database: Database,
    kinds: Kinds,
    clock: Clock,
    operation_id: int,
    *,
    watch: Watch | None = None,
    ending: threading.Event | None = None,
) -> bool:
    """Run one operation until its end; False when it is over or somebody else runs it.

    Safe to be called twice, by several processes at once, and after a kill.
    """
    claim, now = secrets.token_hex(16), clock.now()
    with database.transaction() as session:
        taken = operations.take(session, operation_id, claim=claim, now=now, until=now + LEASE)
    if taken is None:
        return False
    # What it logs stands in the trace of the request that ordered it, whoever runs it.
    start(taken.trace_id)
    if watch is None:
        log.info("operation_taken", operation=taken.id, kind=taken.kind, attempts=taken.attempts)
    doing = Doing(database, clock, taken, claim, watch, ending or threading.Event())
    end = _outcome(doing, kinds.get(taken.kind))
    if end is not None:
        _write_end(doing, end)
    return True


def _outcome(doing: Doing, kind: OperationKind | None) -> _End | None:
    """Do it; None when it did not end: somebody goes on with it later."""
    if kind is None:
        return _UNKNOWN
    if doing.taken.attempts > ATTEMPTS:
        return _DIED
    try:
        with _pulse(doing):
            return _End("done", result=kind.run(doing))
    except Stopped as stopped:
        return _stopped(doing, stopped.why)
    except Exception as error:  # noqa: BLE001 - one operation never stops the others
        return _failed(doing, error)


def _stopped(doing: Doing, why: Why) -> _End | None:
    if why == "cancelled":
        return _End("cancelled")
    if why == "ending":
        with doing.database.transaction() as session:
            operations.hand_back(session, doing.taken.id, claim=doing.claim)
    return None


def _failed(doing: Doing, error: Exception) -> _End | None:
    place = place_of(error)
    log.error("operation_failed", operation=doing.taken.id, kind=doing.taken.kind, place=place)
    is_lost = bool(getattr(error, "connection_invalidated", False))
    if is_lost or is_taken_back(error) or isinstance(error, Overloaded):
        # The database gave way, nothing is wrong with the work: its lease ends, it goes on.
        return None
    if isinstance(error, HangjiError):
        return _End("failed", error_code=error.code, message=error.message)
    return _End("failed", error_code="fault", message=place)


def _write_end(doing: Doing, end: _End) -> None:
    ident, now = doing.taken.id, doing.clock.now()
    try:
        doing.keep()
    except Stopped:
        return
    with doing.database.transaction() as session:
        operations.end(
            session,
            ident,
            end.state,
            claim=doing.claim,
            at=now,
            result=end.result,
            error_code=end.error_code,
            message=end.message,
        )


@contextmanager
def _pulse(doing: Doing) -> Iterator[None]:
    """Keep progress and signs of life beside the work, also while one part takes long."""
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(_PULSE_SECONDS):
            try:
                doing.keep()
            except Stopped:
                return
            except Exception as error:  # noqa: BLE001 - the next beat may come through
                log.warning("no_sign_of_life", operation=doing.taken.id, place=place_of(error))

    thread = threading.Thread(target=beat, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
