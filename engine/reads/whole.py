"""All data for a page of a case or task: one query per table, names in one statement."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.actions.tasks import asks_for_time
from engine.reads.cases import CaseBehind, CaseShown, officers_of, show_behind, show_case
from engine.reads.colleagues import Colleagues, colleagues_of
from engine.reads.diagrams import CaseDiagrams, diagrams_of
from engine.reads.file import (
    Filed,
    FileEntry,
    acts_of,
    entries_of,
    last_act,
    mentioned_in,
    officer_of,
    officers_in,
    show_entries,
)
from engine.reads.legends import Legend, legend_of
from engine.reads.reading import Reading
from engine.reads.supervised.supervisions import SupervisionShown, read_supervision
from engine.reads.tasks import FormShown, SeenTask, TaskShown, see_task, show_form, show_task
from engine.run.access import is_about
from engine.time.limits import extended
from storage.cases import cases, tasks
from storage.cases.cases import Case, RunningProcess
from storage.cases.events import CaseEvent, run_of
from storage.cases.tasks import Task
from storage.errors import NotFound, Refused
from storage.people.roles import PARTY
from storage.places.levels import town_of

__all__ = [
    "Request",
    "WholeCase",
    "WholeTask",
    "read_file_until_left",
    "read_whole_case",
    "read_whole_task",
]

MOST_ENTRIES = 2000
"""A longer file than anybody reads on a page ends in the download."""

_OPENED = "side_task_opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked beside the case, and the task of whoever asked."""

    kind: str
    text: str
    at: datetime
    by: int | None
    """The officer who asked."""
    answer_by: str | None
    task: str
    """Id of the asker's own task, with its label."""
    label: str
    due_at: datetime | None
    """Until when that task has to be done as it stands."""
    until: datetime | None
    """Until when it would have to be, if more time was asked for and is granted."""


@dataclass(frozen=True, slots=True)
class WholeCase:
    """A case with its file, its diagrams and the words of both."""

    shown: CaseShown
    entries: list[FileEntry]
    legend: Legend
    diagrams: CaseDiagrams
    business: str | None
    """Name of the business it is about."""


@dataclass(frozen=True, slots=True)
class DoneBy:
    """Who completed a task, and when."""

    actor_id: int
    actor_name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class WholeTask:
    """A task with its form, its case, the act before it, and whom one may turn to."""

    shown: TaskShown
    form: FormShown | None
    """None where the drawing has none."""
    case: CaseBehind
    entries: list[FileEntry]
    last_act: list[FileEntry]
    """Of what somebody did before; only its names were looked up."""
    legend: Legend
    colleagues: Colleagues | None
    """None where the actor may not hand it on."""
    done_by: DoneBy | None
    is_about_them: bool
    """Whether the reader is the business it is about: then the case is not shown."""
    request: Request | None = None
    """What it answers, where it was asked for beside the case."""
    supervision: SupervisionShown | None = None
    """What a supervisor asks of whoever holds the case."""


def read_whole_case(reading: Reading, number: str) -> WholeCase:
    """Read a case with everything; what the actor may not see is not there."""
    session = reading.session
    case = cases.get_visible_case(session, number, actor=reading.actor)
    every_task = tasks.list_tasks(session, case.id)
    processes = cases.list_processes(session, case.id)
    file = entries_of(reading, case)
    waiting = [task for task in every_task if task.state == "open"]
    posts = {task.post_id for task in waiting}
    _learn_names(reading, case, file[:MOST_ENTRIES], officers_of(case, every_task), posts)
    return WholeCase(
        shown=show_case(reading, case, every_task),
        entries=show_entries(reading, file[:MOST_ENTRIES]),
        legend=legend_of(reading, processes),
        diagrams=diagrams_of(reading, processes, file, waiting),
        business=reading.names.businesses.get(case.business_id or 0),
    )


def read_whole_task(reading: Reading, key: str) -> WholeTask:
    """Read a task with everything; what the actor may not see is not there."""
    seen = see_task(reading, key)
    task, case = seen.task, seen.case
    processes = {each.id: each for each in cases.list_processes(reading.session, case.id)}
    file = entries_of(reading, case)
    act = last_act(file)
    is_about_them = is_about(reading.actor, case)
    if is_about_them:
        file = _for_the_business(file, task)
    supervision = read_supervision(reading, case)
    asked_by = None if supervision is None else supervision.asked_by
    near = (case.collector_officer, task.officer_id, task.closed_by, asked_by)
    officers = {ident for ident in near if ident is not None} | officers_in(file)
    process = processes[task.running_id]
    request = None if is_about_them else _find_request(reading, process, file)
    _learn_names(reading, case, act, officers, {task.post_id, *_stepped_over(task)})
    awaits = any(asks_for_time(each, task) for each in processes.values())
    shown = replace(show_task(reading, seen), awaits_more_time=awaits)
    may_hand_on = "delegate" in shown.allowed_actions
    return WholeTask(
        shown=shown,
        form=_form(reading, seen, process.digest),
        case=show_behind(reading, case),
        entries=show_entries(reading, file),
        last_act=show_entries(reading, act),
        legend=legend_of(reading, processes.values()),
        colleagues=colleagues_of(reading, seen) if may_hand_on else None,
        done_by=_done_by(reading, task),
        is_about_them=is_about_them,
        request=request,
        supervision=None if is_about_them else supervision,
    )


def read_file_until_left(reading: Reading, number: str) -> tuple[list[FileEntry], Legend]:
    """Read what was on file of a case while the actor held the post it was theirs in.

    Raises:
        NotFound: it never was theirs, or still is.
    """
    left = cases.find_left_behind(reading.session, number, actor=reading.actor)
    if left is None:
        message = "没有这个案件，或者您没有在已离任的岗位上办理过。"
        raise NotFound(message, code="case_not_found")
    case_id, until = left
    case = cases.get_case(reading.session, case_id)
    kept = [entry for entry in entries_of(reading, case) if entry.at < until][:MOST_ENTRIES]
    _learn_names(reading, case, kept, officers_in(kept), set())
    legend = legend_of(reading, cases.list_processes(reading.session, case_id))
    return show_entries(reading, kept), legend


def _for_the_business(file: list[CaseEvent], task: Task) -> list[CaseEvent]:
    """What a business reads of a file: what it was asked, what it answered, what came of that.

    That are the steps of the diagrams it is asked in, and in the diagram of the case itself its
    own ones. The rest of the file is not for it (R54): neither how the case came in and what
    officers found out, nor notes, nor what a branch beside it does.
    """
    acts = [each for each in acts_of(file) if each[0].kind == "task_completed"]
    places = {run_of(task.element), *(_place(each[0]) for each in acts if _is_own(each[0]))}
    return [
        entry
        for each in acts
        if _is_own(each[0]) or _place(each[0]) in places - {""}
        for entry in each
    ]


def _is_own(act: CaseEvent) -> bool:
    return act.capacity == PARTY


def _place(act: CaseEvent) -> str:
    return run_of(str(act.data.get("element", "")))


def _form(reading: Reading, seen: SeenTask, digest: str) -> FormShown | None:
    task = seen.task
    if (task.form or task.task_id) not in reading.definition(digest).forms:
        return None
    return show_form(reading, task, digest, seen.case.version)


def _learn_names(
    reading: Reading,
    case: Case,
    entries: list[CaseEvent],
    officers: set[int],
    posts: set[str | None],
) -> None:
    """Look up at once what the parts of a page would look up one by one."""
    mentioned = mentioned_in(entries)
    town = town_of(case.area_code)
    reading.learn(
        posts={*mentioned.posts, *posts, case.owner_post, case.collector_post},
        areas={case.area_code, town},
        officers=mentioned.officers | officers,
        businesses=[case.business_id],
        spots=[case.business_id if case.location else None],
    )


def _done_by(reading: Reading, task: Task) -> DoneBy | None:
    if task.state != "done" or task.closed_by is None or task.closed_at is None:
        return None
    return DoneBy(task.closed_by, reading.names.officers.get(task.closed_by), task.closed_at)


def _stepped_over(task: Task) -> Iterator[str | None]:
    """The posts that were passed by on the way to a task's own, which its page names."""
    for passed in (task.why or {}).get("stepped_over") or ():
        yield passed.get("post")


def _find_request(
    reading: Reading, process: RunningProcess, file: Iterable[CaseEvent]
) -> Request | None:
    """Find the request that a diagram beside the case was started for; None where there is none."""
    asked = process.asked_by or {}
    opening = next((entry for entry in file if _opens(entry, process)), None)
    if opening is None or "token" not in asked:
        return None
    form = opening.data.get("form") or {}
    task = tasks.get_task(reading.session, asked["running"], asked["token"])
    return Request(
        kind=str(asked["kind"]),
        text=str(form.get("question") or ""),
        at=opening.at,
        by=officer_of(opening.actor),
        answer_by=form.get("side_due_at"),
        task=task.task_id,
        label=task.label,
        due_at=task.due,
        until=_until(reading, task, asked) if "until" in asked else None,
    )


def _opens(entry: Filed, process: RunningProcess) -> bool:
    return entry.kind == _OPENED and str(entry.data.get("running")) == str(process.id)


def _until(reading: Reading, task: Task, asked: dict[str, Any]) -> datetime | None:
    """The moment asked for, else that of the whole extension; None when no more time is left."""
    if asked["until"] is not None:
        return datetime.fromisoformat(asked["until"])
    try:
        return extended(reading.runner.calendar(reading.session), task).due_at
    except Refused:
        return None
