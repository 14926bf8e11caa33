"""The feed under many hands: nothing missed, nothing twice, each case in its order.

A few steps in the normal run; `HANGJI_FEED=50` is the campaign (`make feed`).
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

import pytest
from sqlalchemy import select, true

from engine.background.feed import publish_feed
from engine.time.clock import SystemClock
from storage.cases.cases import LockedCase
from storage.cases.events import NewEvent
from storage.database.session import Database, Session
from storage.feed import events
from storage.feed.events import FeedEvent
from tests.build import MORNING, a_case, locked_again, stepped

STEPS = int(os.environ.get("HANGJI_FEED", "4"))
WRITERS = 32
READERS = 8
PATIENCE = 600

pytestmark = pytest.mark.fault


@pytest.fixture
def crowded(database_url: str) -> Iterator[Database]:
    """A database with a connection for everybody."""
    made = Database(database_url, pool_size=WRITERS + READERS + 2)
    yield made
    made.close()


def step(session: Session, case: LockedCase, number: int) -> None:
    """A step that moves the case to another phase, which the feed tells."""
    phase = {"phase": str(number)}
    event = NewEvent("task_completed", MORNING, "officer:7", {"case": phase})
    stepped(session, locked_again(session, case), case_changes=phase, events=[event])


def read_on(database: Database, after: int) -> tuple[list[FeedEvent], int]:
    with database.reading() as session:
        part = events.list_events(session, true(), after=after, limit=7)
    return list(part.items), part.next


@dataclass
class Crowd:
    """Writers, readers and two processes that publish, all at once on one database."""

    database: Database
    cases: list[LockedCase]
    over: threading.Event = field(default_factory=threading.Event)

    def write(self, case: LockedCase) -> None:
        """Move one case step by step; between a step and its commit others commit."""
        dice = Random(case.case.number)  # noqa: S311 - to be thrown again
        longest = 0.0 if self.database.is_sqlite else 0.02
        for number in range(STEPS):
            with self.database.transaction() as session:
                step(session, case, number)
                session.execute(select(1))  # sends what waits for the commit
                self.over.wait(dice.random() * longest)

    def publish(self) -> None:
        """Number what was committed, again and again."""
        while not self.over.is_set():
            publish_feed(self.database, SystemClock())

    def read(self) -> list[FeedEvent]:
        """Read on until everything was told."""
        seen: list[FeedEvent] = []
        after = 0
        while len(seen) < len(self.cases) * STEPS and not self.over.wait(0.001):
            found, after = read_on(self.database, after)
            seen += found
        return seen

    def run(self) -> list[list[FeedEvent]]:
        """Let everybody work; return what each reader saw."""
        with ThreadPoolExecutor(WRITERS + READERS + 2) as threads:
            publishing = [threads.submit(self.publish) for _ in range(2)]
            reading = [threads.submit(self.read) for _ in range(READERS)]
            try:
                for writing in [threads.submit(self.write, case) for case in self.cases]:
                    writing.result(PATIENCE)
                seen = [each.result(PATIENCE) for each in reading]
            finally:
                self.over.set()
            for each in publishing:
                each.result(PATIENCE)
        return seen


def test_of_32_writers_8_readers_miss_nothing_and_see_nothing_twice(crowded: Database) -> None:
    with crowded.transaction() as session:
        cases = [a_case(session) for _ in range(WRITERS)]

    for seen in Crowd(crowded, cases).run():
        assert [event.seq for event in seen] == list(range(1, WRITERS * STEPS + 1))
        phases: dict[str, list[str]] = {case.case.number: [] for case in cases}
        for event in seen:
            phases[event.subject].append(event.data["phase"])
        assert set(map(tuple, phases.values())) == {tuple(map(str, range(STEPS)))}


@pytest.mark.postgres
def test_a_transaction_that_commits_late_is_passed_by_nobody(postgres: Database) -> None:
    """Its event is older in the table than one that was read already."""
    with postgres.transaction() as session:
        late, early = a_case(session), a_case(session)
    written, committing = threading.Event(), threading.Event()

    def slow() -> None:
        with postgres.transaction() as session:
            step(session, late, 1)
            session.execute(select(1))  # sends what waits for the commit
            written.set()
            assert committing.wait(30)

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(30)
    with postgres.transaction() as session:
        step(session, early, 1)
    publish_feed(postgres, SystemClock())
    first, after = read_on(postgres, 0)
    committing.set()
    thread.join(30)
    publish_feed(postgres, SystemClock())
    then, _ = read_on(postgres, after)

    assert [event.subject for event in first] == [early.case.number]
    assert [event.subject for event in then] == [late.case.number]
