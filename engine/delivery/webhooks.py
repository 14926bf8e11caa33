"""Signed requests to outside systems, and the fence against being sent somewhere else.

A request carries the three headers of the Standard Webhooks convention: `webhook-id` (the key to
deduplicate by), `webhook-timestamp` and `webhook-signature`. Where a request may go is decided
before a connection is made: an allowed host, resolved once, connected by that very address, no
redirects. What receivers do with it: docs/webhooks.md. When to send and when to give up:
`outbox`.
"""

import base64
import hmac
import http.client
import os
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from standardwebhooks import Webhook

from storage.errors import DeliveryFailed, NotSignedIn

__all__ = [
    "Endpoint",
    "Fence",
    "call",
    "fetch",
    "is_strong",
    "new_secret",
    "post_signed",
    "require_signed",
    "resolve",
]

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Resolver: TypeAlias = Callable[[str, int], Sequence[str]]

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret of the convention begins
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
TIMEOUT_SECONDS = 10.0
ANSWER_BYTES = 64 * 1024
UNREACHABLE = "receiver_unreachable"
"""The error code when there was no answer at all."""

TOLERANCE = timedelta(minutes=5)
"""How far the clock of a sender may be from ours, as the convention has it."""

_KEY_BYTES = range(24, 65)
_NEW_KEY_BYTES = 32
_STAMP_DIGITS = 11
_PORTS = {"http": 80, "https": 443}
_SUCCESS = range(200, 300)
_TRANSLATED = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One subscribed system: its address, the shared secret, and former ones that still hold."""

    url: str
    secret: str = field(repr=False)
    former: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Fence:
    """Allowed targets: hosts by exact name, and internal networks only when listed."""

    hosts: frozenset[str]
    inner_networks: tuple[Network, ...] = ()
    has_plain_http: bool = False

    def check_url(self, url: str) -> SplitResult:
        """Read an address and refuse what is not on the list.

        Raises:
            DeliveryFailed: scheme, user information or host are not allowed.
        """
        try:
            parts = urlsplit(url)
            reason = self._why_not(parts)
        except ValueError:
            reason = "it is no address"
        if reason is not None:
            raise _refused(reason)
        return parts

    def check_address(self, text: str) -> Address:
        """Refuse addresses of this machine and of inner networks nobody named.

        Raises:
            DeliveryFailed: the address is not allowed.
        """
        address = _plain(ip_address(text.split("%", 1)[0]))
        named = any(address in network for network in self.inner_networks)
        if not named and (not address.is_global or address.is_multicast):
            reason = f"it leads to the inner address {address}"
            raise _refused(reason)
        return address

    def _why_not(self, parts: SplitResult) -> str | None:
        schemes = {"https", "http"} if self.has_plain_http else {"https"}
        if parts.scheme not in schemes:
            return f"only {' or '.join(sorted(schemes))} is used"
        if parts.username is not None or parts.password is not None:
            return "it carries a user name"
        if parts.hostname not in self.hosts or parts.port == 0:
            return "its host is not on the list"
        return None


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address the resolver returns for a host."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in entries]


def is_strong(secret: str) -> bool:
    """Whether a secret is as the convention has it: 24 to 64 bytes in base64 after `whsec_`."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        return False
    return secret.startswith(SECRET_PREFIX) and len(key) in _KEY_BYTES


def post_signed(
    endpoint: Endpoint,
    *,
    key: str,
    body: bytes,
    now: datetime,
    fence: Fence,
    resolver: Resolver = resolve,
) -> None:
    """Send one signed request; returning means the receiver answered with success.

    Raises:
        DeliveryFailed: not allowed, not reachable, or any answer but success, redirects included.
    """
    parts = fence.check_url(endpoint.url)
    address = _address(parts, fence, resolver)
    headers = {
        "content-type": CONTENT_TYPE,
        "user-agent": "hangji",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": _signatures(endpoint, key, body, now),
    }
    connection = _connection(parts, address)
    try:
        connection.request("POST", _target(parts), body=body, headers=headers)
        answer = connection.getresponse()
        answer.read(ANSWER_BYTES)
    except (OSError, http.client.HTTPException) as error:
        message = f"The receiver could not be reached: {type(error).__name__}."
        raise DeliveryFailed(message, code=UNREACHABLE) from error
    finally:
        connection.close()
    if answer.status not in _SUCCESS:
        message = f"The receiver answered {answer.status}."
        raise DeliveryFailed(message, code="receiver_refused", status=answer.status)


def new_secret() -> str:
    """Make a secret as the convention has it."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(_NEW_KEY_BYTES)).decode()


def _signatures(endpoint: Endpoint, key: str, body: bytes, now: datetime) -> str:
    """One signature for each secret that holds: a receiver verifies with the one it knows."""
    # The library takes the hour as that of UTC, whatever zone is written beside it.
    at = now.astimezone(UTC)
    secrets = (endpoint.secret, *endpoint.former)
    return " ".join(Webhook(secret).sign(key, at, body.decode()) for secret in secrets)


def require_signed(
    secrets: Iterable[str], headers: Mapping[str, str], body: bytes, *, now: datetime
) -> None:
    """Refuse a request from outside that none of the shared secrets signed just now.

    Several secrets hold at once while one is being replaced. The library's own check reads the
    clock of the machine; this one is given the time, and has the library sign again.

    Raises:
        NotSignedIn: headers are missing, too old, from the future, or signed with another secret.
    """
    ident, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()
    if not (ident and stamp.isdecimal() and len(stamp) <= _STAMP_DIGITS and given):
        raise _unsigned()
    sent_at = datetime.fromtimestamp(int(stamp), tz=UTC)
    if abs(now - sent_at) > TOLERANCE:
        raise _unsigned()
    expected = [Webhook(secret).sign(ident, sent_at, body.decode()) for secret in secrets]
    # Every pair is compared, so that the time taken tells nothing about which one failed.
    matches = [
        hmac.compare_digest(one.encode(), other.encode()) for one in expected for other in given
    ]
    if not any(matches):
        raise _unsigned()


def _unsigned() -> NotSignedIn:
    message = "签名不对或已过时；请核对密钥和设备时钟后重发。"
    return NotSignedIn(message, code="signature_wrong")


def fetch(url: str, *, fence: Fence, most: int, resolver: Resolver = resolve) -> tuple[str, bytes]:
    """Read a small file from an allowed host; return its content type and its bytes.

    Raises:
        DeliveryFailed: not allowed, not reachable, longer than `most`, or any answer but success.
    """
    parts = fence.check_url(url)
    connection = _connection(parts, _address(parts, fence, resolver))
    try:
        connection.request("GET", _target(parts), headers={"user-agent": "hangji"})
        answer = connection.getresponse()
        content = answer.read(most + 1)
    except (OSError, http.client.HTTPException) as error:
        message = f"The server could not be reached: {type(error).__name__}."
        raise DeliveryFailed(message, code=UNREACHABLE) from error
    finally:
        connection.close()
    if answer.status not in _SUCCESS or len(content) > most:
        message = f"The server answered {answer.status} with {len(content)} bytes."
        raise DeliveryFailed(message, code="receiver_refused", status=answer.status)
    return answer.headers.get_content_type(), content


def call(
    url: str,
    *,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    fence: Fence,
    most: int,
    resolver: Resolver = resolve,
) -> tuple[int, bytes]:
    """Ask an allowed host; return the status and the content of its answer, whatever it says.

    Raises:
        DeliveryFailed: not allowed, not reachable, or an answer longer than `most`.
    """
    parts = fence.check_url(url)
    connection = _connection(parts, _address(parts, fence, resolver))
    try:
        sent = {"user-agent": "hangji", **headers}
        connection.request(method, _target(parts), body=body, headers=sent)
        answer = connection.getresponse()
        content = answer.read(most + 1)
    except (OSError, http.client.HTTPException) as error:
        message = f"The server could not be reached: {type(error).__name__}."
        raise DeliveryFailed(message, code=UNREACHABLE) from error
    finally:
        connection.close()
    if len(content) > most:
        message = f"The server answered with more than {most} bytes."
        raise DeliveryFailed(message, code="answer_too_large")
    return answer.status, content


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Inner networks from configuration, such as `10.20.0.0/16`."""
    return tuple(ip_network(text) for text in texts)


def _address(parts: SplitResult, fence: Fence, resolver: Resolver) -> Address:
    """Resolve once and check every answer: a name with one inner address is not trusted at all."""
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    try:
        addresses = [fence.check_address(text) for text in resolver(host, port)]
    except OSError as error:
        message = f"The host {host} is not known."
        raise DeliveryFailed(message, code=UNREACHABLE) from error
    if not addresses:
        message = f"The host {host} is not known."
        raise DeliveryFailed(message, code=UNREACHABLE)
    return addresses[0]


def _connection(parts: SplitResult, address: Address) -> http.client.HTTPConnection:
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    if parts.scheme == "http":
        return _PinnedConnection(host, port, address)
    return _PinnedTlsConnection(host, port, address)


class _PinnedConnection(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever the name resolves to by then."""

    def __init__(self, host: str, port: int, address: Address) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)
        self._address = str(address)

    def connect(self) -> None:
        """Open the socket to the checked address."""
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT_SECONDS)


class _PinnedTlsConnection(_PinnedConnection):
    """The same under TLS; the certificate is checked against the name."""

    def connect(self) -> None:
        """Open the socket, then agree on a key with whoever owns the name."""
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _plain(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or address


def _refused(reason: str) -> DeliveryFailed:
    message = f"The address of the receiver is not allowed: {reason}."
    return DeliveryFailed(message, code="receiver_not_allowed")
