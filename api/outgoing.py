"""The delivery channels, read from `outgoing.json` in the var folder; without it, the log.

{"mail": {"host": "mail.example", "sender": "hangji@mail.example", "domain": "mail.example",
          "addresses": {"officer:7": "somebody@mail.example"}},
 "webhooks": {"hosts": ["platform.example"], "inner_networks": ["10.20.0.0/16"],
              "endpoints": {"platform": {"url": "https://platform.example/told",
                                         "secret": "whsec_..."}}},
 "gateways": {"hosts": ["gateway.example"],
              "endpoints": {"sms": {"url": "https://gateway.example/sms",
                                    "secret": "whsec_..."}}},
 "base_map": {"hosts": ["tiles.example"], "key": "..."},
 "sync": {"smart_supervision": {"url": "https://supervision.example", "client": "hangji",
                                "secret": "...", "hosts": ["supervision.example"]}}}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from api.settings import Settings, SettingsError
from engine.delivery.channels import (
    Channel,
    LogChannel,
    MailChannel,
    MailServer,
    Notices,
    WebhookChannel,
)
from engine.delivery.gateways import GATEWAYS, GatewayChannel
from engine.delivery.webhooks import Endpoint, Fence, is_strong, read_networks

FILE: Final = "outgoing.json"
_PARTS: Final = frozenset({"mail", "webhooks", "gateways", "base_map", "sync"})
_NO_MAIL: Final = frozenset({"reporter", "platform"})


def channels(settings: Settings) -> dict[str, Channel]:
    """The channels by the name the outbox uses.

    Raises:
        SettingsError: the file cannot be read, or a secret in it is too short.
    """
    written = LogChannel()
    given = _read(settings.var_folder / FILE)
    mail = _mail(given["mail"]) if "mail" in given else None
    webhook = _webhook(given["webhooks"]) if "webhooks" in given else None
    ways: dict[str, Channel] = {"notice": Notices(written, mail, webhook), "log": written}
    if mail is not None:
        ways["smtp"] = ways["mail"] = mail
    if webhook is not None:
        ways["webhook"] = webhook
    if "gateways" in given:
        ways.update(_gateways(given["gateways"]))
    return ways


@dataclass(frozen=True, slots=True)
class BaseMapWay:
    """Where tiles of the base map may be read from, and the key of its service."""

    fence: Fence
    key: str = field(repr=False)


def base_map(settings: Settings) -> BaseMapWay:
    """How the base map is reached; without an entry no host is allowed.

    Raises:
        SettingsError: the file cannot be read.
    """
    told = _read(settings.var_folder / FILE).get("base_map", {})
    try:
        return BaseMapWay(read_fence(told), str(told.get("key", "")))
    except (TypeError, ValueError, AttributeError) as error:
        message = f"{FILE}: base_map cannot be read: {error}"
        raise SettingsError(message, code="outgoing_unreadable") from error


def read_fence(told: Mapping[str, Any]) -> Fence:
    """Read where a part of the file may lead; no host where it names none.

    Raises:
        ValueError: a network is none.
        TypeError: hosts are no list.
    """
    hosts = told.get("hosts", [])
    if not isinstance(hosts, list):
        message = "hosts is a list of names"
        raise TypeError(message)
    return Fence(
        frozenset(hosts),
        read_networks(told.get("inner_networks", ())),
        has_plain_http=bool(told.get("plain_http", False)),
    )


def sync_ways(settings: Settings) -> dict[str, dict[str, Any]]:
    """How other platforms are reached, by their ids; what it needs is the adapter's to say.

    Raises:
        SettingsError: the file cannot be read.
    """
    told = _read(settings.var_folder / FILE).get("sync", {})
    if not (isinstance(told, dict) and all(isinstance(way, dict) for way in told.values())):
        message = f"{FILE}: sync holds an object for each platform"
        raise SettingsError(message, code="outgoing_unreadable")
    try:
        for way in told.values():
            read_fence(way)
    except (TypeError, ValueError) as error:
        message = f"{FILE}: sync cannot be read: {error}"
        raise SettingsError(message, code="outgoing_unreadable") from error
    return told


def webhook_fence(settings: Settings) -> Fence:
    """Where webhooks may go; without an entry no host is allowed.

    Raises:
        SettingsError: the file cannot be read.
    """
    given = _read(settings.var_folder / FILE)
    return _webhook(given["webhooks"]).fence if "webhooks" in given else Fence(frozenset())


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        given = orjson.loads(path.read_bytes())
    except ValueError as error:
        message = f"{path.name} is no JSON document: {error}"
        raise SettingsError(message, code="outgoing_unreadable") from error
    unknown = given.keys() - _PARTS if isinstance(given, dict) else {"everything"}
    if unknown:
        read = ", ".join(sorted(_PARTS))
        message = f"{path.name} holds {', '.join(sorted(unknown))}; only {read} are read"
        raise SettingsError(message, code="outgoing_unreadable")
    return dict(given)


def _mail(told: Mapping[str, Any]) -> MailChannel:
    try:
        server = MailServer(
            host=told["host"],
            port=int(told.get("port", 587)),
            sender=told["sender"],
            username=told.get("username"),
            password=told.get("password"),
            has_tls=bool(told.get("tls", True)),
        )
    except KeyError as error:
        message = f"{FILE}: mail needs {error}."
        raise SettingsError(message, code="outgoing_unreadable") from error
    return MailChannel(server, _addresses(told))


def _addresses(told: Mapping[str, Any]) -> Callable[[str], str | None]:
    """An address of its own where one is named, else one made of the receiver and the domain."""
    named, domain = dict(told.get("addresses", {})), told.get("domain")

    def address_of(receiver: str) -> str | None:
        if receiver in named:
            return str(named[receiver])
        if domain is None or receiver in _NO_MAIL or receiver.startswith("webhook:"):
            return None
        return f"{receiver.replace(':', '-')}@{domain}"

    return address_of


def _gateways(told: Mapping[str, Any]) -> dict[str, Channel]:
    """The gateways of SMS, WeChat and the city app, each behind a fence as webhooks are."""
    channel = _webhook(told)
    unknown = sorted(channel.endpoints.keys() - set(GATEWAYS))
    if unknown:
        message = f"{FILE}: no gateway {', '.join(unknown)}; there are {', '.join(GATEWAYS)}."
        raise SettingsError(message, code="outgoing_unreadable")
    return {
        way: GatewayChannel(way, endpoint, channel.fence)
        for way, endpoint in channel.endpoints.items()
    }


def _webhook(told: Mapping[str, Any]) -> WebhookChannel:
    try:
        fence = read_fence(told)
        endpoints = {
            name: Endpoint(one["url"], one["secret"])
            for name, one in told.get("endpoints", {}).items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"{FILE}: webhooks cannot be read: {error}"
        raise SettingsError(message, code="outgoing_unreadable") from error
    weak = sorted(name for name, one in endpoints.items() if not is_strong(one.secret))
    if weak:
        message = (
            f"{FILE}: the secret of {', '.join(weak)} must be whsec_ and 24 to 64 random bytes in "
            "base64. Make one with: python3 -c 'import base64, os; "
            'print("whsec_" + base64.b64encode(os.urandom(32)).decode())\''
        )
        raise SettingsError(message, code="outgoing_secret_weak")
    return WebhookChannel(endpoints, fence)
