"""A small process of its own for tests of the runner: no food, one person's task, one timer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from engine.binding import collect
from engine.contract import Actor, Case, Form, Refused, service_task, start_event, user_task
from engine.definitions import DefinitionCache, digest_of
from engine.run.runner import Runner
from engine.time.calendar import WorkCalendar
from engine.time.clock import VirtualClock
from storage.database.session import Database, Session
from storage.people.actors import load_actor
from storage.people.staffing import add_officer, add_post, hold
from storage.processes.definitions import add_definition, publish
from tests.engine import drawing as draw

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
GRID = "350322100001001"
HALF_WAY_AT = "2026-11-05T12:00:00+08:00"
LATE_AT = "2026-11-05T18:00:00+08:00"


def files() -> dict[str, str]:
    """The bundle: `errand` with its forms and limits."""
    late = draw.boundary("grown_late", "do_it", draw.timer("late_at", "timeDate"))
    half_way = draw.boundary(
        "half_way", "do_it", draw.timer("half_way_at", "timeDate"), interrupting=False
    )
    diagram = draw.diagram(
        draw.start("asked"),
        draw.service("prepare"),
        draw.xor("ready"),
        draw.user("do_it", form="do_it"),
        late,
        half_way,
        draw.end("looked_at"),
        draw.service("give_up"),
        draw.end("given_up"),
        draw.xor("is_it_good", default="good"),
        draw.end("done"),
        draw.path("asked", "prepare", "ready", "do_it", "is_it_good"),
        draw.flow("is_it_good", "ready", "answer == 'again'"),
        draw.flow("is_it_good", "done", identifier="good"),
        draw.path("grown_late", "give_up", "given_up"),
        draw.path("half_way", "looked_at"),
        process="errand",
    )
    limits = draw.table(
        "deadlines",
        ["deadline_profile", "priority", "level", "step"],
        ["limit", "unit", "on_overdue", "extensions", "extension_approver"],
        [
            (
                ["-", "-", "-", "'handle'"],
                ["2", "'working_day'", "'supervise'", "1", "'one_level_up'"],
            )
        ],
    )
    asked = draw.form("asked", {"name": "word", "type": "text", "required": True})
    do_it = draw.form(
        "do_it",
        {"name": "answer", "type": "text", "required": True},
        {"name": "remark", "type": "longtext"},
    )
    parts: dict[str, bytes] = {
        "errand.bpmn": diagram,
        "deadlines.dmn": limits,
        "forms/asked.json": asked,
        "forms/do_it.json": do_it,
    }
    return {name: content.decode() for name, content in parts.items()}


@start_event()
def asked(case: Case, form: Form, *, officer: Actor | None) -> Mapping[str, Any]:
    """Somebody asks for something."""
    case.change(title=form["word"], area_code=GRID, source="test")
    if officer is not None:
        case.change(collector_officer=officer.id)
    return {"half_way_at": HALF_WAY_AT, "late_at": LATE_AT}


@service_task()
def prepare(case: Case) -> None:
    """Get everything ready."""
    case.note("prepared", title=case.row["title"])


@user_task()
def do_it(case: Case, form: Form, *, officer: Actor) -> Mapping[str, Any] | None:
    """Do it, again, or never."""
    del officer
    if form["answer"] == "never":
        message = "不可以这样回答。"
        raise Refused(message, code="never")
    if form["answer"] == "broken":
        raise RuntimeError(form["answer"])
    if form["answer"] == "done":
        case.change(outcome="resolved")
        case.tell("platform", "errand_done", word=case.row["title"])
    return None


@service_task()
def give_up(case: Case) -> None:
    """Give up."""
    case.change(outcome="not_valid")


@dataclass(frozen=True, slots=True)
class Setting:
    """A runner over a database in which two officers hold one post, and one stands outside."""

    database: Database
    runner: Runner
    clock: VirtualClock
    first: Actor
    second: Actor
    outsider: Actor

    def start(self, word: str = "go") -> tuple[int, int, str]:
        """Start an errand; running id, token and number of its open task."""
        with self.database.transaction() as session:
            done = self.runner.start(session, "errand", {"word": word}, actor=self.first)
        return done.running_id, int(done.next_tasks[0].token), done.number


def setting(database: Database) -> Setting:
    """Put everything together the way the composition root does."""
    module = ModuleType("errand")
    vars(module).update(asked=asked, prepare=prepare, do_it=do_it, give_up=give_up)
    clock = VirtualClock(START)
    calendar = WorkCalendar()
    runner = Runner(
        cache=DefinitionCache(),
        functions=collect({"errand": module}),
        clock=clock,
        calendar=lambda _session: calendar,
        vault_keys=(bytes(32),),
        beside="side_task",
    )
    with database.transaction() as session:
        digest = digest_of(files())
        add_definition(session, process_id="errand", digest=digest, files=files(), at=START)
        publish(session, "errand", digest, publisher="test", at=START)
        people = _people(session)
    return Setting(database, runner, clock, *people)


def _people(session: Session) -> tuple[Actor, Actor, Actor]:
    post = add_post(session, "grid_leader", GRID)
    elsewhere = add_post(session, "grid_leader", "350322100002001")
    actors = []
    for name, held in (("first", post), ("second", post), ("outsider", elsewhere)):
        officer = add_officer(session, username=name, name=name, password_hash="x", at=START)
        hold(session, held.id, officer, since=START)
        actors.append(load_actor(session, officer, at=START))
    return actors[0], actors[1], actors[2]
