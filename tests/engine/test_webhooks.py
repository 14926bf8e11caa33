"""Requests to outside systems: signed, fenced in, never redirected."""

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from engine.delivery.webhooks import (
    Endpoint,
    Fence,
    is_strong,
    post_signed,
    read_networks,
)
from engine.time.clock import SystemClock
from storage.errors import DeliveryFailed
from tests.engine.receivers import WebReceiver, web_receiver

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER_SECRET = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
OPEN = Fence(frozenset({"platform.example"}))
LOOPBACK = read_networks(["127.0.0.0/8"])


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    """A receiver that keeps what it was sent."""
    with web_receiver() as made:
        yield made


def at_home(host: str, port: int) -> Sequence[str]:
    assert host == "platform.example"
    assert port
    return ["127.0.0.1"]


def send(receiver: WebReceiver, fence: Fence, *, now: datetime = NOW) -> None:
    endpoint = Endpoint(f"http://platform.example:{receiver.port}/cases?from=hangji", SECRET)
    post_signed(endpoint, key="k-1", body=b"{}", now=now, fence=fence, resolver=at_home)


def test_the_receiver_can_check_who_sent_it_and_drop_a_second_delivery(
    receiver: WebReceiver,
) -> None:
    send(receiver, Fence(frozenset({"platform.example"}), LOOPBACK, has_plain_http=True))

    headers = receiver.headers[0]
    assert headers["webhook-id"] == "k-1"
    assert headers["host"].startswith("platform.example")
    assert headers["content-type"].startswith("application/cloudevents+json")


def test_the_library_of_the_convention_verifies_what_is_sent(receiver: WebReceiver) -> None:
    """It refuses what is older than five minutes, so this is sent at the time of the machine."""
    fence = Fence(frozenset({"platform.example"}), LOOPBACK, has_plain_http=True)
    now = SystemClock().now()
    send(receiver, fence, now=now)
    send(receiver, fence, now=now - timedelta(minutes=6))

    (headers, old), body = receiver.headers, receiver.bodies[0]
    assert Webhook(SECRET).verify(body, headers) == {}
    for secret, told, given in (
        (SECRET, headers, body + b" "),
        (OTHER_SECRET, headers, body),
        (SECRET, old, body),
        (SECRET, {}, body),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(given, told)


@pytest.mark.parametrize(
    ("secret", "is_fine"),
    [
        (SECRET, True),
        (SECRET.removeprefix("whsec_"), False),
        ("whsec_c2hvcnQ=", False),
        ("whsec_a shared secret of generated systems", False),
        ("whsec_" + "QUJD" * 22, False),
    ],
)
def test_a_secret_is_as_the_convention_has_it(secret: str, *, is_fine: bool) -> None:
    assert is_strong(secret) == is_fine


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 410, 500, 503])
def test_any_answer_but_success_is_a_failure_and_redirects_are_not_followed(
    receiver: WebReceiver, status: int
) -> None:
    receiver.status = status

    with pytest.raises(DeliveryFailed) as failed:
        send(receiver, Fence(frozenset({"platform.example"}), LOOPBACK, has_plain_http=True))

    assert failed.value.attributes["status"] == status
    assert len(receiver.bodies) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example/",
        "ftp://platform.example/",
        "file:///etc/passwd",
        "https://elsewhere.example/",
        "https://platform.example.elsewhere.example/",
        "https://user:word@platform.example/",
        "https://platform.example@elsewhere.example/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https:///path",
        "https://platform.example:99999/",
        "https://platform.example:0/",
        "//platform.example/",
        "",
    ],
)
def test_an_address_that_is_not_on_the_list_is_refused(url: str) -> None:
    with pytest.raises(DeliveryFailed) as refused:
        OPEN.check_url(url)

    assert refused.value.code == "receiver_not_allowed"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "0.0.0.0",  # noqa: S104 - an address to refuse, nothing is bound
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "224.0.0.1",
    ],
)
def test_a_name_that_leads_inside_is_refused_however_it_is_written(address: str) -> None:
    endpoint = Endpoint("https://platform.example/", SECRET)

    with pytest.raises(DeliveryFailed) as refused:
        post_signed(endpoint, key="k", body=b"", now=NOW, fence=OPEN, resolver=lambda *_: [address])

    assert refused.value.code == "receiver_not_allowed"


def test_one_inner_address_among_outer_ones_is_enough_to_refuse() -> None:
    endpoint = Endpoint("https://platform.example/", SECRET)

    with pytest.raises(DeliveryFailed, match="inner"):
        post_signed(
            endpoint,
            key="k",
            body=b"",
            now=NOW,
            fence=OPEN,
            resolver=lambda *_: ["1.1.1.1", "10.0.0.1"],
        )


def test_a_name_is_resolved_once_so_it_cannot_change_in_between(receiver: WebReceiver) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    fence = Fence(frozenset({"platform.example"}), LOOPBACK, has_plain_http=True)
    endpoint = Endpoint(f"http://platform.example:{receiver.port}/", SECRET)
    post_signed(endpoint, key="k", body=b"{}", now=NOW, fence=fence, resolver=rebinding)

    assert asked == ["platform.example"]
    assert len(receiver.bodies) == 1


def test_a_receiver_that_is_not_there_is_a_failure_to_try_again() -> None:
    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    with pytest.raises(DeliveryFailed) as failed:
        post_signed(
            Endpoint("https://platform.example/", SECRET),
            key="k",
            body=b"",
            now=NOW,
            fence=OPEN,
            resolver=unknown,
        )

    assert failed.value.code == "receiver_unreachable"


def test_a_secret_is_not_shown() -> None:
    assert SECRET not in repr(Endpoint("https://platform.example/", SECRET))
