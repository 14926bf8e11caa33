"""Letters go out at least once under a key, back off, and are given up in the open."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from engine.background.outbox import ATTEMPTS, FIRST_WAIT, LEASE, Delivered, wait_after
from engine.background.scheduler import run_due
from engine.delivery.channels import (
    Channel,
    Letter,
    LogChannel,
    MailChannel,
    MailServer,
    Notices,
    WebhookChannel,
)
from engine.delivery.webhooks import UNREACHABLE, Endpoint, Fence, read_networks
from storage.cases import incidents
from storage.database.session import Database
from storage.delivery import outbox
from storage.errors import DeliveryFailed
from storage.moments import to_text
from tests.delivering import claim_deliveries, deliver_due
from tests.engine.receivers import MailReceiver, WebReceiver, mail_receiver, web_receiver
from tests.engine.vigil import Vigil, china, vigil

NOT_TODAY = "not today"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


@dataclass
class Postman:
    """A channel that keeps what it was given and fails as often as it is told."""

    failures: int = 0
    kind: type[Exception] = DeliveryFailed
    code: str | None = None
    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Take the notification, or not."""
        del now
        if self.failures:
            self.failures -= 1
            raise self.kind(NOT_TODAY) if self.code is None else refusal(self.code)
        self.letters.append(letter)


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with web_receiver() as made:
        yield made


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    with mail_receiver() as made:
        yield made


def refusal(code: str) -> DeliveryFailed:
    return DeliveryFailed(NOT_TODAY, code=code)


def deliver(world: Vigil, channel: Channel) -> Delivered:
    return deliver_due(world.database, {"notice": channel}, world.runner.clock)


def a_letter_waits(world: Vigil) -> str:
    number = world.start()
    world.complete(number)  # tells the platform
    return number


def test_what_a_handler_told_goes_out_after_the_step(world: Vigil) -> None:
    number, postman = a_letter_waits(world), Postman()

    assert deliver(world, postman).sent == 1
    assert deliver(world, postman) == Delivered()
    assert [letter.payload["case"] for letter in postman.letters] == [number]
    assert [letter.state for letter in world.letters(number)] == ["sent"]


def test_a_letter_that_is_not_taken_waits_longer_and_longer(world: Vigil) -> None:
    a_letter_waits(world)
    postman = Postman(failures=3)

    assert deliver(world, postman).failed == 1
    assert deliver(world, postman) == Delivered()
    world.clock.advance(wait_after(1))
    assert deliver(world, postman).failed == 1
    world.clock.advance(wait_after(1))
    assert deliver(world, postman) == Delivered()
    world.clock.advance(wait_after(2))
    assert deliver(world, postman).failed == 1
    world.clock.advance(wait_after(3))
    assert deliver(world, postman).sent == 1


def test_after_the_last_attempt_it_is_a_dead_letter_and_an_incident(world: Vigil) -> None:
    number, postman = a_letter_waits(world), Postman(failures=ATTEMPTS)

    ends = []
    for _ in range(ATTEMPTS + 2):
        ends.append(deliver(world, postman))
        world.clock.advance(timedelta(hours=1))

    assert [end.failed for end in ends] == [1] * (ATTEMPTS - 1) + [0] * 3
    assert [end.dead for end in ends] == [0] * (ATTEMPTS - 1) + [1, 0, 0]
    with world.database.reading() as session:
        assert outbox.count_pending(session) == (0, 1)
        assert [one.case_number for one in incidents.list_incidents(session).items] == [number]


def test_a_faulty_channel_is_a_failure_like_any_other(world: Vigil) -> None:
    a_letter_waits(world)

    assert deliver(world, Postman(failures=1, kind=ZeroDivisionError)).failed == 1


def test_a_refused_letter_waits_alone(world: Vigil) -> None:
    for _ in range(3):
        a_letter_waits(world)
    postman = Postman(failures=1)

    first = deliver(world, postman)
    world.clock.advance(FIRST_WAIT)
    second = deliver(world, postman)

    assert (first.failed, first.sent, first.left) == (1, 2, 0)
    assert second.sent == 1


def test_a_receiver_out_of_reach_is_tried_once_a_round_and_its_letters_wait_for_seconds(
    world: Vigil,
) -> None:
    numbers = [a_letter_waits(world) for _ in range(3)]
    postman = Postman(failures=1, code=UNREACHABLE)

    first = deliver(world, postman)
    world.clock.advance(FIRST_WAIT)
    second = deliver(world, postman)

    assert (first.failed, first.left) == (1, 2)
    assert second.sent == 3
    attempts = [letter.attempts for number in numbers for letter in world.letters(number)]
    assert sorted(attempts) == [1, 1, 2]


def test_a_letter_whose_sender_died_goes_again_under_the_same_key(world: Vigil) -> None:
    number = a_letter_waits(world)
    with world.database.transaction() as session:
        (claimed,) = claim_deliveries(session, now=world.clock.now(), lease=LEASE)
    postman = Postman()

    assert deliver(world, postman).sent == 0
    world.clock.advance(LEASE)
    assert deliver(world, postman).sent == 1
    assert postman.letters[0].key == claimed.key == world.letters(number)[0].key


def test_a_webhook_is_told_with_key_and_signature(world: Vigil, web: WebReceiver) -> None:
    number = a_letter_waits(world)
    channel = Notices(LogChannel(), webhook=webhook(web))

    assert deliver(world, channel).sent == 1

    (headers,), (body,) = web.headers, web.bodies
    letter, told = world.letters(number)[0], orjson.loads(body)
    sent_at = world.clock.now().astimezone(UTC)
    signed = Webhook(SECRET).sign(letter.key, sent_at, body.decode())
    assert headers["webhook-signature"] == signed
    assert headers["webhook-id"] == letter.key
    assert told == {
        "specversion": "1.0",
        "id": letter.key,
        "source": "urn:hangji",
        "type": "hangji.watched",
        "subject": number,
        "time": to_text(letter.created_at),
        "datacontenttype": "application/json",
        "receiver": letter.receiver,
        "data": letter.payload,
    }


def test_a_webhook_that_redirects_is_a_failure(world: Vigil, web: WebReceiver) -> None:
    number = a_letter_waits(world)
    web.status = 302

    assert deliver(world, Notices(LogChannel(), webhook=webhook(web))).failed == 1
    assert world.letters(number)[0].last_error == "The receiver answered 302."


def test_a_reminder_reaches_the_post_by_mail(world: Vigil, mail: MailReceiver) -> None:
    number = world.start()
    world.clock.set(china("2026-11-03 13:00"))
    run_due(world.database, world.runner)

    assert deliver(world, Notices(LogChannel(), mail=by_mail(mail))).sent == 1

    (letter,) = mail.mails
    assert letter["To"] == "grid_leader-350322100001001@mail.example"
    assert letter["Subject"] == f"夯基 催办提醒 Reminder {number}"
    assert str(letter["Message-ID"]).endswith("@mail.example>")


def test_the_same_letter_always_carries_the_same_message_id(
    world: Vigil, mail: MailReceiver
) -> None:
    letter = a_letter()

    for _ in range(2):
        by_mail(mail).send(letter, now=world.clock.now())

    assert len({str(one["Message-ID"]) for one in mail.mails}) == 1


def test_a_line_break_in_a_value_adds_no_head_to_a_mail(mail: MailReceiver) -> None:
    letter = a_letter(receiver="station:1", case="20260001\r\nBcc: everyone@mail.example")

    with pytest.raises((DeliveryFailed, ValueError)):
        by_mail(mail).send(letter, now=china("2026-11-03 13:00"))

    assert mail.mails == []


@pytest.mark.parametrize("receiver", ["officer:7", "reporter"])
def test_whoever_has_no_address_is_written_to_the_log(receiver: str, mail: MailReceiver) -> None:
    channel = Notices(LogChannel(), mail=MailChannel(server(mail), lambda _: None))

    channel.send(a_letter(receiver=receiver), now=china("2026-11-03 13:00"))

    assert mail.mails == []


def test_the_log_says_that_a_letter_went_and_nothing_of_what_it_says() -> None:
    with capture_logs() as lines:
        LogChannel().send(a_letter(case="a canary"), now=china("2026-11-03 13:00"))

    (line,) = lines
    assert (line["template"], line["waited"]) == ("watched", 3600)
    assert "canary" not in str(line)


@pytest.mark.parametrize("break_it", ["refused", "gone", "unknown"])
def test_mail_that_cannot_go_is_a_failure_to_try_again(mail: MailReceiver, break_it: str) -> None:
    channel = by_mail(mail)
    if break_it == "refused":
        mail.is_refusing = True
    elif break_it == "gone":
        channel = MailChannel(MailServer("127.0.0.1", 1, has_tls=False), lambda _: "a@b.example")
    else:
        channel = MailChannel(server(mail), lambda _: None)

    with pytest.raises(DeliveryFailed):
        channel.send(a_letter(), now=china("2026-11-03 13:00"))


def test_a_webhook_nobody_set_up_is_a_failure(web: WebReceiver) -> None:
    with pytest.raises(DeliveryFailed, match="no webhook"):
        webhook(web).send(a_letter(receiver="webhook:nobody"), now=china("2026-11-03 13:00"))


def a_letter(receiver: str = "station:1", **payload: str) -> Letter:
    data: Mapping[str, str] = {"case": "20260001", **payload}
    return Letter("k-1", receiver, "watched", data, china("2026-11-03 12:00"))


def webhook(web: WebReceiver) -> WebhookChannel:
    endpoint = Endpoint(f"http://platform.example:{web.port}/told", SECRET)
    fence = Fence(
        frozenset({"platform.example"}), read_networks(["127.0.0.0/8"]), has_plain_http=True
    )
    return WebhookChannel({"platform": endpoint}, fence, lambda *_: ["127.0.0.1"])


def server(mail: MailReceiver) -> MailServer:
    return MailServer("127.0.0.1", mail.port, sender="hangji@mail.example", has_tls=False)


def by_mail(mail: MailReceiver) -> MailChannel:
    return MailChannel(server(mail), lambda name: f"{name.replace(':', '-')}@mail.example")
