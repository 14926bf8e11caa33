"""What every act on a task begins with: the case locked, the task seen and open."""

from engine.contract import Actor
from engine.run.access import require_open, require_seen
from storage.cases import cases, tasks
from storage.cases.cases import LockedCase
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.errors import NotFound
from storage.people.roles import capacity


def lock_task(session: Session, key: str, actor: Actor) -> tuple[LockedCase, Task]:
    """Lock the case of a task.

    Raises:
        NotFound: there is no such task, or the actor may not see it.
        Refused: the task is not open any more.
    """
    running_id, token = tasks.read_task_key(key)
    locked = cases.lock_case_for_step(session, running_id=running_id, token=token)
    task = locked.task
    if task is None:
        message = "没有这个环节，或者您无权查看。"
        raise NotFound(message, code="task_not_found")
    require_seen(actor, locked.case, task)
    require_open(task)
    return locked, task


def capacity_of(task: Task) -> str | None:
    """The capacity in which a task is worked on, by its role."""
    return capacity(task.role) if task.role else None
