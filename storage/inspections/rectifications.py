"""Rectifications under way: what is to be ordered, proved or checked, by when and by whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select

from storage.database.session import Session
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.actors import Actor
from storage.people.scope import visible_case
from storage.tables import case_, task

waits = task.alias("waits")
"""A name of its own: who may see a case is asked of the tasks too."""

STEPS: Final = {
    "order": "order_rectification",
    "prove": "prove_rectification",
    "check": "check_rectification",
}
"""The steps of a rectification, by the words a list is asked with."""


@dataclass(frozen=True, slots=True)
class OpenRectification:
    """One rectification that waits for somebody."""

    number: str
    kind: str
    title: str
    area: str
    business_id: int | None
    task_id: str
    post: str | None
    opened_at: datetime
    due_at: datetime
    running_id: int
    token: str


_FIELDS = (
    case_.c.number,
    case_.c.kind,
    case_.c.title,
    case_.c.area_code,
    case_.c.business_id,
    waits.c.task_id,
    waits.c.post_id,
    waits.c.opened_at,
    waits.c.due_at,
    waits.c.running_id,
    waits.c.token,
)


def list_rectifications(
    session: Session,
    actor: Actor,
    *,
    step: str | None = None,
    before: datetime | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[OpenRectification]:
    """List those of cases the actor may see, the first due first.

    `before` leaves those that are due before it: with the present moment, the overdue ones.
    """
    limit = clamped(limit)
    place = (waits.c.due_at, waits.c.running_id, waits.c.token)
    question = (
        select(*_FIELDS)
        .join(case_, case_.c.id == waits.c.case_id)
        .where(*_wanted(actor, step, before))
        .order_by(*place)
        .limit(limit + 1)
    )
    if cursor is not None:
        due, running_id, token = read_cursor(cursor, [datetime, int, str])
        later = (place[1] > running_id) | ((place[1] == running_id) & (place[2] > token))
        question = question.where((place[0] > due) | ((place[0] == due) & later))
    found = [OpenRectification(*row) for row in session.execute(question)]
    return page_of(found, limit, lambda one: [one.due_at.isoformat(), one.running_id, one.token])


def count_rectifications(
    session: Session, actor: Actor, *, step: str | None = None, before: datetime | None = None
) -> int:
    """Count what `list_rectifications` lists."""
    question: Select[Any] = (
        select(func.count())
        .select_from(waits.join(case_, case_.c.id == waits.c.case_id))
        .where(*_wanted(actor, step, before))
    )
    return int(session.execute(question).scalar_one())


def _wanted(actor: Actor, step: str | None, before: datetime | None) -> list[ColumnElement[bool]]:
    names = list(STEPS.values()) if step is None else [STEPS[step]]
    wanted = [waits.c.state == "open", waits.c.task_id.in_(names), visible_case(actor)]
    return wanted if before is None else [*wanted, waits.c.due_at < before]
