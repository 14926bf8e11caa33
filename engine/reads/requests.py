"""The request a task answers: what is asked, by whom, and which clock it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.reads.file import Filed, officer_of
from engine.reads.reading import Reading
from engine.time.limits import extended
from storage.cases import tasks
from storage.cases.cases import RunningProcess
from storage.cases.events import CaseEvent
from storage.cases.tasks import Task
from storage.errors import Refused

__all__ = ["Request", "find_request"]

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


def find_request(
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
