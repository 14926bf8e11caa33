"""Messages nobody waited for in time; those that are waited for are in `messages`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from storage.session import Session
from storage.tables import message


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A message whose time is over."""

    id: int
    name: str
    correlation: str
    from_case: int | None


_EXPIRED = (
    select(message.c.id)
    .where(message.c.delivered_at.is_(None), message.c.expires_at <= bindparam("now"))
    .order_by(message.c.id)
    .limit(bindparam("most"))
)
_TAKE = (
    update(message)
    .where(message.c.id.in_(_EXPIRED), message.c.delivered_at.is_(None))
    .values(delivered_at=bindparam("now"))
    .returning(message.c.id, message.c.name, message.c.correlation, message.c.from_case)
)


def take_expired(session: Session, *, now: datetime, limit: int = 100) -> list[Unclaimed]:
    """Take the messages off whose time is over, each once, for whoever reports them."""
    rows = session.execute(_TAKE, {"now": now, "most": limit}).all()
    return sorted((Unclaimed(*row) for row in rows), key=lambda one: one.id)
