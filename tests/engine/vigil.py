"""Two small processes for tests of time: one waits for people, one waits for a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.binding import collect
from engine.contract import Actor, Case, Form, service_task, start_event
from engine.definitions import Definition, DefinitionCache, digest_of
from engine.run.runner import Runner
from engine.time.calendar import WorkCalendar
from engine.time.clock import VirtualClock
from storage.cases import tasks, timers
from storage.cases.cases import Case as StoredCase
from storage.cases.cases import find_case_by_number, get_process
from storage.cases.events import CaseEvent, list_events
from storage.database.session import Database, Session
from storage.delivery import outbox
from storage.moments import CHINA
from storage.people.actors import load_actor
from storage.people.staffing import add_officer, add_post, hold
from storage.processes.definitions import add_definition, publish
from tests.engine import drawing as draw

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
GRID = "350322100001001"
CALENDAR = WorkCalendar({date(2026, 11, 7): "makeup_workday"}, frozenset({2026}))
CHASE = Path(__file__).resolve().parents[2] / "bpmn" / "chase.dmn"


# What the functions below fail for; a test may mend them.
BROKEN = "broken"
DEAF = "deaf"


def china(text: str) -> datetime:
    """A moment of Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def _watch() -> bytes:
    """A person's task without a drawn deadline; beside it a timer that may break or pass."""
    return draw.diagram(
        draw.start("asked"),
        draw.user("keep_watch", form="keep_watch"),
        draw.boundary("looked_in", "keep_watch", draw.timer("look_in_at"), interrupting=False),
        draw.service("look_in"),
        draw.end("was_looked_in"),
        draw.service("tell"),
        draw.throw("told", draw.message("all_well")),
        draw.end("relieved"),
        draw.path("asked", "keep_watch", "tell", "told", "relieved"),
        draw.path("looked_in", "look_in", "was_looked_in"),
        process="vigil",
        outside='<bpmn:message id="all_well" name="all_well"/>',
    )


def _wait() -> bytes:
    """A case that waits for word from another one."""
    return draw.diagram(
        draw.start("waited"),
        draw.catch("heard", draw.message("all_well")),
        draw.service("note_it"),
        draw.end("reassured"),
        draw.path("waited", "heard", "note_it", "reassured"),
        process="listening",
        lane="",
        outside='<bpmn:message id="all_well" name="all_well"/>',
    )


def files(process: str) -> dict[str, str]:
    """The bundle of a process."""
    limits = draw.table(
        "deadlines",
        ["deadline_profile", "priority", "level", "step"],
        ["limit", "unit", "on_overdue", "extensions", "extension_approver"],
        [(["-"] * 4, ["2", "'working_day'", "'supervise'", "1", "'one_level_up'"])],
    )
    word = {"name": "word", "type": "text", "required": True}
    parts = {
        "vigil": {
            "vigil.bpmn": _watch(),
            "deadlines.dmn": limits,
            "chase.dmn": CHASE.read_bytes(),
            "forms/asked.json": draw.form("asked", word),
            "forms/keep_watch.json": draw.form("keep_watch", word),
        },
        "listening": {"listening.bpmn": _wait(), "forms/waited.json": draw.form("waited", word)},
    }
    return {name: content.decode() for name, content in parts[process].items()}


@start_event()
def asked(case: Case, form: Form, *, officer: Actor | None) -> Mapping[str, Any]:
    """Somebody asks; `late` looks in after three hours, `broken` fails then."""
    del officer
    case.change(title=form["word"], area_code=GRID, source="test")
    is_short = form["word"] in {"late", "broken"}
    return {"look_in_at": "PT3H" if is_short else "P400D"}


@service_task()
def look_in(case: Case) -> None:
    """Look in."""
    if case.row["title"] == BROKEN:
        raise RuntimeError(case.row["title"])
    case.note("looked_in", at=case.now.isoformat())
    case.tell("platform", "looked_in", word=case.row["title"])


@service_task()
def tell(case: Case) -> None:
    """Tell the platform."""
    case.tell("platform", "watched", word=case.row["title"])


@start_event()
def waited(case: Case, form: Form, *, officer: Actor | None) -> None:
    """Somebody waits for word."""
    del officer
    case.change(title=form["word"], area_code=GRID, source="test")


@service_task()
def note_it(case: Case) -> None:
    """Note that word came; a case called `deaf` cannot."""
    if case.row["title"] == DEAF:
        raise RuntimeError(case.row["title"])
    case.note("word_came")


@dataclass(frozen=True, slots=True)
class Vigil:
    """A runner over a database with one line of posts and a clock that stands still."""

    database: Database
    runner: Runner
    clock: VirtualClock
    watcher: Actor
    supervisor: Actor

    def start(self, word: str = "go", process: str = "vigil") -> str:
        """Start a case; its number."""
        with self.database.transaction() as session:
            return self.runner.start(session, process, {"word": word}, actor=self.watcher).number

    def complete(self, number: str) -> None:
        """Complete the one open task of a case."""
        task = self.open_tasks(number)[0]
        with self.database.transaction() as session:
            self.runner.complete(
                session, task.running_id, int(task.token), {"word": "well"}, actor=self.watcher
            )

    def case(self, number: str) -> StoredCase:
        """The case as it stands."""
        with self.database.reading() as session:
            found = find_case_by_number(session, number)
        assert found is not None
        return found

    def open_tasks(self, number: str) -> list[tasks.Task]:
        """Its open tasks."""
        case = self.case(number)
        with self.database.reading() as session:
            return tasks.list_open_tasks(session, case.id)

    def events(self, number: str, kind: str | None = None) -> list[CaseEvent]:
        """Its file, or the entries of one kind."""
        case = self.case(number)
        with self.database.reading() as session:
            found = list_events(session, case.id)
        return [one for one in found if kind in (None, one.kind)]

    def timers(self, number: str) -> dict[str, datetime]:
        """What it waits for: element -> due."""
        case = self.case(number)
        with self.database.reading() as session:
            return {timer.element: timer.due_at for timer in timers.list_timers(session, case.id)}

    def letters(self, number: str) -> list[outbox.Delivery]:
        """What it sent out."""
        case = self.case(number)
        with self.database.reading() as session:
            return outbox.list_of_case(session, case.id)

    def definition(self, number: str) -> Definition:
        """The bundle it is pinned to."""
        task = self.open_tasks(number)[0]
        with self.database.reading() as session:
            process = get_process(session, task.running_id)
            return self.runner.definition(session, process.digest)


def vigil(database: Database) -> Vigil:
    """Put everything together the way the composition root does."""
    watch, listen = ModuleType("vigil"), ModuleType("listening")
    vars(watch).update(asked=asked, look_in=look_in, tell=tell)
    vars(listen).update(waited=waited, note_it=note_it)
    clock = VirtualClock(START)
    runner = Runner(
        cache=DefinitionCache(),
        functions=collect({"vigil": watch, "listening": listen}),
        clock=clock,
        calendar=lambda _session: CALENDAR,
        vault_keys=(bytes(range(32)),),
        beside="side_task",
    )
    with database.transaction() as session:
        for process in ("vigil", "listening"):
            bundle = files(process)
            digest = digest_of(bundle)
            add_definition(session, process_id=process, digest=digest, files=bundle, at=START)
            publish(session, process, digest, publisher="test", at=START)
        people = [
            _person(session, "grid_leader", GRID),
            _person(session, "village_center", GRID[:12]),
            _person(session, "supervisor", GRID[:4]),
        ]
    return Vigil(database, runner, clock, people[0], people[2])


def _person(session: Session, role: str, place: str) -> Actor:
    post = add_post(session, role, place)
    officer = add_officer(session, username=role, name=role, password_hash="x", at=START)
    hold(session, post.id, officer, since=START)
    return load_actor(session, officer, at=START)
