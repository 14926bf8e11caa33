"""Delivering what steps have queued: at least once, with a key, backing off, giving up in the open.

A delivery is claimed in one transaction, sent outside of any, and its end written in a third. When
the process dies in between, the claim runs out and it is sent again under the same key. After
the last attempt it is a dead letter and an incident that a supervisor can see and retry.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from engine.background.incidents import DELIVERY, doubling, place_of
from engine.delivery.boxes import NOTICE, addressed, put_into_boxes
from engine.delivery.channels import DIGEST, Channel, Letter, subject_of
from engine.delivery.gateways import GATEWAYS
from engine.time.clock import Clock
from storage.cases import incidents
from storage.database.session import Database
from storage.delivery import outbox
from storage.delivery.outbox import Delivery
from storage.errors import DeliveryFailed

__all__ = ["LEASE", "Delivered", "deliver_claimed", "deliver_due"]

log = structlog.get_logger("hangji.outbox")

ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
LEASE = timedelta(minutes=5)
BATCH = 100
PEOPLE = frozenset({"mail", *GATEWAYS})
"""The ways that lead to one person, where what has gathered goes out together."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The result of one round of deliveries."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    left: int = 0


def deliver_due(
    database: Database, channels: Mapping[str, Channel], clock: Clock, *, limit: int = BATCH
) -> Delivered:
    """Send due deliveries; return the numbers sent, failed, given up and left for the next round.

    A receiver that failed once is skipped for the remaining round: its other deliveries are tried
    again when their claim expires, without having used up an attempt.
    """
    with database.reading() as session:
        next_at = outbox.find_next_at(session)
    if next_at is None or next_at > clock.now():
        return Delivered()
    with database.transaction() as session:
        claimed = outbox.claim_deliveries(session, now=clock.now(), lease=LEASE, limit=limit)
    return deliver_claimed(database, channels, claimed, clock)


def deliver_claimed(
    database: Database,
    channels: Mapping[str, Channel],
    claimed: Sequence[Delivery],
    clock: Clock,
    *,
    until: datetime | None = None,
    ending: threading.Event | None = None,
) -> Delivered:
    """Send what is claimed, until a moment or the end of the process; the rest is left."""
    counts = {"sent": 0, "failed": 0, "dead": 0, "left": 0}
    silent: set[tuple[str, str]] = set()
    for together in _gathered(claimed):
        is_late = until is not None and clock.now() >= until
        if is_late or (ending is not None and ending.is_set()):
            counts["left"] += len(claimed) - sum(counts.values())
            break
        way = (together[0].channel, together[0].receiver)
        end = "left" if way in silent else _deliver(database, channels, together, clock)
        if end in {"failed", "dead"}:
            silent.add(way)
        counts[end] += len(together)
    return Delivered(**counts)


def wait_after(attempts: int) -> timedelta:
    """The delay after that many failed attempts."""
    return doubling(attempts, first=FIRST_WAIT, longest=LONGEST_WAIT)


def _gathered(claimed: Sequence[Delivery]) -> list[list[Delivery]]:
    """Group deliveries due for one person on one channel; every other one is sent alone."""
    groups: dict[tuple[str, str] | int, list[Delivery]] = {}
    for delivery in claimed:
        is_for_a_person = delivery.channel in PEOPLE
        place = (delivery.channel, delivery.receiver) if is_for_a_person else delivery.id
        groups.setdefault(place, []).append(delivery)
    return list(groups.values())


def _deliver(
    database: Database,
    channels: Mapping[str, Channel],
    together: Sequence[Delivery],
    clock: Clock,
) -> str:
    try:
        if not _is_passed_on(database, channels, together[0], clock.now()):
            _send(channels, _addressed(database, together, clock.now()), clock.now())
    except DeliveryFailed as error:
        return _all_set_back(database, together, error, clock.now())
    except Exception as error:  # noqa: BLE001 - a faulty channel must not stop the others
        failed = DeliveryFailed(place_of(error), code="channel_faulty")
        return _all_set_back(database, together, failed, clock.now())
    with database.transaction() as session:
        for delivery in together:
            outbox.mark_sent(session, delivery.id, at=clock.now())
    return "sent"


def _is_passed_on(
    database: Database, channels: Mapping[str, Channel], delivery: Delivery, now: datetime
) -> bool:
    """Put a notice into boxes first; True when it goes on from there to where people are."""
    if delivery.channel != NOTICE:
        return False
    with database.transaction() as session:
        return put_into_boxes(session, delivery, ways=PEOPLE & channels.keys(), now=now)


def _addressed(
    database: Database, together: Sequence[Delivery], now: datetime
) -> Sequence[Delivery]:
    """What goes on to people, with their addresses, but for what they are no longer to get."""
    if together[0].channel not in PEOPLE | {NOTICE}:
        return together
    with database.reading() as session:
        found = [addressed(session, delivery, now=now) for delivery in together]
    return [delivery for delivery in found if delivery is not None]


def _send(channels: Mapping[str, Channel], together: Sequence[Delivery], now: datetime) -> None:
    if not together:
        return
    first = together[0]
    channel = channels.get(first.channel)
    if channel is None:
        message = f"No channel {first.channel} is set up."
        raise DeliveryFailed(message, code="channel_unknown")
    letters = [
        Letter(
            key=delivery.key,
            receiver=delivery.receiver,
            template=delivery.template,
            payload=delivery.payload,
            created_at=delivery.created_at,
        )
        for delivery in together
    ]
    channel.send(letters[0] if len(letters) == 1 else _digest(letters), now=now)


def _digest(letters: Sequence[Letter]) -> Letter:
    """Several notifications as one; its key is made of theirs, in order."""
    keys = "\n".join(letter.key for letter in letters)
    return replace(
        letters[0],
        key=f"digest:{hashlib.sha256(keys.encode()).hexdigest()[:32]}",
        template=DIGEST,
        payload={"count": len(letters), "texts": [subject_of(letter) for letter in letters]},
    )


def _all_set_back(
    database: Database, together: Sequence[Delivery], error: DeliveryFailed, now: datetime
) -> str:
    ends = {_set_back(database, one, error, now) for one in together}
    return "failed" if "failed" in ends else "dead"


def _set_back(database: Database, delivery: Delivery, error: DeliveryFailed, now: datetime) -> str:
    attempts = delivery.attempts + 1
    is_last = attempts >= ATTEMPTS
    again_at = None if is_last else now + wait_after(attempts)
    with database.transaction() as session:
        outbox.mark_failed(session, delivery.id, error=error.message, again_at=again_at)
        if is_last:
            incidents.add_incident(
                session,
                action={"do": DELIVERY, "delivery": delivery.id, "key": delivery.key},
                error_code=error.code,
                message=error.message,
                at=now,
                case_id=delivery.case_id,
            )
    log.warning("letter_not_taken", channel=delivery.channel, error=error.code, attempts=attempts)
    return "dead" if is_last else "failed"
