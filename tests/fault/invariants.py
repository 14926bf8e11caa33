"""What must be true of every case after any fault, told by rows and file alone; holds no test.

The rules every history keeps are in `tests.histories.rules`; here stands what a torn write breaks:
rows of one step that disagree with each other.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from engine.definitions import Definition, DefinitionCache
from engine.execution.execution import Execution, Waiting
from engine.run.pausing import STOPPED
from storage.cases import events, messages, tasks, timers
from storage.cases.cases import Case, RunningProcess, get_case, list_processes
from storage.cases.events import CaseEvent
from storage.database.session import Database, Session
from storage.processes import definitions
from storage.tables import case_, case_event, idempotency, outbox, running_process, task
from tests.fault.belongings import check_photos
from tests.histories.chases import check_chases
from tests.histories.letters import check_letters
from tests.histories.rules import check_now, check_whole

CHASED = "chased"
OPENED_BESIDE, ENDED_BESIDE = "side_task_opened", "side_task_ended"
ALERT = "emergency_alert"


@dataclass
class Audit:
    """Looks at cases, and again only at those that moved since."""

    database: Database
    blobs: Path | None = None
    cache: DefinitionCache = field(default_factory=DefinitionCache)
    seen: dict[int, int] = field(default_factory=dict)

    def check_moved(self) -> int:
        """Check every case that is not at the version last seen; how many there were."""
        with self.database.reading() as session:
            check_nothing_loose(session)
            if self.database.is_sqlite:
                assert session.exec_driver_sql("pragma integrity_check").scalar() == "ok"
            rows = session.execute(select(case_.c.id, case_.c.version)).all()
            moved = [(key, version) for key, version in rows if self.seen.get(key) != version]
            for case_id, version in moved:
                self.check(session, case_id)
                self.seen[case_id] = version
        return len(moved)

    def check_all(self) -> int:
        """Check every case there is; how many there were."""
        self.seen.clear()
        return self.check_moved()

    def check(self, session: Session, case_id: int) -> None:
        """Everything that holds of one case."""
        case, file = get_case(session, case_id), events.list_events(session, case_id)
        check_now(session, case_id)
        check_whole(session, case_id)
        check_steps(case, file)
        check_letters(session, case, file)
        check_chases(session, case, file, self.cache)
        check_photos(session, case, file, folder=self.blobs)
        for process in list_processes(session, case_id):
            self._check_marking(session, process)

    def _check_marking(self, session: Session, process: RunningProcess) -> None:
        """The rows that are looked at say what the marking says."""
        waiting = self._waiting(session, process)
        mine = process.id
        open_tasks = [
            one for one in tasks.list_open_tasks(session, process.case_id) if one.running_id == mine
        ]
        persons = {one.token for one in open_tasks}
        stopped = {
            element
            for one in open_tasks
            if one.paused_at is not None
            for element in (one.deadline or {}).get(STOPPED, {})
        }
        armed = {
            timer.element
            for timer in timers.list_timers(session, process.case_id)
            if timer.running_id == mine and timer.kind == "drawn"
        }
        awaited = {
            (one.element, one.name)
            for one in messages.list_waiting_of(session, process.case_id)
            if one.running_id == mine
        }
        assert persons == set(map(str, waiting.persons)), f"tasks of {mine}"
        assert armed | stopped == set(waiting.timers), f"timers of {mine}"
        due = [
            timer.due_at
            for timer in timers.list_timers(session, process.case_id)
            if timer.element in armed and timer.running_id == mine
        ]
        bound = process.next_due
        assert not due or (bound is not None and bound <= min(due)), "due before it is looked for"
        assert awaited == {(one.element, one.name) for one in waiting.messages.values()}

    def _waiting(self, session: Session, process: RunningProcess) -> Waiting:
        if process.state != "running":
            return Waiting({}, {}, {})
        definition: Definition = self.cache.get(
            process.digest, lambda digest: definitions.get_files(session, digest)
        )
        execution = Execution(
            definition, process.marking, orjson.loads(process.data), now=process.started_at
        )
        assert execution.next_call() is None, f"{process.id} waits for a machine"
        return execution.waiting()


def check_steps(case: Case, file: list[CaseEvent]) -> None:
    """The case moved once for each step in its file, and nobody's click was taken twice."""
    assert [one.seq for one in file] == list(range(1, case.last_seq + 1)), "entries are missing"
    # What else runs on a case that ends is ended by a write of its own, which changes no column.
    moves = [
        one for one in file if isinstance(one.data.get("case"), dict) or one.kind == ENDED_BESIDE
    ]
    chases = {(one.data["token"], one.at) for one in file if one.kind == CHASED}
    assert case.version == len(moves) + len(chases), (
        f"{case.number}: version {case.version} after {[one.kind for one in file]}"
    )
    clicks = Counter(
        (one.data["running"], one.data["token"]) for one in file if one.kind == "task_completed"
    )
    assert set(clicks.values()) <= {1}, "a task was completed twice"


def check_nothing_loose(session: Session) -> None:
    """No row of a step is without the others."""
    counts = {
        "files without a case": _missing(session, case_event.c.case_id, case_.c.id),
        "cases without a file": _missing(session, case_.c.id, case_event.c.case_id),
        "cases without a process": _missing(session, case_.c.id, running_process.c.case_id),
        "tasks without a process": _missing(session, task.c.running_id, running_process.c.id),
        "deliveries without a case": _missing(session, outbox.c.case_id, case_.c.id),
    }
    assert counts == dict.fromkeys(counts, 0)


def _missing(session: Session, column: Any, other: Any) -> int:
    wanted = select(func.count()).where(column.not_in(select(other)))
    return int(session.execute(wanted).scalar_one())


@dataclass(frozen=True)
class Told:
    """A step somebody was told is done: the case, and what its file must hold exactly once."""

    number: str
    kind: str
    actor: str
    key: str
    running: int | None = None
    token: int | str | None = None
    version: int = 0


def check_told(database: Database, told: Collection[Told]) -> None:
    """Every step somebody was told of is in the file once, and its key is kept."""
    with database.reading() as session:
        numbers = {one.number for one in told}
        ours = select(case_.c.number, case_.c.id, case_.c.version).where(
            case_.c.number.in_(numbers)
        )
        cases = {row.number: row for row in session.execute(ours)}
        found = _entries(session, [row.id for row in cases.values()])
        keys = set(map(tuple, session.execute(select(idempotency.c.actor, idempotency.c.key))))
    # An officer may ask several times beside one case; everything else has a place of its own.
    questions = {(one.number, one.actor, one.key) for one in told if one.kind == OPENED_BESIDE}
    asked = Counter((number, actor) for number, actor, _ in questions)
    for one in told:
        assert one.number in cases, f"lost: {one}"
        case = cases[one.number]
        entry = (case.id, one.kind, one.actor, one.running, one.token)
        if one.kind == OPENED_BESIDE:
            assert found[entry] >= asked[one.number, one.actor], f"lost: {one}"
        else:
            assert found[entry] == 1, f"lost or doubled: {one}"
        assert one.version <= case.version, f"taken back: {one}"
        assert (one.actor, one.key) in keys, f"its key is lost: {one}"


def _entries(session: Session, case_ids: list[int]) -> Counter[tuple[Any, ...]]:
    """How often each entry is there; a note is told apart by nothing but its text."""
    counted: Counter[tuple[Any, ...]] = Counter()
    for case_id in case_ids:
        for event in events.list_events(session, case_id):
            if event.kind == OPENED_BESIDE and event.data.get("process") == ALERT:
                # Asked by the report itself, in the name of whoever filed it.
                continue
            where: tuple[Any, Any] = (None, None)
            if event.kind == "task_completed":
                where = (event.data["running"], int(event.data["token"]))
            elif event.kind == "note_added":
                where = (None, event.data["text"])
            counted[case_id, event.kind, event.actor, *where] += 1
    return counted
