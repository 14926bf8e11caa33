"""Webhooks: where the feed is sent to, signed (R31)."""

from dataclasses import asdict
from typing import Any, Final

import marshmallow as ma

from api.http import auth, cursors
from api.http.request import composition
from api.http.routes import Ask, Gives, Nothing, Reply, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import AreaCode, Moment
from api.outgoing import webhook_fence
from engine.delivery.feed import trial_delivery
from engine.delivery.webhooks import new_secret
from handlers.feed import webhook_keeping as keeping
from storage.delivery import feed_deliveries, outbox
from storage.delivery.feed_deliveries import FeedDelivery
from storage.errors import DeliveryFailed, FormInvalid
from storage.feed import webhooks
from storage.feed.webhooks import BOTH_HOLD, NewWebhook, Webhook

routes = Resource("webhooks", "Where the feed is sent to.")

KEEPERS: Final = auth.roles(*keeping.KEEPERS)

_STATE: Final = ma.validate.OneOf(("active", "paused"))
_KIND: Final = ma.validate.Regexp(r"^[a-z_]{1,40}(\.[a-z_]{1,40}){0,3}$")
_ROW: Final = ma.validate.Range(1, 2**53)


class WebhookNew(ma.Schema):
    """A receiver to register."""

    url = ma.fields.Url(
        required=True,
        schemes={"https", "http"},
        require_tld=False,
        validate=ma.validate.Length(max=500),
        metadata={"description": "Its host is one that `outgoing.json` allows"},
    )
    kinds = ma.fields.List(
        ma.fields.String(validate=_KIND),
        load_default=list,
        validate=ma.validate.Length(max=20),
        metadata={"description": "Kinds of events; every kind when empty"},
    )
    area = AreaCode(required=True, metadata={"description": "Cases of this area and below"})


class WebhookShown(ma.Schema):
    """A registered receiver; its secret is shown once, when it is made."""

    id = ma.fields.Integer()
    url = ma.fields.String(metadata={"format": "uri"})
    kinds = ma.fields.List(ma.fields.String())
    area = ma.fields.String(attribute="area_code")
    state = ma.fields.String(validate=_STATE)
    version = ma.fields.Integer()
    created_at = Moment()
    paused_at = Moment(allow_none=True)
    pause_reason = ma.fields.String(allow_none=True)


class WebhookMade(WebhookShown):
    """A receiver with its secret, for this one time."""

    secret = ma.fields.String(metadata={"description": "Shown once; `rotate` makes another"})


class Webhooks(ma.Schema):
    """Receivers in the order they were registered."""

    items = ma.fields.List(ma.fields.Nested(WebhookShown))


class NewSecret(ma.Schema):
    """A new secret; the former one holds until then as well."""

    id = ma.fields.Integer()
    secret = ma.fields.String()
    former_until = Moment()


class WebhookChange(ma.Schema):
    """What of a webhook may change."""

    state = ma.fields.String(required=True, validate=_STATE)


class FeedDeliveryShown(ma.Schema):
    """One event on its way, and what became of it."""

    id = ma.fields.Integer()
    key = ma.fields.String(metadata={"description": "The `webhook-id` it is sent with"})
    kind = ma.fields.String(attribute="template")
    subject = ma.fields.String(allow_none=True, metadata={"description": "Number of the case"})
    state = ma.fields.String(validate=ma.validate.OneOf(("pending", "sent", "dead")))
    attempts = ma.fields.Integer()
    created_at = Moment()
    next_at = Moment()
    sent_at = Moment(allow_none=True)
    last_error = ma.fields.String(allow_none=True)


class FeedDeliveries(ma.Schema):
    """Deliveries, the newest first."""

    items = ma.fields.List(ma.fields.Nested(FeedDeliveryShown))
    next = ma.fields.String(allow_none=True)


class Redelivery(ma.Schema):
    """Which delivery to send again."""

    delivery = ma.fields.Integer(required=True, validate=_ROW)


def _with_secret(body: dict[str, Any]) -> dict[str, Any]:
    """Show the secret again to who repeats the request whose answer was lost."""
    keys = composition().vault_keys
    with composition().database.reading() as session:
        secrets = webhooks.open_secrets(session, body["id"], keys=keys)
    return {**body, "secret": secrets.current}


@routes.get("/webhooks", needs=KEEPERS, gives=Gives(Webhooks))
def search(ask: Ask) -> dict[str, Any]:
    """List the registered receivers."""
    return {"items": webhooks.list_webhooks(ask.session)}


@routes.get(
    "/webhooks/<row:webhook_id>", needs=KEEPERS, gives=Gives(WebhookShown, is_versioned=True)
)
def read(ask: Ask, webhook_id: int) -> Webhook:
    """Show one receiver."""
    return webhooks.get_webhook(ask.session, webhook_id)


@routes.post(
    "/webhooks",
    needs=KEEPERS,
    takes=Takes(
        WebhookNew,
        example={
            "url": "https://platform.example/events",
            "kinds": ["case.closed"],
            "area": "350322",
        },
    ),
    gives=Gives(WebhookMade, status=201, finish=_with_secret),
)
def add(ask: Ask) -> Reply:
    """Register a receiver; the answer holds its secret, once."""
    new = NewWebhook(url=ask.body["url"], kinds=ask.body["kinds"], area_code=ask.body["area"])
    _require_allowed(ask, new.url)
    secret, key = new_secret(), ask.composition.vault_keys[0]
    made = keeping.register(ask.session, new, secret, key=key, actor=ask.actor, now=ask.now)
    facts = {"url": made.url, "area": made.area_code, "kinds": list(made.kinds)}
    ask.keep_on_file("webhook_added", "webhook", made.id, facts)
    location = {"Location": f"/api/v1/webhooks/{made.id}"}
    return Reply(asdict(made), location, unkept={"secret": secret})


@routes.post(
    "/webhooks/<row:webhook_id>",
    method="PATCH",
    needs=KEEPERS,
    takes=Takes(WebhookChange, example={"state": "paused"}),
    gives=Gives(WebhookShown, is_versioned=True),
)
def change(ask: Ask, webhook_id: int) -> Webhook:
    """Pause a receiver, or resume it: what it missed is sent then."""
    known = webhooks.get_webhook(ask.session, webhook_id)
    ask.agree_on(known.version)
    ask.keep_on_file("webhook_changed", "webhook", webhook_id, ask.body)
    return keeping.change_state(ask.session, known, ask.body["state"], now=ask.now)


@routes.post(
    "/webhooks/<row:webhook_id>",
    method="DELETE",
    needs=KEEPERS,
    gives=Gives(Nothing, status=204),
)
def remove(ask: Ask, webhook_id: int) -> Reply:
    """Remove a receiver with its secret; what waits for it is not sent."""
    known = webhooks.get_webhook(ask.session, webhook_id)
    keeping.remove(ask.session, known)
    ask.keep_on_file("webhook_removed", "webhook", webhook_id, {"url": known.url})
    return Reply(None)


@routes.post(
    "/webhooks/<row:webhook_id>/rotate",
    needs=KEEPERS,
    gives=Gives(NewSecret, finish=_with_secret),
)
def rotate(ask: Ask, webhook_id: int) -> Reply:
    """Make a new secret; for a day requests are signed with the former one, too."""
    known = webhooks.get_webhook(ask.session, webhook_id)
    secret, keys = new_secret(), ask.composition.vault_keys
    keeping.rotate(ask.session, known, secret, keys=keys, now=ask.now)
    ask.keep_on_file("webhook_rotated", "webhook", webhook_id)
    shown = {"id": webhook_id, "former_until": ask.now + BOTH_HOLD}
    return Reply(shown, unkept={"secret": secret})


@routes.post(
    "/webhooks/<row:webhook_id>/test",
    needs=KEEPERS,
    gives=Gives(status=204),
)
def try_out(ask: Ask, webhook_id: int) -> None:
    """Send an event of the kind `webhook.test`, to see whether it is taken."""
    known = webhooks.get_webhook(ask.session, webhook_id)
    keeping.require_active(known)
    ident = f"{ask.now.timestamp():.6f}"
    outbox.add_delivery(ask.session, trial_delivery(known, ident=ident, now=ask.now))
    ask.keep_on_file("webhook_tried", "webhook", webhook_id)


@routes.get(
    "/webhooks/<row:webhook_id>/deliveries",
    needs=KEEPERS,
    gives=Gives(FeedDeliveries),
    query=Paged,
)
def deliveries(ask: Ask, webhook_id: int) -> dict[str, Any]:
    """List what was sent to a receiver, or waits for it, the newest first."""
    page = feed_deliveries.list_deliveries(
        ask.session,
        webhooks.get_webhook(ask.session, webhook_id).receiver,
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.post(
    "/webhooks/<row:webhook_id>/redeliver",
    needs=KEEPERS,
    takes=Takes(Redelivery, example={"delivery": 1}),
    gives=Gives(FeedDeliveryShown),
)
def redeliver(ask: Ask, webhook_id: int) -> FeedDelivery:
    """Send a delivery once more, under the same key."""
    known = webhooks.get_webhook(ask.session, webhook_id)
    keeping.require_active(known)
    delivery_id = ask.body["delivery"]
    ask.keep_on_file("webhook_redelivered", "webhook", webhook_id, {"delivery": delivery_id})
    return feed_deliveries.send_again(ask.session, known.receiver, delivery_id, at=ask.now)


def _require_allowed(ask: Ask, url: str) -> None:
    """Refuse an address that requests may not go to: it would never be sent anything."""
    try:
        webhook_fence(ask.composition.settings).check_url(url)
    except DeliveryFailed as error:
        message = "这个地址不在 outgoing.json 允许的范围内；请先由系统管理员登记主机。"
        english = "outgoing.json does not allow this address; list its host there first."
        raise FormInvalid.at("url", message, code="url_not_allowed", english=english) from error
