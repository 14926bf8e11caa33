"""Open tasks by their due time over the whole city, for work on all of them; inboxes: `tasks`."""

from datetime import datetime

from sqlalchemy import bindparam, select, tuple_

from storage.session import Session
from storage.tables import task

Key = tuple[int, str]
"""A task: its running process and its token."""

_AFTER = (
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
    session: Session, since: datetime, *, after: Key = (0, ""), limit: int = 500
) -> list[Key]:
    """List the open tasks due at a moment or later whose clock runs, those after a key."""
    names = {"since": since, "running_id": after[0], "token": after[1], "most": limit}
    return [(row.running_id, row.token) for row in session.execute(_AFTER, names)]
