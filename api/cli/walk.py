"""`hangji demo --walk`: two reports go through the whole chain and are printed as a story.

Everything happens through the real engine, on a temporary database, under a virtual clock. The
story supplies the answers of people; the diagrams decide who acts next.
"""

import secrets
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from api import deploying
from api.cli.telling import ACTS, Line, clock_words, sentence, waiting_for
from api.cli.terminal import dump, fail, say, working
from api.composition import Composition, compose
from api.settings import ROOT, VAULT_KEY_BYTES, Settings
from api.uploads import blobs
from engine.background.scheduler import deliver_messages, run_until
from engine.casefile.export import gather, write_zip
from engine.casefile.proof import verify
from engine.casefile.signing import add_key, newest, read_keys
from engine.definitions import read_folder
from engine.reads.file import officers_in
from engine.time.clock import VirtualClock
from storage.cases import cases, events, tasks
from storage.cases.cases import Case
from storage.cases.tasks import Task
from storage.city.pack import load_city, load_sample
from storage.database.schema import upgrade
from storage.database.session import Session
from storage.moments import CHINA
from storage.people import actors
from storage.people import posts as people

Form = Mapping[str, Any]
Step = tuple[str, Form]

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
VILLAGE = "350322100001"
UNIT = "350322100001001001"
AN_HOUR = timedelta(hours=1)

_GRID_TITLE = "网格事件走完全程 / a grid report through the whole chain"
_PUBLIC_TITLE = "群众举报走完全程 / a public report through the whole chain"

_ACCEPT: Step = ("accept", {"answer": "accept"})
_PASS_UP: Step = (
    "resolve_or_pass_up",
    {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "超出本级职权"},
)
_RESOLVE: Step = ("resolve_or_pass_up", {"outcome": "resolved", "measures": "责令改正，复查合格"})

GRID: Sequence[Step] = (
    ("relay", {"outcome": "pass_up"}),
    _ACCEPT,
    _PASS_UP,
    _ACCEPT,
    _PASS_UP,
    _ACCEPT,
    _RESOLVE,
    ("verify", {"verify_result": "passed", "note": "现场已整改"}),
)
"""What people answer after the grid leader let the first deadline pass."""

PUBLIC: Sequence[Step] = (
    _ACCEPT,
    _PASS_UP,
    _ACCEPT,
    _RESOLVE,
    ("verify", {"verify_result": "passed", "note": "回访属实"}),
    ("write_public_result", {"public_result": "经核查属实，已责令改正并复查合格。"}),
)


def walk(*, is_json: bool) -> None:
    """Print both stories; ends with status 1 when a case does not reach its end."""
    with tempfile.TemporaryDirectory(prefix="hangji-walk-") as folder:
        clock = VirtualClock(BEGIN)
        composition = compose(_settings(Path(folder)), clock=clock)
        try:
            with working("walking two reports through the chain"):
                _load(composition)
                stories = [_grid(composition, clock), _public(composition, clock)]
                proofs = [_verified(composition, story, Path(folder)) for story in stories]
        finally:
            composition.database.close()
    if is_json:
        dump(
            [
                {"title": story.title, "number": story.number, "lines": story.lines}
                for story in stories
            ]
        )
    else:
        for story, proof in zip(stories, proofs, strict=True):
            story.print()
            say(f"  {proof}")
            say()
    if not all(story.is_closed for story in stories):
        fail("A case did not reach its end.")


@dataclass
class Story:
    """One case, followed from the outside: the answers of people, and their results."""

    composition: Composition
    clock: VirtualClock
    title: str
    labels: Mapping[str, str]
    number: str = ""
    is_closed: bool = False
    lines: list[Line] = field(default_factory=list)
    _seen: int = 0

    def begin(self, process: str, form: Form, *, who: str | None) -> None:
        """File the report; nobody signs in for a public one."""
        runner, now = self.composition.runner, self.clock.now()
        with self.composition.database.transaction() as session:
            known = None if who is None else actors.find_officer(session, who)
            actor = None if known is None else actors.load_actor(session, known.id, at=now)
            self.number = runner.start(session, process, form, actor=actor).number
        self._follow()

    def answer(self, step: Step) -> None:
        """Complete the open task as its holder, one office hour later."""
        with self.composition.database.reading() as session:
            calendar = self.composition.runner.calendar(session)
        self.pass_time(calendar.add_working_time(self.clock.now(), AN_HOUR) - self.clock.now())
        name, form = step
        task = next((task for task in self.waiting() if task.task_id == name), None)
        if task is None:
            waited = ", ".join(task.task_id for task in self.waiting()) or "nobody"
            fail(f"{self.title}: the case waits for {waited}, not for {name}.")
        runner, now = self.composition.runner, self.clock.now()
        with self.composition.database.transaction() as session:
            officer = actors.load_actor(session, _whose_turn(session, task, now), at=now)
            runner.complete(session, task.running_id, int(task.token), form, actor=officer)
        deliver_messages(self.composition.database, runner)
        self._follow()

    def pass_time(self, length: timedelta) -> None:
        """Advance the clock; run what falls due and print it."""
        until = self.clock.now() + length
        run_until(self.composition.database, self.composition.runner, self.clock, until)
        self._follow()

    def pass_deadline(self) -> None:
        """Advance the clock past the deadline of the open task."""
        due_at = self.waiting()[0].due_at
        self.pass_time(due_at - self.clock.now() + timedelta(seconds=1))

    def waiting(self) -> list[Task]:
        """The open tasks."""
        with self.composition.database.reading() as session:
            return tasks.list_open_tasks(session, self.case(session).id)

    def case(self, session: Session) -> Case:
        """The current row of the case."""
        found = cases.find_case_by_number(session, self.number)
        if found is None:
            fail(f"There is no case {self.number}.")
        return found

    def print(self) -> None:
        """Write the story down."""
        say(f"{self.title}  {self.number}")
        for line in self.lines:
            say(f"  {line.at}  {line.who}  {line.what}")

    def _follow(self) -> None:
        """Print the new entries, and who has to act now."""
        with self.composition.database.reading() as session:
            case = self.case(session)
            fresh = events.list_events(session, case.id, after=self._seen)
            known = actors.list_names(session, officers_in(fresh))
            labels = {**self.labels, **_post_titles(session, fresh, self.clock.now())}
            names = {people.reference_of(key): name for key, name in known.items()}
            waits = [
                waiting_for(task, _title(session, task, self.clock.now()))
                for task in tasks.list_open_tasks(session, case.id)
            ]
        self.is_closed = case.status == "closed"
        for entry in fresh:
            nobody = "群众" if entry.kind == "case_opened" else "系统"
            who = names.get(entry.actor, nobody) if entry.kind in ACTS else "  ·"
            what = sentence(entry, labels)
            if what is not None:
                self.lines.append(Line(clock_words(entry.at), who, what))
            self._seen = entry.seq
        if fresh and not self.is_closed:
            self.lines += [Line(" " * 11, "→", wait) for wait in waits]


def _whose_turn(session: Session, task: Task, now: datetime) -> int:
    if task.officer_id is not None:
        return task.officer_id
    holders = people.list_holders(session, task.post_id or "", at=now)
    if not holders:
        fail(f"Nobody holds the post {task.post_id}.")
    return holders[0].id


def _title(session: Session, task: Task, now: datetime) -> str:
    staffing = people.find_staffing_of(session, task.post_id or "", at=now)
    return task.post_id or "-" if staffing is None else staffing.post.title


def _post_titles(
    session: Session, entries: Iterable[events.CaseEvent], now: datetime
) -> dict[str, str]:
    """The titles of the posts that were notified of an emergency, by their ids."""
    posts = {post for entry in entries for post in entry.data.get("posts", ())}
    staffings = (people.find_staffing_of(session, post, at=now) for post in posts)
    return {staffing.post.id: staffing.post.title for staffing in staffings if staffing is not None}


def _grid(composition: Composition, clock: VirtualClock) -> Story:
    """A grid member passes up, the grid leader misses the deadline, the city resolves."""
    story = Story(composition, clock, _GRID_TITLE, _labels(composition))
    form = {
        "matter": "L01",
        "area": UNIT,
        "description": "流动摊贩无证经营",
        "no_photo_reason": "摊主已离开",
    }
    story.begin("grid_report", form, who="grid_member")
    story.answer(_PASS_UP)
    story.pass_deadline()
    for step in GRID:
        story.answer(step)
    return story


def _public(composition: Composition, clock: VirtualClock) -> Story:
    """A citizen's tip: assistant, station, verified, answered, and not disputed for a week."""
    story = Story(composition, clock, _PUBLIC_TITLE, _labels(composition))
    form = {
        "kind": ["tip"],
        "description": "餐馆后厨有老鼠",
        "area": VILLAGE,
        "channel": "huiminbao_app",
    }
    story.begin("public_report", form, who=None)
    for step in PUBLIC:
        story.answer(step)
    story.pass_time(timedelta(days=7, minutes=1))
    return story


def _labels(composition: Composition) -> dict[str, str]:
    """The Chinese name of everything drawn, by its id."""
    diagrams = deploying.diagrams_of(read_folder(composition.settings.bpmn_folder))
    return {key: node.label for diagram in diagrams.values() for key, node in diagram.nodes.items()}


def _verified(composition: Composition, story: Story, folder: Path) -> str:
    """The exported case file, checked the way anybody can."""
    path = folder / f"{story.number}.zip"
    keys = read_keys(composition.settings.signing_keys_file)
    with composition.database.reading() as session:
        file = gather(session, story.case(session), now=story.clock.now(), exported_by="walk")
    with path.open("wb") as out:
        blob = partial(blobs.get, composition.blobs)
        write_zip(file, out, blob=blob, key=newest(keys))
    proof = verify(path, keys=keys)
    if not proof.is_authenticated:
        fail(f"{story.number}: {proof.place}: {proof.reason or proof.doubt}")
    return f"档案导出并离线核验：{proof.entries} 条，已验签 / exported and authenticated offline"


def _load(composition: Composition) -> None:
    settings, now = composition.settings, composition.clock.now()
    upgrade(composition.database)
    add_key(settings.signing_keys_file, at=now)
    with composition.database.transaction() as session:
        load_city(session, settings.city_folder, at=now)
        sample = settings.city_folder / "sample"
        load_sample(session, sample, password_hash="nobody signs in", at=now)  # noqa: S106 - no hash
        deploying.publish(session, read_folder(settings.bpmn_folder), by="walk", now=now)


def _settings(folder: Path) -> Settings:
    return Settings(
        database_url=f"sqlite:///{(folder / 'walk.sqlite3').as_posix()}",
        secret_key=secrets.token_urlsafe(48),
        vault_key=secrets.token_bytes(VAULT_KEY_BYTES),
        var_folder=folder,
        blob_folder=folder / "blobs",
        bpmn_folder=ROOT / "bpmn",
        city_folder=ROOT / "city" / "putian",
        is_demo=True,
    )
