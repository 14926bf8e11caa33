"""The criteria of an inbox as conditions: whose a task is, and what a list narrows it to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, literal_column, not_, or_, tuple_
from sqlalchemy.sql.util import ClauseAdapter

from storage.cases.columns import Equalities
from storage.cases.search import finds_task
from storage.cases.tasks import WAS_NOT_PAUSED_BEFORE, read_task_key
from storage.database.session import Session
from storage.people.actors import Actor
from storage.people.scope import (
    not_about_itself_but_asked,
    tasks_of_area,
    visible_tasks,
    ways_to_done_tasks,
)
from storage.people.second_person import themselves
from storage.places.links import list_links
from storage.tables import case_, task

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
    priority: str | None = None
    is_hasty: bool | None = None
    """Only what has the shorter limits without being an emergency, or all but that."""
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

_IS_URGENT = and_(
    case_.c.priority == literal_column("'urgent'"), case_.c.status == literal_column("'open'")
)
"""Written as the partial index has it, or it would not be used."""
IS_HASTY = and_(case_.c.deadline_profile == "urgent", case_.c.priority != "urgent")
_EQUALITIES = Equalities(TaskFilter, task, case_)


def conditions_of(session: Session, having: TaskFilter) -> list[ColumnElement[bool]]:
    """Return what a task and its case have to fulfil, whoever reads the list."""
    conditions = [case_.c.is_listed, *_EQUALITIES.of(having), *_due(having)]
    if having.area is not None:
        conditions.append(tasks_of_area(list_links(session), having.area))
    if having.keys is not None:
        keys = [read_task_key(key) for key in having.keys]
        conditions.append(tuple_(task.c.running_id, task.c.token).in_(keys))
    if having.is_urgent is not None:
        conditions.append(_IS_URGENT if having.is_urgent else not_(_IS_URGENT))
    if having.is_hasty is not None:
        conditions.append(IS_HASTY if having.is_hasty else not_(IS_HASTY))
    if having.q:
        conditions.append(
            or_(
                case_.c.number == having.q,
                case_.c.title.icontains(having.q, autoescape=True),
                task.c.label.icontains(having.q, autoescape=True),
            )
        )
    if having.text:
        conditions.append(finds_task(session, having.text))
    return conditions


def _due(having: TaskFilter) -> list[ColumnElement[bool]]:
    ends = (having.overdue_at, having.due_before)
    conditions = [task.c.due_at < end for end in ends if end is not None]
    if having.overdue_at is not None:
        conditions.append(WAS_NOT_PAUSED_BEFORE)
    if having.due_from is not None:
        conditions.append(task.c.due_at >= having.due_from)
    if having.is_paused is not None:
        stands = task.c.paused_at
        conditions.append(stands.is_not(None) if having.is_paused else stands.is_(None))
    return conditions


def first_alone(
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


def addressed_to(actor: Actor, whose: Whose, present: Holders) -> list[ColumnElement[bool]]:
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


def ways_to(actor: Actor, having: TaskFilter) -> list[ColumnElement[bool]]:
    """Return the ways to a done task: any of them is enough."""
    ways = ways_to_done_tasks(actor)
    if having.whose == "mine":
        return [and_(way, task.c.closed_by == actor.id) for way in ways[:1]]
    of_post = task.c.post_id.in_(actor.post_ids)
    return [and_(way, of_post) for way in ways] if having.whose == "team" else ways
