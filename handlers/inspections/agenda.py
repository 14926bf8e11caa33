"""What stands in somebody's calendar: own inspections and due tasks; a hidden plan never (R21)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from handlers.inspections.plans import list_seen
from storage.cases.inboxes.filters import TaskFilter
from storage.cases.inboxes.lists import list_inbox
from storage.database.session import Session
from storage.moments import in_china
from storage.pages import LARGEST_LIMIT
from storage.people.actors import Actor


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """One entry: whole days, or a task that is due at a moment."""

    key: str
    title: str
    since: date
    until: date
    """The last day, itself included."""
    due_at: datetime | None = None


def agenda_of(session: Session, *, actor: Actor, now: datetime) -> Iterator[AgendaEntry]:
    """Return the inspections of one's office or oneself, then one's tasks by due time.

    A calendar is copied to phones and other systems, so that what is hidden is in none, not even
    in that of whoever planned it.
    """
    today = in_china(now).date()
    for plan in list_seen(session, actor=actor, now=now):
        is_own = actor.holds(plan.post) or actor.id in plan.inspectors
        if is_own and not plan.is_hidden(now) and plan.until >= today:
            yield AgendaEntry(f"inspection-{plan.id}", plan.title, plan.since, plan.until)
    mine = TaskFilter(whose="mine")
    for task in list_inbox(session, actor=actor, at=now, having=mine, limit=LARGEST_LIMIT).items:
        day = in_china(task.task.due_at).date()
        title = f"{task.task.label}：{task.case_title}"
        yield AgendaEntry(f"task-{task.task.key}", title, day, day, task.task.due_at)
