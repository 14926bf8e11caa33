"""What a business owes: the recurring starts of its self-inspection and the open task of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.cases.tasks import task_key
from storage.database.session import Session
from storage.tables import case_, task


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
