"""Long work: in parts, each once, through kills, cancelling and two runners at once."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.background.operations import (
    ATTEMPTS,
    LEASE,
    Doing,
    NewOperation,
    OperationKind,
    run_operation,
)
from engine.time.clock import VirtualClock
from storage.database.session import Database
from storage.errors import Refused
from storage.moments import Json
from storage.operations import operations
from storage.operations.operations import LongOperation
from storage.people import sessions
from storage.tables import operation
from tests.long_work import run_waiting

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
PARTS = 5

Before = Callable[[Doing, int], None]


class PowerCut(BaseException):
    """The process ends here; nothing in it may catch that."""


class Works:
    """A kind of long work that writes one heartbeat a part, and whatever a test does between."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = VirtualClock(NOW)
        self.parts: list[int] = []
        self.before: Before = lambda _doing, _number: None

    def run(self, doing: Doing) -> Json:
        """Five parts, from where an earlier runner came to."""
        doing.report(doing.done, PARTS)
        for number in range(doing.checkpoint or 0, PARTS):
            self.before(doing, number)
            with doing.part(checkpoint=number + 1, done=number + 1) as session:
                assert sessions.find_beat(session, f"part {number}") is None, "done twice"
                sessions.beat(session, f"part {number}", at=self.clock.now())
            self.parts.append(number)
        doing.note("做完了")
        return {"parts": PARTS}

    def order(self) -> int:
        """Write one down."""
        new = NewOperation("count", {"zh": "数数", "en": "Counting"}, {}, content=b"a file")
        with self.database.transaction() as session:
            return operations.add_operation(session, new, at=self.clock.now())

    def go(self, ident: int, database: Database | None = None) -> bool:
        """Run it as a scheduler or a worker would."""
        kinds = {"count": OperationKind("count", {"zh": "数数", "en": "Counting"}, self.run)}
        return run_operation(database or self.database, kinds, self.clock, ident)

    def found(self, ident: int) -> LongOperation:
        """How it is now."""
        with self.database.reading() as session:
            return operations.get_operation(session, ident)

    def beats(self) -> list[str]:
        """The parts that were written."""
        with self.database.reading() as session:
            return sorted(sessions.list_beats(session))


@pytest.fixture
def works(database: Database) -> Works:
    return Works(database)


def test_long_work_ends_with_its_result_its_progress_and_its_log(works: Works) -> None:
    ident = works.order()

    assert works.go(ident)

    found = works.found(ident)
    assert (found.state, found.done, found.total, found.result) == ("done", 5, 5, {"parts": 5})
    with works.database.reading() as session:
        assert [note.text for note in operations.list_notes(session, ident)] == ["做完了"]
        assert operations.list_runnable(session, now=works.clock.now()) == []


def test_work_whose_runner_was_killed_goes_on_with_the_part_after_the_last_one(
    works: Works,
) -> None:
    ident = works.order()
    kills = iter([1, 3])
    cut = next(kills)

    def die(_: Doing, number: int) -> None:
        if number == cut:
            raise PowerCut

    works.before = die
    for _ in range(2):
        with pytest.raises(PowerCut):
            works.go(ident)
        assert not works.go(ident), "taken over although its lease runs"
        works.clock.advance(LEASE * 2)
        cut = next(kills, -1)
    assert works.go(ident)

    assert works.parts == [0, 1, 2, 3, 4]
    assert works.beats() == [f"part {number}" for number in range(PARTS)]
    assert works.found(ident).state == "done"


def test_nothing_of_a_runner_is_written_that_another_one_has_replaced(works: Works) -> None:
    """A host that was cut off for longer than the lease comes back in the middle of a part."""
    ident = works.order()
    was_replaced: list[bool] = []

    def be_cut_off(_: Doing, number: int) -> None:
        if number == 2 and not was_replaced:
            was_replaced.append(True)
            works.clock.advance(LEASE * 2)
            thread = threading.Thread(target=works.go, args=(ident,))
            thread.start()
            thread.join(60)

    works.before = be_cut_off
    works.go(ident)

    assert sorted(works.parts) == [0, 1, 2, 3, 4]
    assert works.found(ident).state == "done"


def test_cancelled_work_keeps_what_it_has_done_and_begins_nothing_more(works: Works) -> None:
    ident = works.order()

    def cancel(_: Doing, number: int) -> None:
        if number == 2:
            with works.database.transaction() as session:
                assert operations.cancel(session, ident, at=works.clock.now())

    works.before = cancel
    works.go(ident)

    assert works.beats() == ["part 0", "part 1", "part 2"]
    assert works.found(ident).state == "cancelled"
    with works.database.transaction() as session:
        assert not operations.cancel(session, ident, at=works.clock.now())


def test_work_that_is_cancelled_before_it_began_never_begins(works: Works) -> None:
    ident = works.order()
    with works.database.transaction() as session:
        operations.cancel(session, ident, at=works.clock.now())

    assert not works.go(ident)
    assert works.parts == []


def test_a_refusal_ends_it_with_the_words_of_the_refusal(works: Works) -> None:
    ident = works.order()

    def refuse(_: Doing, number: int) -> None:
        if number == 1:
            message = "第 7 行没有编号。"
            raise Refused(message, code="row_without_code")

    works.before = refuse
    works.go(ident)

    found = works.found(ident)
    assert (found.state, found.error_code) == ("failed", "row_without_code")
    assert found.message == "第 7 行没有编号。"


def test_a_fault_is_told_by_its_place_and_never_by_its_text(works: Works) -> None:
    """The text of an exception may repeat what somebody reported."""
    ident = works.order()

    def fail(_: Doing, __: int) -> None:
        raise ValueError("13800000000")

    works.before = fail
    works.go(ident)

    found = works.found(ident)
    assert found.state == "failed"
    assert found.message is not None
    assert "ValueError" in found.message
    assert "13800000000" not in found.message


def test_work_that_kills_its_runners_is_given_up(works: Works) -> None:
    ident = works.order()

    def die(_: Doing, __: int) -> None:
        raise PowerCut

    works.before = die
    for _ in range(ATTEMPTS):
        with pytest.raises(PowerCut):
            works.go(ident)
        works.clock.advance(LEASE * 2)
    works.go(ident)

    found = works.found(ident)
    assert (found.state, found.error_code) == ("failed", "runners_died")


def test_a_process_that_ends_hands_its_work_back_at_once(works: Works) -> None:
    ident = works.order()
    ending = threading.Event()

    def end_soon(_: Doing, number: int) -> None:
        if number == 2:
            ending.set()

    works.before = end_soon
    kinds = {"count": OperationKind("count", {}, works.run)}
    run_waiting(works.database, kinds, works.clock, ending=ending)
    assert works.found(ident).state == "running"
    works.before = lambda *_: None

    assert run_waiting(works.database, kinds, works.clock) == 1
    assert works.parts == [0, 1, 2, 3, 4]


def test_two_runners_that_start_at_once_do_every_part_once(works: Works, database_url: str) -> None:
    ident = works.order()
    start = threading.Barrier(2)

    def run() -> None:
        own = Database(database_url)
        start.wait()
        works.go(ident, own)
        own.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert works.parts == [0, 1, 2, 3, 4]


def test_what_it_was_given_is_forgotten_when_it_ends_and_it_itself_after_a_while(
    works: Works,
) -> None:
    ident = works.order()
    works.go(ident)

    with works.database.transaction() as session:
        kept = session.execute(select(operation.c.content)).scalar_one()
        assert kept is None
        assert operations.forget_before(session, works.clock.now() + timedelta(days=1)) == 1
        assert operations.list_operations(session).items == ()
