"""Tasks of cases: their rows and keys, and look-ups; opening and closing is part of a step."""

import re
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select, tuple_, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import NEVER, Json
from storage.tables import task


class Task(NamedTuple):
    """One task of a case, stored or about to open; never due is `moments.NEVER`.

    The columns are declared in `tables.casework`; those with a default may be left out.
    """

    running_id: int
    token: str
    case_id: int
    element: str
    task_id: str
    process_id: str
    area_code: str
    label: str
    opened_at: datetime
    due_at: datetime = NEVER
    lane: str | None = None
    role: str | None = None
    level: str | None = None
    form: str | None = None
    phase: str | None = None
    post_id: str | None = None
    officer_id: int | None = None
    deadline: Json = None
    paused_at: datetime | None = None
    state: str = "open"
    closed_at: datetime | None = None
    closed_by: int | None = None
    why: Json = None
    draft: Json = None
    chased: Json = None
    allows: Json = None
    awaits: Json = None
    """The side tasks whose answers its holder chose to wait for."""
    not_by: str | None = None
    """Who acted before it and may not do it: see `people.second_person`."""

    @property
    def key(self) -> str:
        """The public id of the task."""
        return task_key(self.running_id, self.token)

    @property
    def due(self) -> datetime | None:
        """When the task is due, None for never."""
        return None if self.due_at >= NEVER else self.due_at


TASK_FIELDS = tuple(task.c[name] for name in Task._fields)
WAS_NOT_PAUSED_BEFORE = or_(task.c.paused_at.is_(None), task.c.paused_at > task.c.due_at)
"""Of a task whose limit lies back: its clock did not stand still when the limit passed."""
_ID_LENGTH = 18  # the longest number that surely fits a key of the database
_TOKEN = re.compile(r"[A-Za-z0-9_]{1,64}")

_OF_CASE: Select[Any] = (
    select(*TASK_FIELDS)
    .where(task.c.case_id == bindparam("case_id"))
    .order_by(task.c.opened_at, task.c.running_id, task.c.token)
)
_OPEN_OF_CASE = _OF_CASE.where(task.c.state == "open")


def task_key(running_id: int, token: int | str) -> str:
    """Return the public id of a task."""
    return f"{running_id}-{token}"


def read_task_key(key: str) -> tuple[int, str]:
    """Read a public id; NotFound when it cannot be one."""
    running_id, dash, token = key.partition("-")
    is_number = running_id.isascii() and running_id.isdigit() and len(running_id) <= _ID_LENGTH
    if not dash or not is_number or not _TOKEN.fullmatch(token):
        raise no_task()
    return int(running_id), token


def get_task(session: Session, running_id: int, token: int | str) -> Task:
    """Get a task for code that has already checked the caller."""
    question = select(*TASK_FIELDS).where(
        task.c.running_id == running_id, task.c.token == str(token)
    )
    row = session.execute(question).first()
    if row is None:
        raise no_task()
    return Task(*row)


def count_open(session: Session) -> dict[tuple[str, str], int]:
    """Count the open tasks by role and level, empty where a task has none."""
    counted = (
        select(task.c.role, task.c.level, func.count())
        .where(task.c.state == "open")
        .group_by(task.c.role, task.c.level)
    )
    return {(role or "", level or ""): n for role, level, n in session.execute(counted)}


def count_overdue(session: Session, *, now: datetime) -> int:
    """Count the open tasks past their limit, those included that were when they were paused."""
    late = task.c.state == "open", task.c.due_at < now, WAS_NOT_PAUSED_BEFORE
    return int(session.execute(select(func.count()).select_from(task).where(*late)).scalar_one())


def list_open_tasks(session: Session, case_id: int) -> list[Task]:
    """List the open tasks of a case, oldest first."""
    return [Task(*row) for row in session.execute(_OPEN_OF_CASE, {"case_id": case_id})]


def list_tasks(session: Session, case_id: int) -> list[Task]:
    """List all tasks a case ever had, oldest first."""
    return [Task(*row) for row in session.execute(_OF_CASE, {"case_id": case_id})]


def save_draft(session: Session, running_id: int, token: int | str, draft: Json) -> bool:
    """Keep an unfinished form; False when the task is no longer open. The case is not touched."""
    kept = session.execute(
        update(task)
        .where(task.c.running_id == running_id, task.c.token == str(token), task.c.state == "open")
        .values(draft=draft)
    )
    return bool(kept.rowcount)


def no_task() -> NotFound:
    """The refusal of a task that is not there, or not for the actor to see."""
    return NotFound("没有这个环节，或者您无权查看。", code="task_not_found")


_DUE_SINCE = (
    select(task.c.running_id, task.c.token)
    .where(
        task.c.state == "open",
        task.c.paused_at.is_(None),
        task.c.due_at >= bindparam("since"),
        tuple_(task.c.running_id, task.c.token)
        > tuple_(bindparam("running_id"), bindparam("token")),
    )
    .order_by(task.c.running_id, task.c.token)
    .limit(bindparam("most"))
)


def list_due_since(
    session: Session, since: datetime, *, after: tuple[int, str] = (0, ""), limit: int = 500
) -> list[tuple[int, str]]:
    """List the open tasks due at a moment or later whose clock runs, those after a key."""
    names = {"since": since, "running_id": after[0], "token": after[1], "most": limit}
    return [(row.running_id, row.token) for row in session.execute(_DUE_SINCE, names)]
