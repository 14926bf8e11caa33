"""Scenarios played by the real engine on a database of their own, under a virtual clock."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from engine.actions.starting import start_case
from engine.background.recurring import columns_for
from engine.background.scheduler import deliver_messages, run_until
from engine.contract import Actor
from engine.findings import Text
from engine.forms.documents import LISTS
from engine.forms.forms import Form
from engine.reads.diagrams import place_of
from engine.run.runner import Runner
from engine.scenarios.tables import (
    BY_CALENDAR,
    DUE,
    Scenario,
    ScenarioRow,
    expected_tasks,
    length_of,
)
from engine.time.clock import VirtualClock
from storage.cases import cases, events, tasks
from storage.cases.messages import list_waiting_of
from storage.cases.tasks import Task
from storage.database.session import Database, Session
from storage.errors import FormInvalid, HangjiError
from storage.people import actors
from storage.people import posts as people
from storage.people.roles import ROLES

_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that did not go as written, and why; `task` is where the case waits."""

    line: ScenarioRow
    message: Text
    process: str
    task: str


@dataclass(slots=True)
class Played:
    """The outcome of a scenario: what it passed, which rows fired, and where it broke."""

    scenario: Scenario
    passed: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: Broken | None = None


class _Unlike(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = Text(zh, en)


@dataclass(slots=True)
class Player:
    """Plays one scenario on a database that holds a city and the diagrams, and no case."""

    database: Database
    runner: Runner
    clock: VirtualClock
    number: str = ""

    @classmethod
    def of(cls, database: Database, runner: Runner, scenario: Scenario) -> "Player":
        """A player whose clock stands where the scenario begins."""
        clock = VirtualClock(scenario.begins)
        return cls(database, replace(runner, clock=clock), clock)

    def play(self, scenario: Scenario) -> Played:
        """Carry out line after line; ends at the first that does not go as written."""
        played = Played(scenario)
        for place, line in enumerate(scenario.lines):
            try:
                self._start(line) if place == 0 else self._go_on(line)
                self._compare(line)
            except _Unlike as unlike:
                played.broken = self._broken(scenario, line, unlike.message)
                break
            except HangjiError as error:
                played.broken = self._broken(scenario, line, _words(error))
                break
        if self.number:
            self._read_file(played)
        return played

    # -- acts ------------------------------------------------------------------------------------

    def _start(self, line: ScenarioRow) -> None:
        with self.database.transaction() as session:
            definition = self.runner.published(session, line.does)
            form = self._form(definition.form(definition.start.id), line)
            if line.who.startswith(BY_CALENDAR):
                self.number = self._start_by_calendar(session, line, form)
                return
            actor = self._officer(session, line) if line.who else None
            if actor is not None and definition.starters:
                done = start_case(self.runner, session, line.does, form, actor=actor)
            else:
                done = self.runner.start(session, line.does, form, actor=actor)
            self.number = done.number
        deliver_messages(self.database, self.runner)

    def _start_by_calendar(self, session: Session, line: ScenarioRow, form: dict[str, Any]) -> str:
        """Start a case as the calendar does, for the first post of the role that is held."""
        officer = self._officer(session, line)
        post = next(one for one in officer.posts if one.role == line.role)
        columns = columns_for(self.runner, session, line.does, "post", post.id)
        return self.runner.start(session, line.does, form, actor=None, columns=columns).number

    def _go_on(self, line: ScenarioRow) -> None:
        self._wait(line)
        if not line.does:
            return
        with self.database.transaction() as session:
            self._act(session, line)
        deliver_messages(self.database, self.runner)

    def _act(self, session: Session, line: ScenarioRow) -> None:
        case_id = self._case_id(session)
        open_tasks = tasks.list_open_tasks(session, case_id)
        task = _find(open_tasks, line)
        if task is not None:
            actor = self._holder(session, task, line)
            digest = cases.get_process(session, task.running_id).digest
            definition = self.runner.definition(session, digest)
            form = self._form(definition.form(task.form or task.task_id), line)
            self.runner.complete(session, task.running_id, int(task.token), form, actor=actor)
            return
        waiting = [one for one in list_waiting_of(session, case_id) if one.name == line.does]
        if waiting:
            one = waiting[0]
            self.runner.deliver(session, one.running_id, one.name, line.values, element=one.element)
            return
        self._ask_beside(session, case_id, open_tasks, line)

    def _ask_beside(
        self, session: Session, case_id: int, open_tasks: Iterable[Task], line: ScenarioRow
    ) -> None:
        """Start the process of side tasks from an open task of the role that asks."""
        if line.does != self.runner.beside:
            raise _not_open(line, open_tasks)
        task = next((one for one in open_tasks if line.role in {"", one.role or ""}), None)
        if task is None:
            raise _not_open(line, open_tasks)
        definition = self.runner.published(session, line.does)
        form = self._form(definition.form(definition.start.id), line)
        actor = self._holder(session, task, line)
        asked_by = {
            "running": task.running_id,
            "token": task.token,
            "kind": form.get("side_kind"),
            "by": actor.id,
        }
        self.runner.start_beside(session, case_id, line.does, form, actor=actor, asked_by=asked_by)

    def _wait(self, line: ScenarioRow) -> None:
        until = self.clock.now()
        if line.after == DUE:
            with self.database.reading() as session:
                open_tasks = tasks.list_open_tasks(session, self._case_id(session))
            ends = [task.due_at for task in open_tasks]
            if not ends:
                raise _Unlike("没有待办的环节，等不到期限。", "No task is open, so none is due.")
            until = max(until, min(ends) + _SECOND)
        else:
            until += length_of(line.after) or timedelta()
        run_until(self.database, self.runner, self.clock, until)

    # -- people ----------------------------------------------------------------------------------

    def _officer(self, session: Session, line: ScenarioRow) -> Actor:
        """Who starts the case: the holder of the role for the area named, else the first one."""
        if line.role not in ROLES:
            raise _Unlike(f"没有 {line.role} 这个角色。", f"There is no role {line.role}.")
        now = self.clock.now()
        area = line.values.get("area")
        staffing = people.find_staffing(session, line.role, area, at=now) if area else None
        holders = list(staffing.holders) if staffing is not None else []
        if not holders:
            ids = [post.id for post in people.list_posts(session, role=line.role)]
            found = people.find_staffings(session, ids, at=now).values()
            holders = [holder for staffing in found for holder in staffing.holders]
        if not holders:
            raise _Unlike(
                f"样例城市里没有人担任 {line.role}。", f"Nobody holds {line.role} in the sample."
            )
        return actors.load_actor(session, holders[0].id, at=now)

    def _holder(self, session: Session, task: Task, line: ScenarioRow) -> Actor:
        now = self.clock.now()
        if task.officer_id is not None:
            return actors.load_actor(session, task.officer_id, at=now)
        holders = people.list_holders(session, task.post_id or "", at=now)
        if not holders:
            raise _Unlike(f"岗位 {task.post_id} 没有人。", f"Nobody holds the post {task.post_id}.")
        chosen = holders[min(line.person, len(holders)) - 1]
        return actors.load_actor(session, chosen.id, at=now)

    def _form(self, form: Form, line: ScenarioRow) -> dict[str, Any]:
        types = {one.name: one.type for one in form.fields}
        posted = {
            name: value.split("|") if types.get(name) in LISTS else [value]
            for name, value in line.values.items()
        }
        return form.from_page(posted)

    # -- what came of it -------------------------------------------------------------------------

    def _compare(self, line: ScenarioRow) -> None:
        with self.database.reading() as session:
            case = cases.get_case(session, self._case_id(session))
            open_tasks = tasks.list_open_tasks(session, case.id)
        found = sorted(_shown(task) for task in open_tasks)
        if line.tasks and found != expected_tasks(line):
            shown, wanted = " ".join(found) or "-", " ".join(expected_tasks(line)) or "-"
            raise _Unlike(f"待办是 {shown}，应为 {wanted}。", f"Open is {shown}, not {wanted}.")
        owner = people.role_of(case.owner_post) if case.owner_post else ""
        if line.owner and line.owner != owner:
            raise _Unlike(
                f"承办的是 {owner or '（无）'}，应为 {line.owner}。",
                f"Owned by {owner or 'nobody'}, not {line.owner}.",
            )
        if line.outcome and line.outcome != (case.outcome or case.status):
            outcome = case.outcome or case.status
            raise _Unlike(
                f"结果是 {outcome}，应为 {line.outcome}。",
                f"The outcome is {outcome}, not {line.outcome}.",
            )

    def _broken(self, scenario: Scenario, line: ScenarioRow, message: Text) -> Broken:
        if not self.number:
            return Broken(line, message, scenario.process, "")
        with self.database.reading() as session:
            open_tasks = tasks.list_open_tasks(session, self._case_id(session))
        place = next(
            ((task.process_id, task.task_id) for task in open_tasks if task.paused_at is None),
            (scenario.process, ""),
        )
        return Broken(line, message, *place)

    def _read_file(self, played: Played) -> None:
        with self.database.reading() as session:
            case_id = self._case_id(session)
            digests = {one.id: one.digest for one in cases.list_processes(session, case_id)}
            for entry in events.list_events(session, case_id):
                digest = digests.get(entry.data.get("running", 0))
                if digest is not None:
                    definition = self.runner.definition(session, digest)
                    passed = entry.data.get("passed", ())
                    played.passed.update(place_of(definition, element) for element in passed)
                fired = entry.data.get("decisions", ())
                played.rows.update((one["decision"], one["rule"] or "") for one in fired)

    def _case_id(self, session: Session) -> int:
        case = cases.find_case_by_number(session, self.number)
        if case is None:
            raise _Unlike(f"没有案件 {self.number}。", f"There is no case {self.number}.")
        return case.id


def _find(open_tasks: Iterable[Task], line: ScenarioRow) -> Task | None:
    named = [task for task in open_tasks if task.task_id == line.does]
    theirs = [task for task in named if line.role in {"", task.role or ""}]
    if named and not theirs:
        raise _not_open(line, named)
    return theirs[0] if theirs else None


def _not_open(line: ScenarioRow, open_tasks: Iterable[Task]) -> _Unlike:
    waits = " ".join(sorted(_shown(task) for task in open_tasks)) or "-"
    wanted = f"{line.does}@{line.who}" if line.who else line.does
    return _Unlike(
        f"办不了 {wanted}：现在的待办是 {waits}。", f"{wanted} cannot be done: open is {waits}."
    )


def _shown(task: Task) -> str:
    return f"{task.task_id}@{task.role}" if task.role else task.task_id


def _words(error: HangjiError) -> Text:
    english = str(error.attributes.get("english") or error.message)
    if isinstance(error, FormInvalid):
        wrong = "; ".join(f"{pointer} {message}" for pointer, message in error.errors)
        return Text(f"{error.message}{wrong}", f"{english}{wrong}")
    return Text(error.message, english)
