"""Requests to outside systems: signed, fenced in, never redirected."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from engine.delivery.webhooks import (
    Endpoint,
    Fence,
    post_signed,
    read_networks,
    signature,
    signature_fits,
)
from storage.errors import DeliveryFailed
from tests.engine.receivers import WebReceiver, web_receiver

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
SECRET = "a shared secret of generated systems"
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


def send(receiver: WebReceiver, fence: Fence) -> None:
    endpoint = Endpoint(f"http://platform.example:{receiver.port}/cases?from=hangji", SECRET)
    post_signed(endpoint, key="k-1", body=b"{}", now=NOW, fence=fence, resolver=at_home)


def test_the_receiver_can_check_who_sent_it_and_drop_a_second_delivery(
    receiver: WebReceiver,
) -> None:
    send(receiver, Fence(frozenset({"platform.example"}), LOOPBACK, has_plain_http=True))

    headers, body = receiver.headers[0], receiver.bodies[0]
    assert headers["webhook-id"] == "k-1"
    assert headers["host"].startswith("platform.example")
    assert signature_fits(SECRET, headers, body, now=NOW)


def test_another_body_another_secret_or_an_old_request_does_not_fit(receiver: WebReceiver) -> None:
    send(receiver, Fence(frozenset({"platform.example"}), LOOPBACK, has_plain_http=True))

    headers, body = receiver.headers[0], receiver.bodies[0]
    assert not signature_fits(SECRET, headers, body + b" ", now=NOW)
    assert not signature_fits("another secret", headers, body, now=NOW)
    assert not signature_fits(SECRET, headers, body, now=NOW + timedelta(minutes=6))
    assert not signature_fits(SECRET, {}, body, now=NOW)


def test_the_signature_is_that_of_the_standard_webhooks_convention() -> None:
    # printf 'k-1.1772416800.{}' | openssl dgst -sha256 -hmac key -binary | base64
    made = signature("key", key="k-1", sent_at=datetime.fromtimestamp(1772416800, UTC), body=b"{}")

    assert made == "v1,j8ppkDUW4YKiZMCCykY2u6teTSfSrA0QZ6fIVLVM8js="


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
