"""Deliveries that wait as rows: claiming, back-off, dead letters; sending is in the engine."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, or_, select, update

from storage.cases.steps import NewDelivery
from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import outbox

_ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """One effect outside the database, with what became of it so far."""

    id: int
    key: str
    case_id: int | None
    channel: str
    receiver: str
    template: str
    payload: dict[str, Json]
    attempts: int
    created_at: datetime
    state: str
    last_error: str | None


_FIELDS = (
    outbox.c.id,
    outbox.c.key,
    outbox.c.case_id,
    outbox.c.channel,
    outbox.c.receiver,
    outbox.c.template,
    outbox.c.payload,
    outbox.c.attempts,
    outbox.c.created_at,
    outbox.c.state,
    outbox.c.last_error,
)


def add_delivery(session: Session, delivery: NewDelivery, *, case_id: int | None = None) -> None:
    """Queue an effect outside a step; a key that is there already is left as it is."""
    if session.execute(select(outbox.c.id).where(outbox.c.key == delivery.key)).first():
        return
    session.execute(
        insert(outbox).values(
            key=delivery.key,
            case_id=case_id,
            channel=delivery.channel,
            receiver=delivery.receiver,
            template=delivery.template,
            payload=dict(delivery.payload),
            state="pending",
            attempts=0,
            next_at=delivery.at,
            created_at=delivery.at,
        )
    )


@dataclass(frozen=True, slots=True)
class InLane:
    """A delivery that is due, and the way it takes: `lane` is its system, or one for people."""

    id: int
    lane: str
    attempts: int


FEED = "feed"
"""The channel of events for registered webhooks; what becomes of them is `feed_deliveries`."""
PEOPLE = "people"
PICTURES = "pictures"
"""Photos that are to be looked at: work of our own, in a lane of its own."""
_IS_SYSTEM = or_(
    outbox.c.receiver.in_(("platform", PICTURES)),
    outbox.c.receiver.startswith("webhook:"),
    outbox.c.receiver.startswith("sync:"),
)


def claim_in_lanes(
    session: Session,
    *,
    now: datetime,
    until: datetime,
    busy: Collection[str],
    limit: int,
    most_in_lane: int,
) -> list[InLane]:
    """Claim what is due in lanes that are not busy, the oldest first, so many of each lane.

    A receiver with a long queue leaves room for the others.
    """
    question = (
        select(outbox.c.id, case((_IS_SYSTEM, outbox.c.receiver), else_=PEOPLE), outbox.c.attempts)
        .where(outbox.c.state == "pending", outbox.c.next_at <= now, *_not_of(busy))
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(limit)
    )
    if session.dialect.name != "sqlite":
        question = question.with_for_update(skip_locked=True)
    counts: Counter[str] = Counter()
    claimed = []
    for found in (InLane(*row) for row in session.execute(question)):
        counts[found.lane] += 1
        if counts[found.lane] <= most_in_lane:
            claimed.append(found)
    if claimed:
        ids = [found.id for found in claimed]
        session.execute(update(outbox).where(outbox.c.id.in_(ids)).values(next_at=until))
    return claimed


def take(session: Session, ids: Sequence[int], *, was: datetime, until: datetime) -> list[Delivery]:
    """Move a claim to who delivers; rows that another one has, or that are sent, are left out."""
    taken = session.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids), outbox.c.state == "pending", outbox.c.next_at == was)
        .values(next_at=until)
        .returning(outbox.c.id)
    )
    return _read(session, list(taken.scalars()))


def let_go(session: Session, ids: Sequence[int], *, was: datetime, next_at: datetime) -> None:
    """Release the rows of a claim that were not tried: free again at a moment."""
    session.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids), outbox.c.state == "pending", outbox.c.next_at == was)
        .values(next_at=next_at)
    )


def find_tries(session: Session, ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """Find how often each of these was tried and when it is next; without those that are over."""
    question = select(outbox.c.id, outbox.c.attempts, outbox.c.next_at).where(
        outbox.c.id.in_(ids), outbox.c.state == "pending"
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(question)}


def _not_of(busy: Collection[str]) -> list[ColumnElement[bool]]:
    systems = [lane for lane in busy if lane != PEOPLE]
    without: list[ColumnElement[bool]] = []
    if systems:
        without.append(outbox.c.receiver.not_in(systems))
    return [*without, _IS_SYSTEM] if PEOPLE in busy else without


def mark_sent(session: Session, delivery_id: int, *, at: datetime) -> None:
    """Note that the receiver took it."""
    session.execute(
        update(outbox)
        .where(outbox.c.id == delivery_id, outbox.c.state == "pending")
        .values(state="sent", sent_at=at, attempts=outbox.c.attempts + 1, last_error=None)
    )


def count_sent(session: Session, *, before: datetime) -> int:
    """Count what was delivered before a moment."""
    sent = outbox.c.state == "sent", outbox.c.sent_at < before
    return int(session.execute(select(func.count()).where(*sent)).scalar_one())


def forget_sent(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` deliveries sent before a moment; return their number."""
    some = (
        select(outbox.c.id)
        .where(outbox.c.state == "sent", outbox.c.sent_at < before)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    gone = session.execute(delete(outbox).where(outbox.c.id.in_(some)))
    return int(gone.rowcount)


def mark_failed(
    session: Session, delivery_id: int, *, error: str, again_at: datetime | None
) -> None:
    """Note that the receiver did not take it: again at a moment, or never (a dead letter)."""
    values: dict[str, Any] = {
        "attempts": outbox.c.attempts + 1,
        "last_error": error[:_ERROR_LENGTH],
        "state": "dead" if again_at is None else "pending",
    }
    if again_at is not None:
        values["next_at"] = again_at
    session.execute(
        update(outbox)
        .where(outbox.c.id == delivery_id, outbox.c.state == "pending")
        .values(**values)
    )


def requeue(session: Session, delivery_id: int, *, at: datetime) -> bool:
    """Try a dead letter again; False when the row is not one."""
    woken = session.execute(
        update(outbox)
        .where(outbox.c.id == delivery_id, outbox.c.state == "dead")
        .values(state="pending", attempts=0, next_at=at)
    )
    return bool(woken.rowcount)


def requeue_of(session: Session, receiver: str, *, at: datetime) -> list[int]:
    """Try every dead letter of a receiver again; return their ids."""
    woken = session.execute(
        update(outbox)
        .where(*_dead(receiver))
        .values(state="pending", attempts=0, next_at=at)
        .returning(outbox.c.id)
    )
    return list(woken.scalars())


def count_dead(session: Session, receiver: str) -> int:
    """Count the dead letters of a receiver."""
    question = select(func.count()).select_from(outbox).where(*_dead(receiver))
    return int(session.execute(question).scalar_one())


def _dead(receiver: str | None) -> list[ColumnElement[bool]]:
    named = [] if receiver is None else [outbox.c.receiver == receiver]
    return [outbox.c.state == "dead", *named]


def list_dead(
    session: Session,
    *,
    receiver: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Delivery]:
    """List dead letters, of one receiver or all, newest first."""
    return page_by_id(
        session,
        select(*_FIELDS).where(*_dead(receiver)),
        outbox.c.id,
        by_place(Delivery),
        cursor=cursor,
        limit=limit,
    )


def list_of_case(session: Session, case_id: int) -> list[Delivery]:
    """List all deliveries of a case, oldest first."""
    question = select(*_FIELDS).where(outbox.c.case_id == case_id).order_by(outbox.c.id)
    return [Delivery(*row) for row in session.execute(question)]


def find_next_at(session: Session) -> datetime | None:
    """Find when the next delivery is to be tried; one probe of the index."""
    next_at: datetime | None = session.execute(
        select(outbox.c.next_at)
        .where(outbox.c.state == "pending")
        .order_by(outbox.c.next_at)
        .limit(1)
    ).scalar()
    return next_at


def count_pending(session: Session) -> tuple[int, int]:
    """Count deliveries waiting, and dead ones."""
    rows = session.execute(
        select(outbox.c.state, func.count())
        .where(outbox.c.state != "sent")
        .group_by(outbox.c.state)
    )
    counts = {row[0]: row[1] for row in rows}
    return int(counts.get("pending", 0)), int(counts.get("dead", 0))


def find_oldest_pending(session: Session) -> datetime | None:
    """Find since when the oldest waiting delivery waits; None when none does."""
    oldest: datetime | None = session.execute(
        select(func.min(outbox.c.created_at)).where(outbox.c.state == "pending")
    ).scalar()
    return oldest


def _read(session: Session, ids: Sequence[int]) -> list[Delivery]:
    if not ids:
        return []
    question = select(*_FIELDS).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)
    return [Delivery(*row) for row in session.execute(question)]
