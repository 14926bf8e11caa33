"""Publishing the feed: number what was committed, then queue it for each webhook.

A webhook's cursor moves in the transaction that queues its deliveries, so each event is queued
once for each, whatever dies in between. One that takes nothing gets no longer queue than this.
"""

from typing import Final

from engine.delivery.feed import event_document
from engine.time.clock import Clock
from storage.cases.steps import NewDelivery
from storage.database.session import Database, Session
from storage.delivery import feed_deliveries
from storage.delivery.outbox import FEED
from storage.feed import events, webhooks
from storage.feed.events import FeedEvent
from storage.feed.webhooks import Webhook
from storage.people.scope import cases_of_area, open_to_partners
from storage.places.links import list_links

__all__ = ["publish_feed"]

MOST_WAITING: Final = 200
"""Deliveries that wait for one webhook; the others are queued when it has taken some."""


def publish_feed(database: Database, clock: Clock) -> int:
    """Number new events and queue them for the webhooks; return how many were queued."""
    with database.reading() as session:
        is_waiting = events.has_unnumbered(session)
    while is_waiting:
        with database.transaction() as session:
            is_waiting = events.number_events(session) == events.NUMBERED_AT_ONCE
    with database.reading() as session:
        behind = webhooks.list_behind(session, events.find_last(session))
    queued = 0
    for webhook in behind:
        with database.transaction() as session:
            queued += _queue(session, webhook.id, clock)
    return queued


def _queue(session: Session, webhook_id: int, clock: Clock) -> int:
    webhook = webhooks.lock_webhook(session, webhook_id)
    room = 0 if webhook is None else _room(session, webhook)
    if webhook is None or room == 0:
        return 0
    part = events.list_events(
        session,
        open_to_partners() & cases_of_area(list_links(session), webhook.area_code),
        after=webhook.cursor,
        kinds=webhook.kinds,
        limit=room,
    )
    feed_deliveries.add_deliveries(
        session, [_delivery(webhook, event, clock) for event in part.items]
    )
    webhooks.move_cursor(session, webhook.id, to=part.next)
    return len(part.items)


def _room(session: Session, webhook: Webhook) -> int:
    return max(0, MOST_WAITING - feed_deliveries.count_waiting(session, webhook.receiver))


def _delivery(webhook: Webhook, event: FeedEvent, clock: Clock) -> NewDelivery:
    return NewDelivery(
        key=f"feed:{webhook.id}:{event.seq}",
        channel=FEED,
        receiver=webhook.receiver,
        template=event.kind,
        payload=event_document(event),
        at=clock.now(),
    )
