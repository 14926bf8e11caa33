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
from typing import NamedTuple

import structlog

from engine.background.incidents import DELIVERY, doubling, place_of
from engine.delivery.boxes import NOTICE, addressed, put_into_boxes
from engine.delivery.channels import DIGEST, Channel, Letter, subject_of
from engine.delivery.feed import FeedChannel
from engine.delivery.gateways import GATEWAYS
from engine.delivery.webhooks import UNREACHABLE
from engine.time.clock import Clock
from storage.cases import incidents
from storage.database.session import Database
from storage.delivery import outbox
from storage.delivery.outbox import Delivery
from storage.errors import DeliveryFailed

__all__ = ["LEASE", "Delivered", "deliver_claimed"]

log = structlog.get_logger("hangji.outbox")

ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
LEASE = timedelta(minutes=5)
PEOPLE = frozenset({"mail", *GATEWAYS})
"""The ways that lead to one person, where what has gathered goes out together."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The result of one round of deliveries."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    left: int = 0


class _Tried(NamedTuple):
    """What became of one try."""

    word: str
    is_out_of_reach: bool = False


def deliver_claimed(
    database: Database,
    channels: Mapping[str, Channel],
    claimed: Sequence[Delivery],
    clock: Clock,
    *,
    claim: datetime,
    ending: threading.Event | None = None,
) -> Delivered:
    """Send what is claimed until a moment, for half of that time; free again what is left.

    Whoever refuses a delivery gets the others. Whoever cannot be reached is not tried with the
    others as well: they wait as long as after a first failure, without having used up an attempt.
    """
    counts = {"sent": 0, "failed": 0, "dead": 0, "left": 0}
    silent: set[tuple[str, str]] = set()
    resting: list[int] = []
    untried: list[int] = []
    for together in _gathered(claimed):
        way, ids = (together[0].channel, together[0].receiver), [one.id for one in together]
        if clock.now() >= claim - LEASE / 2 or (ending is not None and ending.is_set()):
            untried += ids
        elif way in silent:
            resting += ids
        else:
            end = _deliver(database, channels, together, clock)
            counts[end.word] += len(together)
            if end.is_out_of_reach:
                silent.add(way)
    _free(database, untried, claim, clock.now())
    _free(database, resting, claim, clock.now() + FIRST_WAIT)
    return Delivered(**counts | {"left": len(untried) + len(resting)})


def _free(database: Database, ids: Sequence[int], claim: datetime, next_at: datetime) -> None:
    if ids:
        with database.transaction() as session:
            outbox.let_go(session, ids, was=claim, next_at=next_at)


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
) -> _Tried:
    try:
        if not _is_passed_on(database, channels, together[0], clock.now()):
            _send(channels, _addressed(database, together, clock.now()), clock.now())
    except DeliveryFailed as error:
        return _all_set_back(database, channels, together, error, clock.now())
    except Exception as error:  # noqa: BLE001 - a faulty channel must not stop the others
        failed = DeliveryFailed(place_of(error), code="channel_faulty")
        return _all_set_back(database, channels, together, failed, clock.now())
    with database.transaction() as session:
        for delivery in together:
            outbox.mark_sent(session, delivery.id, at=clock.now())
    return _Tried("sent")


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
    database: Database,
    channels: Mapping[str, Channel],
    together: Sequence[Delivery],
    error: DeliveryFailed,
    now: datetime,
) -> _Tried:
    channel = channels.get(together[0].channel)
    ends = {_set_back(database, channel, one, error, now) for one in together}
    return _Tried("failed" if "failed" in ends else "dead", error.code == UNREACHABLE)


def _set_back(
    database: Database,
    channel: Channel | None,
    delivery: Delivery,
    error: DeliveryFailed,
    now: datetime,
) -> str:
    attempts = delivery.attempts + 1
    is_last = attempts >= ATTEMPTS
    again_at = None if is_last else now + wait_after(attempts)
    with database.transaction() as session:
        outbox.mark_failed(session, delivery.id, error=error.message, again_at=again_at)
        if is_last and isinstance(channel, FeedChannel):
            channel.pause(session, delivery, error.message, now=now)
        elif is_last:
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
