"""What a business owes: the recurring starts of its self-inspection and the open task of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, select

from storage.cases.tasks import task_key
from storage.database.session import Session
from storage.people.scope import under_areas
from storage.tables import business, case_, recurring, self_report, task


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A period that waits for the business."""

    number: str
    running_id: int
    token: int
    due_at: datetime

    @property
    def task(self) -> str:
        """The public id of the task."""
        return task_key(self.running_id, self.token)


def find_open(
    session: Session, start_keys: Iterable[str], *, task_id: str
) -> dict[str, OpenPeriod]:
    """Find the open task of each period by the key its case was started with."""
    question = (
        select(case_.c.start_key, case_.c.number, task.c.running_id, task.c.token, task.c.due_at)
        .join(task, task.c.case_id == case_.c.id)
        .where(case_.c.start_key.in_(list(start_keys)))
        .where(task.c.state == "open", task.c.task_id == task_id)
    )
    return {
        key: OpenPeriod(number, running_id, int(token), due_at)
        for key, number, running_id, token, due_at in session.execute(question)
    }


def list_answers(session: Session, reports: Iterable[int], *, task_id: str) -> dict[int, str]:
    """List the public id of the completed task of each closed period that was reported."""
    question = (
        select(self_report.c.id, task.c.running_id, task.c.token)
        .join(task, task.c.case_id == self_report.c.case_id)
        .where(self_report.c.id.in_(list(reports)), task.c.task_id == task_id)
        .where(task.c.state == "done")
        .order_by(task.c.running_id, task.c.token)
    )
    return {
        int(report): task_key(running_id, int(token))
        for report, running_id, token in session.execute(question)
    }


@dataclass(frozen=True, slots=True)
class OwedPeriod:
    """A kind of period a business owes."""

    business_id: int
    business: str
    period: str


def list_owed(
    session: Session, process_id: str, areas: Sequence[str], *, limit: int
) -> list[OwedPeriod]:
    """List what the businesses of some areas owe by the calendar, by name."""
    question = (
        select(business.c.id, business.c.name, recurring.c.period)
        .join(recurring, recurring.c.subject == cast(business.c.id, String))
        .where(recurring.c.process_id == process_id, recurring.c.subject_kind == "business")
        .where(recurring.c.ended_at.is_(None), under_areas(business.c.area_code, areas))
        .order_by(business.c.name, business.c.id, recurring.c.id)
        .limit(limit)
    )
    return [OwedPeriod(*row) for row in session.execute(question)]
