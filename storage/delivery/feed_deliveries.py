"""Deliveries of the feed, webhook by webhook."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from storage.cases.steps import NewDelivery
from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.delivery.outbox import FEED
from storage.errors import NotFound
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import outbox


@dataclass(frozen=True, slots=True)
class FeedDelivery:
    """One event on its way to one webhook, and what became of it."""

    id: int
    key: str
    template: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    sent_at: datetime | None
    last_error: str | None
    payload: dict[str, Json]

    @property
    def subject(self) -> str | None:
        """The number of the case it tells of; none in a trial."""
        return self.payload.get("subject")


_FIELDS: Final = tuple(
    outbox.c[name]
    for name in (
        *("id", "key", "template", "state", "attempts"),
        *("created_at", "next_at", "sent_at", "last_error", "payload"),
    )
)


def add_deliveries(session: Session, new: Iterable[NewDelivery]) -> None:
    """Queue deliveries whose keys are new."""
    rows = [
        {
            "key": delivery.key,
            "channel": delivery.channel,
            "receiver": delivery.receiver,
            "template": delivery.template,
            "payload": delivery.payload,
            "state": "pending",
            "attempts": 0,
            "next_at": delivery.at,
            "created_at": delivery.at,
        }
        for delivery in new
    ]
    if rows:
        session.execute(insert(outbox), rows)


def count_waiting(session: Session, receiver: str) -> int:
    """Count what is queued for a webhook and was not taken yet."""
    question = select(func.count()).where(_to(receiver), outbox.c.state == "pending")
    return int(session.execute(question).scalar_one())


def list_deliveries(
    session: Session, receiver: str, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[FeedDelivery]:
    """List the deliveries to a webhook, the newest first."""
    return page_by_id(
        session,
        select(*_FIELDS).where(_to(receiver)),
        outbox.c.id,
        by_place(FeedDelivery),
        cursor=cursor,
        limit=limit,
    )


def send_again(session: Session, receiver: str, delivery_id: int, *, at: datetime) -> FeedDelivery:
    """Queue a delivery once more, under the same key; NotFound when it is not of this webhook."""
    values = {"state": "pending", "attempts": 0, "next_at": at, "last_error": None}
    mine = update(outbox).where(_to(receiver), outbox.c.id == delivery_id)
    row = session.execute(mine.values(**values).returning(*_FIELDS)).first()
    if row is None:
        message = "这个推送登记没有这条投递记录。"
        raise NotFound(message, code="delivery_not_found")
    return FeedDelivery(*row)


def stop_waiting(session: Session, receiver: str) -> None:
    """Give up for now what waits for a webhook that is paused."""
    waiting = update(outbox).where(_to(receiver), outbox.c.state == "pending")
    session.execute(waiting.values(state="dead"))


def wake(session: Session, receiver: str, *, at: datetime) -> None:
    """Queue again what was given up for a webhook that is resumed."""
    dead = update(outbox).where(_to(receiver), outbox.c.state == "dead")
    session.execute(dead.values(state="pending", attempts=0, next_at=at))


def forget_unsent(session: Session, receiver: str) -> None:
    """Delete what was not sent to a webhook that is removed."""
    session.execute(delete(outbox).where(_to(receiver), outbox.c.state != "sent"))


def _to(receiver: str) -> ColumnElement[bool]:
    return (outbox.c.channel == FEED) & (outbox.c.receiver == receiver)
