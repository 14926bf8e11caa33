"""The ways a message leaves the house: log, mail, webhook; what is sent when is in `outbox`.

A channel either has handed the notification over when it returns, or raises DeliveryFailed. Every
notification carries a key by which its receiver can drop a second delivery.
"""

import hashlib
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Protocol

import orjson
import structlog

from engine.delivery.webhooks import Endpoint, Fence, Resolver, post_signed, resolve
from storage.delivery.notices import titles
from storage.errors import DeliveryFailed
from storage.moments import canonical, to_text

__all__ = ["Channel", "Letter", "LogChannel", "MailChannel", "MailServer", "Notices"]

log = structlog.get_logger("hangji.outbox")

WEBHOOK = "webhook:"
PLATFORM = "platform"
SOURCE = "urn:hangji"
TYPE_PREFIX = "hangji."
MAIL_TIMEOUT_SECONDS = 10.0
DIGEST = "digest"
MAILTO = "mailto:"

_TITLES = {
    "digest": "待办消息汇总 Summary of your messages",
    "handed_back": "退回平台 Handed back",
    "public_result": "处理结果 Result of a report",
    "inquiry_answered": "咨询答复 Inquiry answered",
}
"""Notifications to systems and reporters; those to officers are listed in `notices.csv`."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way out."""

    key: str
    receiver: str
    template: str
    payload: Mapping[str, Any]
    created_at: datetime


class Channel(Protocol):
    """One way out."""

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Hand the notification over.

        Raises:
            DeliveryFailed: it was not taken; try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class LogChannel:
    """Logs that a notification was due, never its text: logs hold no personal data."""

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Write one line."""
        waited = round((now - letter.created_at).total_seconds(), 3)
        log.info("letter", template=letter.template, waited=waited)


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server and the sender address."""

    host: str
    port: int = 587
    sender: str = "hangji@localhost"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    has_tls: bool = True


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Sends a notification by mail to the address of a post or an officer."""

    server: MailServer
    address_of: Callable[[str], str | None]

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Hand the notification to the mail server.

        Raises:
            DeliveryFailed: no address, or the server did not take it.
        """
        named = letter.receiver.startswith(MAILTO)
        address = (
            letter.receiver.removeprefix(MAILTO) if named else self.address_of(letter.receiver)
        )
        if address is None:
            message = f"Nobody knows the mail address of {letter.receiver}."
            raise DeliveryFailed(message, code="receiver_unknown")
        try:
            with smtplib.SMTP(
                self.server.host, self.server.port, timeout=MAIL_TIMEOUT_SECONDS
            ) as connection:
                self._introduce(connection)
                connection.send_message(self._mail(letter, address, now))
        except (OSError, smtplib.SMTPException) as error:
            message = f"The mail server did not take it: {type(error).__name__}."
            raise DeliveryFailed(message, code="mail_refused") from error

    def _introduce(self, connection: smtplib.SMTP) -> None:
        if self.server.has_tls:
            connection.starttls(context=ssl.create_default_context())
        if self.server.username is not None:
            connection.login(self.server.username, self.server.password or "")

    def _mail(self, letter: Letter, address: str, now: datetime) -> EmailMessage:
        mail = EmailMessage()
        name = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
        mail["Message-ID"] = f"<{name}@{self.server.sender.partition('@')[2] or 'localhost'}>"
        mail["Date"] = now
        mail["From"] = self.server.sender
        mail["To"] = address
        mail["Subject"] = subject_of(letter)
        mail.set_content(text_of(letter))
        return mail


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts a signed notification to a subscribed system."""

    endpoints: Mapping[str, Endpoint]
    fence: Fence
    resolver: Resolver = resolve

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Post the notification.

        Raises:
            DeliveryFailed: no such endpoint, not allowed, or not answered with success.
        """
        name = letter.receiver.removeprefix(WEBHOOK)
        endpoint = self.endpoints.get(name)
        if endpoint is None:
            message = f"There is no webhook {name}."
            raise DeliveryFailed(message, code="receiver_unknown")
        post_signed(
            endpoint,
            key=letter.key,
            body=body_of(letter),
            now=now,
            fence=self.fence,
            resolver=self.resolver,
        )


@dataclass(frozen=True, slots=True)
class Notices:
    """What the engine writes as `notice`: the way out is the receiver's, not the sender's choice.

    Systems get a webhook where one is set up, people get mail where a server is set up; everything
    else is written to the log.
    """

    written: Channel
    mail: MailChannel | None = None
    webhook: WebhookChannel | None = None

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Send the notification through the receiver's channel.

        Raises:
            DeliveryFailed: that way did not take it.
        """
        self._way(letter.receiver).send(letter, now=now)

    def _way(self, receiver: str) -> Channel:
        if self.webhook is not None and (
            receiver.startswith(WEBHOOK) or receiver in self.webhook.endpoints
        ):
            return self.webhook
        if self.mail is not None and self.mail.address_of(receiver) is not None:
            return self.mail
        return self.written


def subject_of(letter: Letter) -> str:
    """One line in both languages with the case number; never what a reporter wrote."""
    title = titles().get(letter.template) or _TITLES.get(letter.template, letter.template)
    return f"夯基 {title} {letter.payload.get('case', '')}".strip()


def text_of(letter: Letter) -> str:
    """The notification as lines of `name: value`."""
    if letter.template == DIGEST:
        return "\n".join([subject_of(letter), "", *map(str, letter.payload["texts"]), ""])
    lines = [f"{name}: {_word(value)}" for name, value in letter.payload.items()]
    return "\n".join([subject_of(letter), "", *lines, "", f"key: {letter.key}", ""])


def body_of(letter: Letter) -> bytes:
    """The notification as a system reads it: a CloudEvents 1.0 document in structured mode."""
    case = letter.payload.get("case")
    return canonical(
        {
            "specversion": "1.0",
            "id": letter.key,
            "source": SOURCE,
            "type": f"{TYPE_PREFIX}{letter.template}",
            "time": to_text(letter.created_at),
            "datacontenttype": "application/json",
            "receiver": letter.receiver,
            "data": dict(letter.payload),
            **({} if case is None else {"subject": str(case)}),
        }
    ).encode()


def _word(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
