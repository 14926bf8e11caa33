"""Work through a real broker in the process of a test; holds no test.

`make test-broker` sets HANGJI_TEST_BROKER. Then every test has a Redis queue of its own, programs
it starts find `HANGJI_BROKER_URL`, and the clock of a story hands out what is due: each message
goes to the broker, comes back and is worked on as by a worker.
"""

import base64
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import pytest
from redis import Redis

from api.celery_app import OverBroker, app_of
from api.composition import Composition
from engine.background.dispatch import Dispatcher
from engine.background.firing import Ticked
from engine.background.hands import Hands, Inline
from engine.background.work import Key, Muscle
from storage.moments import from_text
from tests.brokers import running_broker

WANTED = "HANGJI_TEST_BROKER"
BROKER = "HANGJI_BROKER_URL"
_PATIENCE = 30


def broker_url() -> str | None:
    """Where the broker of this test is; None in a run without one."""
    return os.environ.get(BROKER) if os.environ.get(WANTED) else None


@pytest.fixture(scope="session")
def queue() -> Iterator[str | None]:
    """The broker of this worker of the run, if there is to be one."""
    if not os.environ.get(WANTED):
        yield None
        return
    with running_broker("redis") as broker:
        yield broker.url


@pytest.fixture(autouse=True)
def broker_everywhere(queue: str | None) -> Iterator[None]:
    """Name an empty broker to everything this test starts."""
    with pytest.MonkeyPatch.context() as patch:
        if queue is not None:
            with Redis.from_url(queue) as connection:
                connection.flushall()
            patch.setenv(BROKER, queue)
        yield


@dataclass(frozen=True)
class Relay:
    """Hands each message to the broker, takes it back and does what it says."""

    over: OverBroker
    connection: "Redis"
    hands: Hands

    @property
    def is_inline(self) -> bool:
        """It is not."""
        return False

    def is_up(self) -> bool:
        """Ask the broker."""
        return self.over.is_up()

    def hand_out(self, queue: str, keys: Sequence[Key], *, until: datetime) -> None:
        """Send a message, then be the worker that gets it."""
        self.over.hand_out(queue, keys, until=until)
        taken = self.connection.blpop([queue], timeout=_PATIENCE)
        assert isinstance(taken, list | tuple), "the broker lost a message"
        (named, found, end), *_ = orjson.loads(base64.b64decode(orjson.loads(taken[1])["body"]))
        self.hands.do(named, found, until=from_text(end))


def run_due(composition: Composition, url: str) -> Ticked:
    """Run everything that is due now, by messages of the broker, until nothing is."""
    runner, clock = composition.runner, composition.clock
    hands = Hands(composition.database, runner, {})
    with Redis.from_url(url) as connection:
        relay = Relay(OverBroker(app_of(url), clock), connection, hands)
        muscle = Muscle(Inline(hands), clock, relay)
        dispatcher = Dispatcher(
            composition.database, clock, muscle, beat=lambda: None, ending=hands.ending
        )
        dispatcher.timers()
        dispatcher.close()
    return hands.ticked
