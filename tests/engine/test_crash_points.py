"""The scheduler dies at every single statement it sends, once each; nothing is lost or doubled."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from engine.background.outbox import LEASE as LETTER_LEASE
from engine.background.scheduler import LEASE, deliver_messages, run_due
from engine.casefile.replay import differences, replay
from engine.delivery.channels import Letter
from storage.cases.events import verify
from storage.database.session import Database
from tests.delivering import deliver_due
from tests.engine.vigil import START, Vigil, china, vigil

pytestmark = pytest.mark.fault


class CrashError(BaseException):
    """The end of the process: nothing that expects an exception may stop it."""


@dataclass
class Postman:
    """A channel that remembers the keys it was given."""

    keys: list[str] = field(default_factory=list)

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Take the notification."""
        del now
        self.keys.append(letter.key)


@contextmanager
def dying_at(database: Database, point: int) -> Iterator[None]:
    """The `point`-th statement or commit inside the block is never reached."""
    engine = database._connections.opener  # noqa: SLF001 - a test that stands between hangji and the driver
    seen = 0

    def step(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == point:
            raise CrashError

    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, step)
    try:
        yield
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(engine, name, step)


def died(world: Vigil, point: int, work: Callable[[], object]) -> bool:
    """Do the work and die at the point; False when the work has fewer points than that."""
    try:
        with dying_at(world.database, point):
            work()
    except CrashError:
        return True
    return False


def is_whole(world: Vigil, number: str) -> bool:
    events = world.events(number)
    found = differences(replay(events), world.case(number), world.open_tasks(number))
    return verify(number, events) is None and found == []


def crash_everywhere(
    world: Vigil, prepare: Callable[[], str], work: Callable[[], object]
) -> Iterator[str]:
    """Die at point 1, 2, 3 … of the work, each on a fresh case; come back, finish, give it."""
    point, was_reached = 0, True
    while was_reached:
        point += 1
        number = prepare()
        was_reached = died(world, point, work)
        world.clock.advance(max(LEASE, LETTER_LEASE) + timedelta(seconds=1))
        work()
        assert is_whole(world, number), f"after dying at point {point}"
        yield number
    assert point > 5, "the work had hardly any point to die at"


@pytest.fixture
def world(database: Database) -> Vigil:
    return vigil(database)


def test_a_timer_fires_once_wherever_the_scheduler_dies(world: Vigil) -> None:
    def prepare() -> str:
        number = world.start("late")
        world.clock.advance(timedelta(hours=3))
        return number

    def work() -> None:
        run_due(world.database, world.runner)

    for number in crash_everywhere(world, prepare, work):
        assert len(world.events(number, "looked_in")) == 1
        assert len(world.letters(number)) == 1


def test_a_chase_is_told_once_wherever_the_scheduler_dies(world: Vigil) -> None:
    def prepare() -> str:
        world.clock.set(START)
        number = world.start()
        world.clock.set(china("2026-11-05 12:00"))
        return number

    def work() -> None:
        run_due(world.database, world.runner)

    for number in crash_everywhere(world, prepare, work):
        told = Counter(one.data["rule"] for one in world.events(number, "chased"))
        assert told == {"half_time": 1, "near_due": 1, "due": 1, "overdue_daily": 1}
        assert len(world.letters(number)) == 4


def test_a_message_is_taken_once_wherever_the_scheduler_dies(world: Vigil) -> None:
    def prepare() -> str:
        number = world.start(process="listening")
        world.complete(world.start())
        return number

    def work() -> None:
        deliver_messages(world.database, world.runner)

    for number in crash_everywhere(world, prepare, work):
        assert world.case(number).status == "closed"
        assert len(world.events(number, "message_received")) == 1


def test_a_letter_is_never_lost_and_doubled_only_under_its_key(world: Vigil) -> None:
    postman = Postman()

    def prepare() -> str:
        number = world.start()
        world.complete(number)
        return number

    def work() -> None:
        deliver_due(world.database, {"notice": postman}, world.runner.clock)

    for number in crash_everywhere(world, prepare, work):
        (letter,) = world.letters(number)
        assert letter.state == "sent"
        assert 1 <= postman.keys.count(letter.key) <= 2
