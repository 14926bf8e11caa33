"""Open tasks with what a board counts of their cases: as rows, as an actor may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select, tuple_

from storage.cases.cases import CASE_FIELDS, Case
from storage.cases.tasks import TASK_FIELDS, Task
from storage.database.session import Session
from storage.moments import NEVER, Json
from storage.people.actors import Actor
from storage.people.scope import under_areas, visible_case, visible_tasks
from storage.places.links import AreaLink, codes_behind, current_code, list_links
from storage.tables import case_, running_process, task


class WaitingTask(NamedTuple):
    """One open task; never due is `moments.NEVER`."""

    running_id: int
    token: str
    case_id: int
    task_id: str
    label: str
    area_code: str
    post_id: str | None
    officer_id: int | None
    opened_at: datetime
    due_at: datetime
    deadline: Json
    paused_at: datetime | None
    chased: Json
    digest: str
    number: str
    title: str
    matter: str | None
    priority: str
    supervised: bool
    source: str
    channel: str | None
    case_opened_at: datetime

    @property
    def key(self) -> tuple[int, str]:
        """What no other task has: a number counts within the process it runs in alone."""
        return self.running_id, self.token

    @property
    def is_running(self) -> bool:
        """Whether its clock runs towards an end."""
        return self.paused_at is None and self.due_at < NEVER


_OPEN: Select[Any] = (
    select(
        task.c.running_id,
        task.c.token,
        task.c.case_id,
        task.c.task_id,
        task.c.label,
        task.c.area_code,
        task.c.post_id,
        task.c.officer_id,
        task.c.opened_at,
        task.c.due_at,
        task.c.deadline,
        task.c.paused_at,
        task.c.chased,
        running_process.c.digest,
        case_.c.number,
        case_.c.title,
        case_.c.matter,
        case_.c.priority,
        case_.c.supervised,
        case_.c.source,
        case_.c.channel,
        case_.c.opened_at,
    )
    .join(case_, case_.c.id == task.c.case_id)
    .join(running_process, running_process.c.id == task.c.running_id)
    .where(task.c.state == "open", case_.c.status == "open")
)


def list_open_work(session: Session, *, actor: Actor, area: str | None = None) -> list[WaitingTask]:
    """List the open tasks of open cases an actor may see, of a subtree of areas."""
    links = list_links(session)
    question = _OPEN.where(visible_tasks(actor))
    if area is not None:
        codes = [area, *codes_behind(links, area)]
        question = question.where(under_areas(task.c.area_code, codes))
    rows = [WaitingTask(*row) for row in session.execute(question)]
    if not links:
        return rows
    placed = (_as_of_today(row, links) for row in rows)
    return [row for row in placed if area is None or row.area_code.startswith(area)]


def _as_of_today(row: WaitingTask, links: Sequence[AreaLink]) -> WaitingTask:
    code = current_code(links, row.area_code, number=row.case_id, opened_at=row.case_opened_at)
    return row._replace(area_code=code)


def list_with_cases(
    session: Session, keys: Sequence[tuple[int, str]], *, actor: Actor
) -> dict[tuple[int, str], tuple[Task, Case]]:
    """Read whole tasks with their cases by key; what the actor may not see is left out."""
    if not keys:
        return {}
    width = len(CASE_FIELDS)
    question = (
        select(*CASE_FIELDS, *TASK_FIELDS)
        .join(task, task.c.case_id == case_.c.id)
        .where(tuple_(task.c.running_id, task.c.token).in_(keys), visible_tasks(actor))
    )
    rows = [(Task(*row[width:]), Case(*row[:width])) for row in session.execute(question)]
    return {(found.running_id, found.token): (found, case) for found, case in rows}


def list_holders(
    session: Session, numbers: Sequence[str], *, actor: Actor
) -> list[tuple[str, str | None, int | None]]:
    """List who has the open tasks of these cases: number, post, officer; by due time."""
    question = (
        select(case_.c.number, task.c.post_id, task.c.officer_id)
        .join(case_, case_.c.id == task.c.case_id)
        .where(case_.c.number.in_(numbers), task.c.state == "open", visible_tasks(actor))
        .order_by(task.c.due_at, task.c.running_id, task.c.token)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(question)] if numbers else []


def list_visible_cases(session: Session, ids: Sequence[int], *, actor: Actor) -> dict[int, Case]:
    """Read cases by id; what the actor may not see is left out."""
    if not ids:
        return {}
    question = select(*CASE_FIELDS).where(case_.c.id.in_(ids), visible_case(actor))
    found = [Case(*row) for row in session.execute(question)]
    return {case.id: case for case in found}
