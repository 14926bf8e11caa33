"""Open and done tasks: inboxes and look-ups; opening and closing them is part of a step."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    union,
    update,
)
from sqlalchemy.sql.util import ClauseAdapter

from storage.cases.columns import Equalities
from storage.cases.search import finds_task
from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import NEVER, Json, to_text
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.actors import Actor
from storage.people.posts import list_holder_ids
from storage.people.scope import (
    not_about_itself_but_asked,
    tasks_of_area,
    visible_tasks,
    ways_to_done_tasks,
)
from storage.people.second_person import themselves
from storage.places.links import list_links
from storage.tables import attachment, case_, case_event, task


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


Whose = Literal["mine", "team"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """The criteria of an inbox; `whose` None means all visible to the actor.

    A field named like a column of the task, else of its case, is compared with it.
    """

    whose: Whose = None
    state: Literal["open", "done"] = "open"
    overdue_at: datetime | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    is_paused: bool | None = None
    """Only what is paused, or only what is not."""
    process_id: str | None = None
    supervised: bool | None = None
    task_id: str | None = None
    phase: str | None = None
    matter: str | None = None
    area: str | None = None
    source: str | None = None
    q: str | None = None
    text: str | None = None
    """Search text; see `storage.cases.search`."""
    keys: tuple[str, ...] | None = None
    """These and no others, by public id."""
    is_urgent: bool | None = None
    """Only the emergencies that are open, which a list shows first, or all but those."""
    is_newest_first: bool = False
    """Open ones by the time their process began instead of by due time."""
    is_one_a_case: bool = False
    """Of several open tasks of a case that fit only the one that is due first."""
    is_one_an_emergency: bool = False
    """The same of emergencies alone."""


Holders = Mapping[str, Collection[int]]
"""Who holds each of some posts."""

TASK_FIELDS = tuple(task.c[name] for name in Task._fields)
_IS_URGENT = and_(
    case_.c.priority == literal_column("'urgent'"), case_.c.status == literal_column("'open'")
)
"""Written as the partial index has it, or it would not be used."""
_WAS_NOT_PAUSED_BEFORE = or_(task.c.paused_at.is_(None), task.c.paused_at > task.c.due_at)
"""Of a task whose limit lies back: its clock did not stand still when the limit passed."""
_WIDTH = len(TASK_FIELDS)
_ID_LENGTH = 18  # the longest number that surely fits a key of the database
_TOKEN = re.compile(r"[A-Za-z0-9_]{1,64}")

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
).join(case_, case_.c.id == task.c.case_id)

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
    conditions = [*_conditions(session, having), *_finds(session, having)]
    if cursor is not None:
        conditions.append(_after(having, read_cursor(cursor, [datetime, int, str])))
    if having.state == "done":
        question = _done_page(_ways_to(actor, having), conditions, limit)
    else:
        addressed = _addressed_to(actor, having.whose, present or {})
        question = _LISTED.where(*addressed, *conditions, *_first_alone(having, addressed))
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
        whose: _addressed_to(actor, whose, present)
        for whose in {having.whose for having in havings}
    }
    counts = [
        select(func.count())
        .select_from(
            select(task.c.token)
            .join(case_, case_.c.id == task.c.case_id)
            .where(
                *addressed[having.whose],
                *_conditions(session, having),
                *_finds(session, having),
                *_first_alone(having, addressed[having.whose]),
            )
            .limit(most)
            .subquery()
        )
        .scalar_subquery()
        for having in havings
    ]
    return [int(count) for count in session.execute(select(*counts)).one()]


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
    late = task.c.state == "open", task.c.due_at < now, _WAS_NOT_PAUSED_BEFORE
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


_EQUALITIES = Equalities(TaskFilter, task, case_)


def _finds(session: Session, having: TaskFilter) -> list[ColumnElement[bool]]:
    return [finds_task(session, having.text)] if having.text else []


def _conditions(session: Session, having: TaskFilter) -> list[ColumnElement[bool]]:
    conditions = [case_.c.is_listed, *_EQUALITIES.of(having), *_due(having)]
    if having.area is not None:
        conditions.append(tasks_of_area(list_links(session), having.area))
    if having.keys is not None:
        keys = [read_task_key(key) for key in having.keys]
        conditions.append(tuple_(task.c.running_id, task.c.token).in_(keys))
    if having.is_urgent is not None:
        conditions.append(_IS_URGENT if having.is_urgent else not_(_IS_URGENT))
    if having.q:
        conditions.append(
            or_(
                case_.c.number == having.q,
                case_.c.title.icontains(having.q, autoescape=True),
                task.c.label.icontains(having.q, autoescape=True),
            )
        )
    return conditions


def _due(having: TaskFilter) -> list[ColumnElement[bool]]:
    ends = (having.overdue_at, having.due_before)
    conditions = [task.c.due_at < end for end in ends if end is not None]
    if having.overdue_at is not None:
        conditions.append(_WAS_NOT_PAUSED_BEFORE)
    if having.due_from is not None:
        conditions.append(task.c.due_at >= having.due_from)
    if having.is_paused is not None:
        stands = task.c.paused_at
        conditions.append(stands.is_not(None) if having.is_paused else stands.is_(None))
    return conditions


def _first_alone(
    having: TaskFilter, addressed: Sequence[ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """Leave out a task while another one of its case fits too and is due before it."""
    if not (having.is_one_a_case or having.is_one_an_emergency):
        return []
    other = task.alias()
    fits = and_(*addressed, *_EQUALITIES.of(having), *_due(having))
    place = tuple_(other.c.due_at, other.c.running_id, other.c.token)
    before = place < tuple_(task.c.due_at, task.c.running_id, task.c.token)
    same = other.c.case_id == task.c.case_id
    alone = ~exists().where(same, before, ClauseAdapter(other).traverse(fits))
    return [alone if having.is_one_a_case else or_(not_(_IS_URGENT), alone)]


def _ways_to(actor: Actor, having: TaskFilter) -> list[ColumnElement[bool]]:
    """Return the ways to a done task: any of them is enough."""
    ways = ways_to_done_tasks(actor)
    if having.whose == "mine":
        return [and_(way, task.c.closed_by == actor.id) for way in ways[:1]]
    of_post = task.c.post_id.in_(actor.post_ids)
    return [and_(way, of_post) for way in ways] if having.whose == "team" else ways


def _addressed_to(actor: Actor, whose: Whose, present: Holders) -> list[ColumnElement[bool]]:
    """Return all conditions that an open task has to fulfil."""
    if whose is None:
        return [visible_tasks(actor)]
    # A business in a post never sees a case about itself, in its own inbox either.
    of_post = [task.c.post_id.in_(actor.post_ids), not_about_itself_but_asked(actor)]
    if whose == "team":
        return of_post
    barred = or_(*(task.c.not_by.like(f"%,{key},%") for key in themselves(actor)))
    return [*of_post, _not_a_colleagues(actor, present), or_(task.c.not_by.is_(None), not_(barred))]


def _not_a_colleagues(actor: Actor, present: Holders) -> ColumnElement[bool]:
    """Filter out what a colleague has taken: what somebody who has left took is free again."""
    of_posts = []
    for post_id in actor.post_ids:
        colleagues = sorted({*present.get(post_id, ())} - {actor.id})
        is_here = task.c.post_id == post_id
        is_free = task.c.officer_id.not_in(colleagues)
        of_posts.append(and_(is_here, is_free) if colleagues else is_here)
    return or_(task.c.officer_id.is_(None), *of_posts)


def _listed(row: Sequence[Any]) -> ListedTask:
    return ListedTask(Task(*row[:_WIDTH]), *row[_WIDTH:])


def _place(listed: ListedTask) -> list[Json]:
    task_ = listed.task
    at = task_.due_at if task_.state == "open" else task_.closed_at or task_.due_at
    return [to_text(at), task_.running_id, task_.token]


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
