"""Cases of quotas that wait to be told that their quota is met."""

from dataclasses import dataclass

from sqlalchemy import select

from storage.database.session import Session
from storage.tables import awaited_message, quota_period
from storage.video.patrols import count_distinct


@dataclass(frozen=True, slots=True)
class WaitingQuota:
    """A case that waits for the message, and where."""

    running_id: int
    element: str


def list_met(session: Session, message: str) -> list[WaitingQuota]:
    """List the cases that wait for a message and whose quota was met by entries made elsewhere."""
    question = (
        select(
            awaited_message.c.running_id,
            awaited_message.c.element,
            quota_period.c.unit,
            quota_period.c.period_key,
            quota_period.c.owed,
        )
        .join(quota_period, quota_period.c.case_id == awaited_message.c.case_id)
        .where(awaited_message.c.name == message, quota_period.c.closed_at.is_(None))
        .order_by(awaited_message.c.running_id)
    )
    return [
        WaitingQuota(row.running_id, row.element)
        for row in session.execute(question).all()
        if count_distinct(session, row.unit, row.period_key) >= row.owed
    ]
