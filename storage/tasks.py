"""Open and done tasks: inboxes and look-ups; opening and closing them is part of a step."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, tuple_, update

from storage.errors import NotFound
from storage.moments import Json, from_text, to_text
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people import Actor
from storage.scope import under_area, visible_tasks
from storage.session import Session
from storage.tables import case_, task


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a case. A task that is never due carries `moments.NEVER`."""

    running_id: int
    token: str
    case_id: int
    element: str
    task_id: str
    process_id: str
    lane: str | None
    role: str | None
    level: str | None
    form: str | None
    phase: str | None
    post_id: str | None
    officer_id: int | None
    area_code: str
    label: str
    opened_at: datetime
    due_at: datetime
    deadline: Json
    paused_at: datetime | None
    state: str
    closed_at: datetime | None
    closed_by: int | None
    why: Json
    draft: Json
    chased: Json

    @property
    def key(self) -> str:
        """The public id of the task."""
        return task_key(self.running_id, self.token)


@dataclass(frozen=True, slots=True)
class ListedTask:
    """A task with what an inbox shows of its case."""

    task: Task
    case_number: str
    case_version: int
    case_title: str
    case_status: str
    matter: str | None
    priority: str
    business_id: int | None
    supervised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """What an inbox asks for; `whose` None means all the actor may see."""

    whose: Literal["mine", "team"] | None = None
    state: Literal["open", "done"] = "open"
    overdue_at: datetime | None = None
    due_before: datetime | None = None
    process_id: str | None = None
    task_id: str | None = None
    phase: str | None = None
    matter: str | None = None
    area: str | None = None
    q: str | None = None


TASK_FIELDS = tuple(task.c[one.name] for one in fields(Task))
_WIDTH = len(TASK_FIELDS)

_LISTED: Select[Any] = select(
    *TASK_FIELDS,
    case_.c.number,
    case_.c.version,
    case_.c.title,
    case_.c.status,
    case_.c.matter,
    case_.c.priority,
    case_.c.business_id,
    case_.c.supervised,
).join(case_, case_.c.id == task.c.case_id)

_OF_CASE: Select[Any] = (
    select(*TASK_FIELDS)
    .where(task.c.case_id == bindparam("case_id"))
    .order_by(task.c.opened_at, task.c.running_id, task.c.token)
)
_OPEN_OF_CASE = _OF_CASE.where(task.c.state == "open")


def task_key(running_id: int, token: int | str) -> str:
    """Give the public id of a task."""
    return f"{running_id}-{token}"


def read_task_key(key: str) -> tuple[int, str]:
    """Read a public id; NotFound when it cannot be one."""
    running_id, dash, token = key.partition("-")
    if not dash or not token or not running_id.isascii() or not running_id.isdigit():
        raise _nothing()
    return int(running_id), token


def list_inbox(
    session: Session,
    *,
    actor: Actor,
    having: TaskFilter | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ListedTask]:
    """List tasks: open ones by due time, done ones latest first."""
    having = having or TaskFilter()
    limit = clamped(limit)
    question = _LISTED.where(*_conditions(actor, having)).limit(limit + 1)
    key = (task.c.running_id, task.c.token)
    if having.state == "open":
        question = question.order_by(task.c.due_at, *key)
    else:
        question = question.order_by(task.c.closed_at.desc(), *(one.desc() for one in key))
    if cursor is not None:
        at, running_id, token = read_cursor(cursor, [str, int, str])
        place = (from_text(at), running_id, token)
        question = question.where(
            tuple_(task.c.due_at, *key) > place
            if having.state == "open"
            else tuple_(task.c.closed_at, *key) < place
        )
    return page_of([_listed(row) for row in session.execute(question)], limit, _place)


def get_visible_task(session: Session, key: str, *, actor: Actor) -> ListedTask:
    """Get a task with its case by public id; what the actor may not see is not there."""
    running_id, token = read_task_key(key)
    question = _LISTED.where(
        task.c.running_id == running_id, task.c.token == token, visible_tasks(actor)
    )
    row = session.execute(question).first()
    if row is None:
        raise _nothing()
    return _listed(row)


def get_task(session: Session, running_id: int, token: int | str) -> Task:
    """Get a task for code that has already checked who asks."""
    question = select(*TASK_FIELDS).where(
        task.c.running_id == running_id, task.c.token == str(token)
    )
    row = session.execute(question).first()
    if row is None:
        raise _nothing()
    return Task(*row)


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


def _conditions(actor: Actor, having: TaskFilter) -> Sequence[ColumnElement[bool]]:
    conditions = [task.c.state == having.state, *_whose(actor, having)]
    if having.overdue_at is not None:
        conditions.append(task.c.due_at < having.overdue_at)
    if having.due_before is not None:
        conditions.append(task.c.due_at < having.due_before)
    for column, value in (
        (task.c.process_id, having.process_id),
        (task.c.task_id, having.task_id),
        (task.c.phase, having.phase),
        (case_.c.matter, having.matter),
    ):
        if value is not None:
            conditions.append(column == value)
    if having.area is not None:
        conditions.append(under_area(task.c.area_code, having.area))
    if having.q:
        conditions.append(
            or_(
                case_.c.number == having.q,
                case_.c.title.icontains(having.q, autoescape=True),
                task.c.label.icontains(having.q, autoescape=True),
            )
        )
    return conditions


def _whose(actor: Actor, having: TaskFilter) -> list[ColumnElement[bool]]:
    # Seeing comes first in every case: a business in a post never sees a case about itself.
    seen = visible_tasks(actor)
    if having.whose == "team":
        return [task.c.post_id.in_(actor.post_ids), seen]
    if having.whose == "mine" and having.state == "done":
        return [task.c.closed_by == actor.id, seen]
    if having.whose == "mine":
        waiting_for_anyone = and_(task.c.officer_id.is_(None), task.c.post_id.in_(actor.post_ids))
        return [or_(task.c.officer_id == actor.id, waiting_for_anyone), seen]
    return [seen]


def _listed(row: Sequence[Any]) -> ListedTask:
    return ListedTask(Task(*row[:_WIDTH]), *row[_WIDTH:])


def _place(listed: ListedTask) -> list[Json]:
    one = listed.task
    at = one.due_at if one.state == "open" else one.closed_at or one.due_at
    return [to_text(at), one.running_id, one.token]


def _nothing() -> NotFound:
    return NotFound("没有这个环节，或者您无权查看。", code="task_not_found")
