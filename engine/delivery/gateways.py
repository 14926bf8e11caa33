"""SMS, WeChat template messages and the city app: signed requests to a gateway of the city.

Providers differ and want contracts, so hangji speaks one small language to a gateway in front of
them: `{"to", "template", "title", "text", "case", "key"}`, signed as a webhook is. `to` is a
telephone number, or the account of the officer; never the name or number of a reporter. What a
gateway does with it: docs/notifications.md.
"""

from dataclasses import dataclass
from datetime import datetime

from engine.delivery.channels import Letter, subject_of, text_of
from engine.delivery.webhooks import Endpoint, Fence, Resolver, post_signed, resolve
from storage.moments import canonical

__all__ = ["GATEWAYS", "GatewayChannel"]

GATEWAYS = ("sms", "wechat", "app")
"""The ways to people that lead over a gateway, by the name `notices.csv` uses."""


@dataclass(frozen=True, slots=True)
class GatewayChannel:
    """Hands a notification to the gateway of one way out."""

    way: str
    endpoint: Endpoint
    fence: Fence
    resolver: Resolver = resolve

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Post the notification.

        Raises:
            DeliveryFailed: not allowed, not reachable, or not answered with success.
        """
        body = canonical(
            {
                "way": self.way,
                "to": letter.receiver.partition(":")[2],
                "template": letter.template,
                "title": subject_of(letter),
                "text": text_of(letter),
                "case": letter.payload.get("case"),
                "key": letter.key,
            }
        )
        post_signed(
            self.endpoint,
            key=letter.key,
            body=body.encode(),
            now=now,
            fence=self.fence,
            resolver=self.resolver,
        )
