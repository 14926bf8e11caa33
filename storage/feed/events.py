"""The feed: numbering what was committed, and reading it on from a number.

A step adds its events without a number, so that no step ever waits for another one. Numbers are
given a little later, to what is committed, under one lock: a transaction that commits late gets
the numbers after those that were read already, and no reader ever passes it by.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update

from storage.database.session import Session
from storage.errors import Conflict
from storage.moments import Json
from storage.tables import case_, feed_event

NUMBERED_AT_ONCE: Final = 1_000
LOOKED_AT: Final = 1_000
"""Events one reading looks at: it costs the same however few of them its reader may see."""

# Any number; a numbering transaction holds this lock until its commit, so there is one order.
_NUMBERING: Final = 4_701_231


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event of the feed."""

    seq: int
    at: datetime
    kind: str
    subject: str
    data: dict[str, Json]


@dataclass(frozen=True, slots=True)
class FeedPart:
    """Some events in order; `next` is the number to go on from, `more` whether that pays now."""

    items: tuple[FeedEvent, ...]
    next: int
    more: bool


_FIELDS: Final = tuple(
    feed_event.c[name].label(name) for name in ("seq", "at", "kind", "subject", "data")
)
_UNNUMBERED: Final[Select[Any]] = (
    select(feed_event.c.id)
    .where(feed_event.c.seq.is_(None))
    .order_by(feed_event.c.id)
    .limit(bindparam("most"))
)


def number_events(session: Session, *, limit: int = NUMBERED_AT_ONCE) -> int:
    """Number what was committed since the last time; return how many events.

    Two events of one case keep their order: the second step began when the first was committed.
    """
    if session.dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_NUMBERING)))
    waiting = list(session.execute(_UNNUMBERED, {"most": limit}).scalars())
    if not waiting:
        return 0
    after = find_last(session)
    rows = [{"row": row, "number": after + place} for place, row in enumerate(waiting, start=1)]
    numbered = update(feed_event).where(feed_event.c.id == bindparam("row"))
    session.execute(numbered.values(seq=bindparam("number")), rows)
    return len(rows)


def has_unnumbered(session: Session) -> bool:
    """Return whether events wait for their number."""
    return session.execute(_UNNUMBERED, {"most": 1}).first() is not None


def find_last(session: Session) -> int:
    """Find the number of the newest event; 0 when there is none."""
    return int(session.execute(select(func.max(feed_event.c.seq))).scalar() or 0)


def list_events(
    session: Session,
    seen: ColumnElement[bool],
    *,
    after: int,
    kinds: Collection[str] = (),
    limit: int,
) -> FeedPart:
    """List events after a number that a reader may see; `seen` filters their cases."""
    numbers = select(feed_event.c.seq).where(feed_event.c.seq > after).order_by(feed_event.c.seq)
    looked_at = list(session.execute(numbers.limit(LOOKED_AT)).scalars())
    if not looked_at:
        # A number that was never given, after an older backup was restored: go on from the newest.
        return FeedPart((), min(after, find_last(session)), more=False)
    question = (
        select(*_FIELDS)
        .join(case_, case_.c.id == feed_event.c.case_id)
        .where(feed_event.c.seq > after, feed_event.c.seq <= looked_at[-1], seen)
        .order_by(feed_event.c.seq)
        .limit(limit + 1)
    )
    if kinds:
        question = question.where(feed_event.c.kind.in_(kinds))
    rows = [FeedEvent(*row) for row in session.execute(question)]
    items = tuple(rows[:limit])
    is_cut = len(rows) > limit
    last = items[-1].seq if is_cut else looked_at[-1]
    return FeedPart(items, last, more=is_cut or len(looked_at) == LOOKED_AT)


def require_kept(session: Session, after: int) -> None:
    """Refuse a number whose followers are gone; who begins at 0 takes what there is.

    Raises:
        Conflict: events after that number were deleted when their time was over.
    """
    if after == 0:
        return
    first = session.execute(select(func.min(feed_event.c.seq))).scalar()
    if first is not None and after < first - 1:
        message = "这个编号之后的事件已到期删除；请从 0 开始，并用案件列表补齐。"
        raise Conflict(message, code="events_forgotten")


def count_before(session: Session, *, before: datetime) -> int:
    """Count the events that `forget_events` would delete."""
    return int(session.execute(select(func.count()).where(*_forgettable(before))).scalar_one())


def forget_events(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` events from before a moment, the oldest first; return their number.

    The newest number stays: the next one is counted from it.
    """
    some = select(feed_event.c.id).where(*_forgettable(before)).order_by(feed_event.c.seq)
    gone = session.execute(delete(feed_event).where(feed_event.c.id.in_(some.limit(limit))))
    return int(gone.rowcount)


def _forgettable(before: datetime) -> tuple[ColumnElement[bool], ...]:
    newest = select(func.max(feed_event.c.seq)).scalar_subquery()
    return feed_event.c.at < before, feed_event.c.seq < newest
