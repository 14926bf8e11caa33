"""Inboxes: open and done tasks with what a list shows of their cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    select,
    tuple_,
    union,
)

from storage.cases.inboxes.filters import (
    IS_HASTY,
    Holders,
    TaskFilter,
    addressed_to,
    conditions_of,
    first_alone,
    ways_to,
)
from storage.cases.tasks import TASK_FIELDS, Task, no_task, read_task_key
from storage.database.session import Session
from storage.moments import Json, to_text
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.actors import Actor
from storage.people.posts import list_holder_ids
from storage.people.scope import visible_tasks
from storage.tables import attachment, case_, case_event, running_process, task

_WIDTH = len(TASK_FIELDS)


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
    description: str
    source: str
    photo: str | None = None
    """The first photo of the case."""
    deadline_profile: str = ""
    times_urged: int = 0
    """How often somebody chased the case by hand since the task was opened."""
    times_asked: int = 0
    """Requests for more time (延期) for the task that are not decided yet: one at most."""


class CountedKind(NamedTuple):
    """How many tasks of an inbox are of cases of one matter and weight."""

    matter: str | None
    priority: str
    is_hasty: bool
    tasks: int


# Documents are kept as canonical text in both databases: sorted keys, no spaces.
_ASKED_BY = cast(running_process.c.asked_by, Text)
_ITS_TOKEN = literal(',"token":"') + cast(task.c.token, Text) + '"%'
_OF_TASK = literal('%"running":') + cast(task.c.running_id, Text) + _ITS_TOKEN
_ASKED = (
    select(func.count())
    .select_from(running_process)
    .where(
        running_process.c.case_id == task.c.case_id,
        running_process.c.state == "running",
        _ASKED_BY.like('%"kind":"extension"%'),
        _ASKED_BY.like(_OF_TASK),
    )
)
"""How many requests for more time for a task wait for their answer."""

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
    case_.c.description,
    case_.c.source,
    select(attachment.c.id)
    .where(attachment.c.case_id == task.c.case_id)
    .order_by(attachment.c.created_at, attachment.c.id)
    .limit(1)
    .correlate(task)
    .scalar_subquery(),
    case_.c.deadline_profile,
    select(func.count())
    .select_from(case_event)
    .where(
        case_event.c.case_id == task.c.case_id,
        case_event.c.kind == "case_chased",
        case_event.c.at >= task.c.opened_at,
    )
    .correlate(task)
    .scalar_subquery(),
    _ASKED.correlate(task).scalar_subquery(),
).join(case_, case_.c.id == task.c.case_id)


def list_inbox(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    having: TaskFilter | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    present: Holders | None = None,
) -> Page[ListedTask]:
    """List tasks: open ones by due time, done ones latest first.

    The actor's own are those of their posts that no colleague in post at that moment has taken;
    `present` holds the holders of the actor's posts, when the caller has them.
    """
    having = having or TaskFilter()
    if present is None and having.whose == "mine":
        present = list_holder_ids(session, actor.post_ids, at=at)
    limit = clamped(limit)
    conditions = conditions_of(session, having)
    if cursor is not None:
        conditions.append(_after(having, read_cursor(cursor, [datetime, int, str])))
    if having.state == "done":
        question = _done_page(ways_to(actor, having), conditions, limit)
    else:
        addressed = addressed_to(actor, having.whose, present or {})
        question = _LISTED.where(*addressed, *conditions, *first_alone(having, addressed))
    question = question.order_by(*_order(having)).limit(limit + 1)
    return page_of([_listed(row) for row in session.execute(question)], limit, _place)


def count_inbox(
    session: Session, havings: Sequence[TaskFilter], *, actor: Actor, present: Holders, most: int
) -> list[int]:
    """Count the open tasks of several inboxes in one statement, each up to `most`.

    A larger number is of no use to a reader, and counting further would cost time for every row.
    """
    # Composing a condition costs more than running it, so inboxes of the same kind share theirs.
    addressed = {
        whose: addressed_to(actor, whose, present) for whose in {having.whose for having in havings}
    }
    counts = [
        select(func.count())
        .select_from(
            select(task.c.token)
            .join(case_, case_.c.id == task.c.case_id)
            .where(
                *addressed[having.whose],
                *conditions_of(session, having),
                *first_alone(having, addressed[having.whose]),
            )
            .limit(most)
            .subquery()
        )
        .scalar_subquery()
        for having in havings
    ]
    return [int(count) for count in session.execute(select(*counts)).one()]


def count_kinds(
    session: Session, having: TaskFilter, *, actor: Actor, present: Holders, most: int
) -> list[CountedKind]:
    """Count the open tasks of one inbox by matter and weight, the first `most` of them at least.

    The counts add up to more than `most` where there are more, and then they are not complete.
    """
    addressed = addressed_to(actor, having.whose, present)
    is_hasty = case((IS_HASTY, 1), else_=0).label("is_hasty")
    found = (
        select(case_.c.matter, case_.c.priority, is_hasty)
        .select_from(task)
        .join(case_, case_.c.id == task.c.case_id)
        .where(*addressed, *conditions_of(session, having), *first_alone(having, addressed))
        .limit(most + 1)
        .subquery()
    )
    question = select(*found.c, func.count()).group_by(*found.c)
    return [
        CountedKind(row[0], row[1], is_hasty=bool(row[2]), tasks=row[3])
        for row in session.execute(question)
    ]


def get_visible_task(session: Session, key: str, *, actor: Actor) -> ListedTask:
    """Get a task with its case by public id; what the actor may not see is not there."""
    running_id, token = read_task_key(key)
    question = _LISTED.where(
        task.c.running_id == running_id, task.c.token == token, visible_tasks(actor)
    )
    row = session.execute(question).first()
    if row is None:
        raise no_task()
    return _listed(row)


def _order(having: TaskFilter) -> list[ColumnElement[Any]]:
    if having.state == "open":
        if having.is_newest_first:
            return [task.c.running_id.desc(), task.c.token.desc()]
        return [task.c.due_at, task.c.running_id, task.c.token]
    return [column.desc() for column in (task.c.closed_at, task.c.running_id, task.c.token)]


def _after(having: TaskFilter, place: list[Any]) -> ColumnElement[bool]:
    if having.state == "open":
        if having.is_newest_first:
            return tuple_(task.c.running_id, task.c.token) < place[1:]
        return tuple_(task.c.due_at, task.c.running_id, task.c.token) > place
    return tuple_(task.c.closed_at, task.c.running_id, task.c.token) < place


def _done_page(
    ways: Sequence[ColumnElement[bool]], conditions: Sequence[ColumnElement[bool]], limit: int
) -> Select[Any]:
    # Each way is queried for its own first page, see `scope.ways_to_cases`.
    order = _order(TaskFilter(state="done"))
    keys = union(
        *(
            select(task.c.running_id, task.c.token)
            .join(case_, case_.c.id == task.c.case_id)
            .where(way, *conditions)
            .order_by(*order)
            .limit(limit + 1)
            .subquery()
            .select()
            for way in ways
        )
    ).subquery()
    found = and_(keys.c.running_id == task.c.running_id, keys.c.token == task.c.token)
    return _LISTED.join(keys, found)


def _listed(row: Sequence[Any]) -> ListedTask:
    return ListedTask(Task(*row[:_WIDTH]), *row[_WIDTH:])


def _place(listed: ListedTask) -> list[Json]:
    task_ = listed.task
    at = task_.due_at if task_.state == "open" else task_.closed_at or task_.due_at
    return [to_text(at), task_.running_id, task_.token]
