"""The feed on its way to registered webhooks: events as documents, and the channel that posts them.

The address and the secrets of a webhook are read when something is sent, so that a new secret or a
removal holds at once. Who answers nothing for hours is paused in the open, never forgotten.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from engine.delivery.channels import SOURCE, TYPE_PREFIX, Letter
from engine.delivery.webhooks import Endpoint, Fence, Resolver, post_signed, resolve
from storage.cases.steps import NewDelivery
from storage.database.session import Database, Session
from storage.delivery import feed_deliveries, outbox
from storage.delivery.outbox import Delivery
from storage.errors import DeliveryFailed, HangjiError
from storage.feed import webhooks
from storage.feed.events import FeedEvent
from storage.feed.webhooks import Webhook
from storage.moments import canonical, to_text
from storage.people.posts import list_posts

__all__ = ["PAUSED_NOTICE", "FeedChannel", "event_document", "trial_delivery"]

VERSION: Final = ".v1"
TEST: Final = "webhook.test"
PAUSED_NOTICE: Final = "webhook_paused"


def event_document(event: FeedEvent) -> dict[str, Any]:
    """Write an event as a CloudEvents 1.0 document; its id is its number in the feed."""
    return {
        **_document(str(event.seq), event.kind, event.at),
        "subject": event.subject,
        "data": event.data,
    }


def trial_delivery(webhook: Webhook, *, ident: str, now: datetime) -> NewDelivery:
    """Build a delivery that only shows whether the receiver takes what is sent."""
    document = {**_document(f"test-{ident}", TEST, now), "data": {"webhook": webhook.id}}
    return NewDelivery(
        key=f"feed:{webhook.id}:test-{ident}",
        channel=outbox.FEED,
        receiver=webhook.receiver,
        template=TEST,
        payload=document,
        at=now,
    )


def _document(ident: str, kind: str, at: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": ident,
        "source": SOURCE,
        "type": f"{TYPE_PREFIX}{kind}{VERSION}",
        "time": to_text(at),
        "datacontenttype": "application/json",
    }


@dataclass(frozen=True, slots=True)
class FeedChannel:
    """Posts events to the webhooks that are registered for them."""

    database: Database
    keys: tuple[bytes, ...]
    """The vault keys the secrets are sealed with."""
    fence: Fence
    keepers: tuple[str, ...] = ()
    """The roles that are told when a webhook is paused."""
    resolver: Resolver = resolve

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Post one event, signed with the secret and, for a day, with the former one.

        Raises:
            DeliveryFailed: the webhook is gone, not allowed, or did not answer with success.
        """
        webhook_id = webhooks.id_of(letter.receiver)
        try:
            with self.database.reading() as session:
                webhook = webhooks.get_webhook(session, webhook_id)
                secrets = webhooks.open_secrets(session, webhook_id, keys=self.keys)
        except HangjiError as error:
            message = f"Webhook {webhook_id} cannot be used: {error.code}."
            raise DeliveryFailed(message, code="receiver_unknown") from error
        current, *former = secrets.at(now)
        post_signed(
            Endpoint(webhook.url, current, tuple(former)),
            key=letter.key,
            body=canonical(letter.payload).encode(),
            now=now,
            fence=self.fence,
            resolver=self.resolver,
        )

    def pause(self, session: Session, delivery: Delivery, reason: str, *, now: datetime) -> None:
        """Pause the webhook of a delivery that was given up, and tell those who keep webhooks.

        Events go on being numbered; what it missed is sent when it is resumed.
        """
        webhook = webhooks.lock_webhook(session, webhooks.id_of(delivery.receiver))
        if webhook is None:
            return
        webhooks.put_state(session, webhook.id, webhooks.PAUSED, at=now, reason=reason)
        feed_deliveries.stop_waiting(session, webhook.receiver)
        for role in self.keepers:
            for post in list_posts(session, role=role):
                outbox.add_delivery(session, _paused_notice(webhook, post.id, now))


def _paused_notice(webhook: Webhook, post_id: str, now: datetime) -> NewDelivery:
    return NewDelivery(
        key=f"{PAUSED_NOTICE}:{webhook.id}:{webhook.version}:{post_id}",
        channel="notice",
        receiver=post_id,
        template=PAUSED_NOTICE,
        payload={"label": urlsplit(webhook.url).hostname or "", "webhook": webhook.id},
        at=now,
    )
