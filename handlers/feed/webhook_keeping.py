"""Keeping webhooks: who registers them, and what becomes of what waits for them."""

from datetime import datetime
from typing import Final

from handlers.feed.feed_reading import require_kinds
from storage.database.session import Session
from storage.delivery import feed_deliveries
from storage.errors import FormInvalid, Refused
from storage.feed import events, webhooks
from storage.feed.webhooks import ACTIVE, BOTH_HOLD, PAUSED, REMOVED, NewWebhook, Secrets, Webhook
from storage.moments import in_china
from storage.people.actors import Actor
from storage.places.areas import find_area

KEEPERS: Final = ("admin_system",)


def keeps_webhooks(actor: Actor) -> bool:
    """Whether an actor registers webhooks."""
    return bool(actor.roles & set(KEEPERS))


def register(
    session: Session, new: NewWebhook, secret: str, *, key: bytes, actor: Actor, now: datetime
) -> Webhook:
    """Register a receiver of the feed; it gets what happens from now on.

    Raises:
        FormInvalid: a kind or the area is unknown.
    """
    require_kinds(new.kinds)
    if find_area(session, new.area_code, on=in_china(now).date()) is None:
        message = "没有这个区域。"
        english = "There is no such area."
        raise FormInvalid.at("area", message, code="unknown_area", english=english)
    cursor = events.find_last(session)
    return webhooks.add_webhook(session, new, secret, key=key, cursor=cursor, by=actor.id, at=now)


def rotate(
    session: Session, webhook: Webhook, secret: str, *, keys: tuple[bytes, ...], now: datetime
) -> Secrets:
    """Replace the secret of a webhook; the former one signs as well for a day."""
    former = webhooks.open_secrets(session, webhook.id, keys=keys).current
    secrets = Secrets(secret, former, now + BOTH_HOLD)
    webhooks.put_secrets(session, webhook.id, secrets, key=keys[0])
    return secrets


def change_state(session: Session, webhook: Webhook, state: str, *, now: datetime) -> Webhook:
    """Pause a webhook, or resume it: what it missed is sent then.

    Raises:
        Refused: it is in this state already.
    """
    if webhook.state == state:
        message = "这个推送已经是这个状态。"
        raise Refused(message, code="webhook_state")
    if state == PAUSED:
        webhooks.put_state(session, webhook.id, PAUSED, at=now)
        feed_deliveries.stop_waiting(session, webhook.receiver)
    else:
        webhooks.put_state(session, webhook.id, ACTIVE)
        feed_deliveries.wake(session, webhook.receiver, at=now)
    return webhooks.get_webhook(session, webhook.id)


def require_active(webhook: Webhook) -> None:
    """Refuse to send to a webhook that is paused.

    Raises:
        Refused: it is paused.
    """
    if webhook.state != ACTIVE:
        message = "这个推送已暂停，请先恢复。"
        raise Refused(message, code="webhook_paused")


def remove(session: Session, webhook: Webhook) -> None:
    """Remove a webhook with its secrets and what waits for it; what was sent stays on record."""
    webhooks.put_state(session, webhook.id, REMOVED)
    feed_deliveries.forget_unsent(session, webhook.receiver)
