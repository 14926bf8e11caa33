"""One round of deliveries, claimed and sent in the process of a test; holds no test."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.background.outbox import LEASE, Delivered, deliver_claimed
from engine.delivery.channels import Channel
from engine.time.clock import Clock
from storage.database.session import Database, Session
from storage.delivery import outbox
from storage.delivery.outbox import Delivery


def claim_deliveries(
    session: Session, *, now: datetime, lease: timedelta, limit: int = 100
) -> list[Delivery]:
    """Claim what is due, of all lanes."""
    until = now + lease
    found = outbox.claim_in_lanes(
        session, now=now, until=until, busy=(), limit=limit, most_in_lane=limit
    )
    return outbox.take(session, [each.id for each in found], was=until, until=until)


def deliver_due(
    database: Database, channels: Mapping[str, Channel], clock: Clock, *, limit: int = 100
) -> Delivered:
    """Send what is due; what is refused waits for its next try."""
    now = clock.now()
    with database.transaction() as session:
        claimed = claim_deliveries(session, now=now, lease=LEASE, limit=limit)
    return deliver_claimed(database, channels, claimed, clock, claim=now + LEASE)
