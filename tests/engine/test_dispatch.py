"""Handing work out: to a broker's workers, in line when it is gone; nobody waits for the slow."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from engine.background import firing
from engine.background.dispatch import Dispatcher
from engine.background.firing import LEASE
from engine.background.hands import Hands, Inline
from engine.background.outbox import LEASE as DELIVERY_LEASE
from engine.background.work import TIMERS, Ahead, BrokerGone, Key, Muscle
from engine.delivery.channels import Channel, Letter
from storage.cases import timers
from storage.cases.steps import NewDelivery
from storage.database.session import Database
from storage.delivery import outbox
from storage.errors import DeliveryFailed
from storage.tables import timer
from tests.engine.vigil import START, Vigil, vigil

LOOK_IN = timedelta(hours=3)


@dataclass
class Post:
    """A broker that keeps its messages until a test lets a worker have them."""

    is_there: bool = True
    breaks_after: int = 1_000
    messages: list[tuple[str, list[Key], datetime]] = field(default_factory=list)

    @property
    def is_inline(self) -> bool:
        """It is not."""
        return False

    def is_up(self) -> bool:
        """As the test wants it."""
        return self.is_there

    def hand_out(self, queue: str, keys: Sequence[Key], *, until: datetime) -> None:
        """Keep a message."""
        if len(self.messages) >= self.breaks_after:
            raise BrokerGone
        self.messages.append((queue, list(keys), until))


class Keeping:
    """A way out that keeps what it was given; a receiver named slow waits until it may go on."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.refused: set[str] = set()
        self.others = threading.Event()
        self.may_go_on = threading.Event()
        self.count = 0

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Take it, sooner or later."""
        del now
        if letter.receiver == "webhook:slow":
            assert self.may_go_on.wait(60)
        if letter.key in self.refused:
            raise DeliveryFailed(letter.key, code="receiver_refused")
        self.keys.append(letter.key)
        if sum(key.startswith("quick") for key in self.keys) >= self.count:
            self.others.set()


@dataclass
class Office:
    """A dispatcher and the hands of a worker over one database."""

    world: Vigil
    channel: Channel
    post: Post | None = None

    def __post_init__(self) -> None:
        """Put them together."""
        world = self.world
        self.hands = Hands(world.database, world.runner, {"notice": self.channel})
        self.dispatcher = Dispatcher(
            world.database,
            world.clock,
            Muscle(Inline(self.hands), world.clock, self.post),
            beat=lambda: None,
            ending=threading.Event(),
            batch=5,
        )

    def work_off(self, messages: list[tuple[str, list[Key], datetime]]) -> None:
        """What a worker does with messages."""
        for queue, keys, until in messages:
            self.hands.do(queue, keys, until=until)


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def office(world: Vigil, post: Post) -> Office:
    return Office(world, Keeping(), post)


def started(world: Vigil, count: int) -> list[str]:
    """Cases whose timer is due."""
    numbers = [world.start("late") for _ in range(count)]
    world.clock.set(START + LOOK_IN)
    return numbers


def looked_in(world: Vigil, numbers: list[str]) -> list[int]:
    """How often each timer fired."""
    return [len(world.events(number, "looked_in")) for number in numbers]


def claimed(world: Vigil) -> int:
    """How many timers are claimed."""
    with world.database.reading() as session:
        return timers.count_claimed(session, now=world.clock.now(), lease=LEASE)


def make_due(world: Vigil, number: str, kind: str, at: datetime) -> None:
    """Move a timer of a case."""
    case_id = world.case(number).id
    with world.database.transaction() as session:
        session.execute(
            update(timer).where(timer.c.case_id == case_id, timer.c.kind == kind).values(due_at=at)
        )


def add_deliveries(world: Vigil, receiver: str, count: int, name: str) -> None:
    """Deliveries that are due."""
    with world.database.transaction() as session:
        for number in range(count):
            new = NewDelivery(
                key=f"{name}-{number}",
                channel="notice",
                receiver=receiver,
                template="case_closed",
                payload={},
                at=world.clock.now(),
            )
            outbox.add_delivery(session, new)


def test_messages_hold_keys_and_each_timer_fires_once_though_messages_come_twice_and_mixed(
    world: Vigil, office: Office, post: Post
) -> None:
    numbers = started(world, 12)

    office.dispatcher.timers()
    messages = [message for message in post.messages for _ in range(2)]
    random.shuffle(messages)
    office.work_off(messages)

    assert [len(keys) for _, keys, _ in post.messages] == [5, 5, 2]
    assert all(queue == TIMERS for queue, _, _ in post.messages)
    assert looked_in(world, numbers) == [1] * 12


def test_timers_of_a_lost_message_are_handed_out_again_when_their_claim_has_ended(
    world: Vigil, office: Office, post: Post
) -> None:
    numbers = started(world, 12)
    office.dispatcher.timers()
    del post.messages[1]
    office.work_off(post.messages)
    late = list(post.messages)
    office.dispatcher.timers()
    assert len(post.messages) == 2

    world.clock.advance(LEASE + timedelta(seconds=1))
    office.work_off(late)  # messages of an old claim are dropped
    office.dispatcher.timers()
    office.work_off(post.messages)

    assert looked_in(world, numbers) == [1] * 12


def test_rows_stay_unclaimed_while_the_broker_is_gone_and_are_done_in_line_after_half_a_minute(
    world: Vigil, office: Office, post: Post
) -> None:
    numbers = started(world, 3)
    post.is_there = False

    office.dispatcher.timers()
    assert (claimed(world), looked_in(world, numbers)) == (0, [0, 0, 0])
    world.clock.advance(timedelta(seconds=31))
    office.dispatcher.timers()

    assert looked_in(world, numbers) == [1, 1, 1]
    post.is_there = True
    assert office.dispatcher.muscle.now() is post


def test_what_a_dying_broker_did_not_take_is_free_for_others_at_once(
    world: Vigil, office: Office, post: Post
) -> None:
    started(world, 12)
    post.breaks_after = 1
    add_deliveries(world, "platform", 3, "quick")

    office.dispatcher.timers()
    post.breaks_after = 0
    office.dispatcher.deliveries()

    assert claimed(world) == 0
    with world.database.reading() as session:
        assert outbox.find_next_at(session) == world.clock.now()


def test_no_more_is_handed_out_than_the_workers_get_done_soon(
    world: Vigil, office: Office, post: Post
) -> None:
    started(world, 60)
    office.dispatcher.most = 40
    office.dispatcher._ahead = Ahead(40)  # noqa: SLF001 - as if set from the beginning

    office.dispatcher.timers()
    assert claimed(world) == 40
    world.clock.advance(timedelta(seconds=20))
    office.work_off(post.messages[:1])  # five in twenty seconds: seven in thirty
    office.dispatcher.timers()

    assert claimed(world) == 35


def test_the_newest_timers_do_not_wait_for_the_end_of_a_long_queue(world: Vigil) -> None:
    old = started(world, 10)
    new = world.start("late")
    waits_for_an_older = world.start("late")
    now = world.clock.now()
    for number in old:
        make_due(world, number, "drawn", now - timedelta(hours=2))
    for number in (new, waits_for_an_older):
        make_due(world, number, "drawn", now - timedelta(seconds=1))
    make_due(world, waits_for_an_older, "chase", now - timedelta(hours=1))

    found = firing.claim(world.database, now=now, limit=4)

    assert len(found) == 4
    assert world.case(new).id in [each.case_id for each in found]
    assert world.case(waits_for_an_older).id not in [each.case_id for each in found]


def test_a_slow_receiver_holds_up_nobody_but_itself(world: Vigil) -> None:
    channel = Keeping()
    channel.count = 40
    office = Office(world, channel)
    add_deliveries(world, "webhook:slow", 30, "slow")
    add_deliveries(world, "platform", 20, "quick-platform")
    add_deliveries(world, "officer:1", 20, "quick-people")

    job = threading.Thread(target=office.dispatcher.deliveries)
    job.start()
    assert channel.others.wait(60), "the others waited for the slow one"
    assert not any(key.startswith("slow") for key in channel.keys)
    channel.may_go_on.set()
    job.join(60)
    office.dispatcher.finish_deliveries()
    office.dispatcher.deliveries()
    office.dispatcher.finish_deliveries()

    assert len(channel.keys) == len(set(channel.keys)) == 70


def test_a_delivery_goes_out_once_though_two_workers_have_its_message(
    world: Vigil, office: Office, post: Post
) -> None:
    add_deliveries(world, "platform", 7, "quick")

    office.dispatcher.deliveries()
    office.work_off([*post.messages, *post.messages])

    channel = office.hands.channels["notice"]
    assert isinstance(channel, Keeping)
    assert len(channel.keys) == len(set(channel.keys)) == 5  # one message of one lane at a time
    office.dispatcher.deliveries()
    world.clock.advance(DELIVERY_LEASE)
    office.work_off(post.messages[:1])
    assert len(channel.keys) == 5


@pytest.mark.parametrize("way", ["in line", "over a broker"])
def test_a_refused_delivery_does_not_hold_up_its_lane(world: Vigil, way: str) -> None:
    post, channel = Post() if way == "over a broker" else None, Keeping()
    office = Office(world, channel, post)
    channel.refused.add("wanted-0")
    add_deliveries(world, "platform", 12, "wanted")

    for _ in range(12):
        office.dispatcher.deliveries()
        office.dispatcher.finish_deliveries()
        if post is not None:
            office.work_off(post.messages)
            post.messages.clear()

    assert sorted(channel.keys) == sorted(f"wanted-{number}" for number in range(1, 12))


def test_what_a_worker_told_to_end_did_not_send_is_free_for_others_at_once(
    world: Vigil, office: Office, post: Post
) -> None:
    add_deliveries(world, "platform", 5, "quick")
    office.dispatcher.deliveries()
    office.hands.ending.set()
    office.work_off(post.messages)

    office.hands.ending.clear()
    office.dispatcher.deliveries()
    office.work_off(post.messages)

    channel = office.hands.channels["notice"]
    assert isinstance(channel, Keeping)
    assert len(channel.keys) == 5


def test_what_is_handed_out_follows_what_was_done_lately() -> None:
    ahead, now = Ahead(2_000), START
    assert ahead.room(0, now=now) == 200
    ahead.handed(200)

    quick = ahead.room(0, now=now + timedelta(seconds=1))
    assert quick == 2_000
    ahead.handed(2_000)
    slow = ahead.room(1_990, now=now + timedelta(seconds=2))
    assert slow == 0
    assert ahead.size == 300
