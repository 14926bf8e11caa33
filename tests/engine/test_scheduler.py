"""What is due is run once, in order, case by case; a failing case stops nobody."""

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from engine.background.scheduler import HEARTBEAT, Scheduler, beat, run_due, run_until, sweep, tick
from engine.delivery.channels import Letter, LogChannel, Notices
from engine.time.clock import VirtualClock
from storage.cases import incidents, timers
from storage.cases.steps import StoredAnswer
from storage.database.session import Database
from storage.delivery import idempotency
from storage.people import sessions
from tests.engine.vigil import START, Vigil, china, vigil

LOOK_IN = timedelta(hours=3)


@dataclass(frozen=True)
class Noticing:
    """A way out that says when a notification passed."""

    seen: threading.Event

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Say so."""
        del letter, now
        self.seen.set()


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


def test_looking_when_nothing_is_due_is_one_probe(world: Vigil) -> None:
    world.start("late")

    with world.database.counting() as statements:
        ticked = tick(world.database, world.runner)

    assert ticked.total == 0
    assert [statement for statement in statements.statements if "SELECT" in statement.upper()] == [
        statement for statement in statements.statements if "begin" not in statement.lower()
    ]
    assert len([statement for statement in statements.statements if "FROM timer" in statement]) == 1


def test_a_due_timer_fires_once_and_is_gone(world: Vigil) -> None:
    number = world.start("late")
    world.clock.set(START + LOOK_IN)

    assert tick(world.database, world.runner).fired == 1
    assert run_due(world.database, world.runner).total == 0
    assert len(world.events(number, "looked_in")) == 1
    assert "looked_in" not in world.timers(number)


def test_a_timer_never_fires_early(world: Vigil) -> None:
    number = world.start("late")
    world.clock.set(START + LOOK_IN - timedelta(microseconds=1))

    assert run_due(world.database, world.runner).total == 0
    assert world.events(number, "looked_in") == []


def test_after_an_outage_everything_fires_once_in_due_order(world: Vigil) -> None:
    numbers = []
    for hour in range(5):
        world.clock.set(START + timedelta(hours=hour))
        numbers.append(world.start("late"))
    world.clock.set(START + timedelta(days=1))

    run_due(world.database, world.runner)

    assert [len(world.events(number, "looked_in")) for number in numbers] == [1] * 5
    letters = [world.letters(number)[0].id for number in numbers]
    assert letters == sorted(letters)


def test_claims_come_the_longest_overdue_first(world: Vigil) -> None:
    for hour in (3, 1, 2):
        world.clock.set(START + timedelta(hours=hour))
        world.start("late")
    world.clock.set(START + timedelta(days=1))

    with world.database.transaction() as session:
        claimed = timers.claim_due(session, now=world.clock.now(), lease=LOOK_IN)

    assert [one.due_at for one in claimed] == sorted(one.due_at for one in claimed)


def test_one_failing_case_among_many_stops_nobody(world: Vigil) -> None:
    broken = world.start("broken")
    others = [world.start("late") for _ in range(20)]
    before = world.case(broken)
    world.clock.set(START + LOOK_IN)

    ticked = run_due(world.database, world.runner)

    assert (ticked.fired, ticked.failed) == (20, 1)
    assert all(world.events(number, "looked_in") for number in others)
    assert world.case(broken) == before


def test_a_failing_case_rests_longer_and_longer_and_then_a_person_looks(world: Vigil) -> None:
    number = world.start("broken")
    waits, ends = [], []

    world.clock.set(START + LOOK_IN)
    while not ends or ends[-1] != "incidents":
        ticked = run_due(world.database, world.runner)
        ends.append("incidents" if ticked.incidents else "failed")
        with world.database.reading() as session:
            waits.append(timers.find_next_due(session, now=world.clock.now()))
        world.clock.advance(timedelta(minutes=10))

    assert ends == ["failed"] * 4 + ["incidents"]
    with world.database.reading() as session:
        (incident,) = incidents.list_incidents(session).items
    assert incident.case_number == number
    assert incident.element == "looked_in"
    assert incident.error_code == "fault"
    assert "broken" not in incident.message  # the text of a fault may repeat what was reported


def test_a_case_with_an_incident_is_left_alone(world: Vigil) -> None:
    world.start("broken")
    for _ in range(5):
        world.clock.advance(timedelta(hours=3))
        run_due(world.database, world.runner)

    world.clock.set(china("2026-11-02 23:00"))

    assert run_due(world.database, world.runner).failed == 0


def test_a_timer_that_moved_between_claim_and_step_does_not_fire(world: Vigil) -> None:
    number = world.start("late")
    case = world.case(number)
    running = world.open_tasks(number)[0].running_id
    world.clock.set(START + LOOK_IN)

    with world.database.transaction() as session:
        claimed = timers.claim_due(session, now=world.clock.now(), lease=LOOK_IN)
        timers.arm(
            session,
            running_id=running,
            element="looked_in",
            case_id=case.id,
            due_at=START + 2 * LOOK_IN,
        )

    assert len(claimed) == 1
    assert run_due(world.database, world.runner).fired == 0
    assert world.events(number, "looked_in") == []


def test_a_lost_claim_comes_again_when_its_lease_is_over(world: Vigil) -> None:
    number = world.start("late")
    world.clock.set(START + LOOK_IN)
    with world.database.transaction() as session:
        timers.claim_due(session, now=world.clock.now(), lease=timedelta(minutes=2))

    assert run_due(world.database, world.runner).total == 0
    world.clock.advance(timedelta(minutes=2))
    assert run_due(world.database, world.runner).fired == 1
    assert len(world.events(number, "looked_in")) == 1


def test_several_schedulers_at_once_fire_everything_once(world: Vigil) -> None:
    numbers = [world.start("late") for _ in range(30)]
    world.clock.set(START + LOOK_IN)
    start = threading.Barrier(4)
    fired: list[int] = []

    def look() -> None:
        start.wait()
        fired.append(run_due(world.database, world.runner).fired)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(fired) == 30
    assert [len(world.events(number, "looked_in")) for number in numbers] == [1] * 30


def test_a_clock_that_was_set_back_fires_nothing_early_and_loses_nothing(world: Vigil) -> None:
    number = world.start("late")
    world.clock.set(START - timedelta(hours=1))

    assert run_due(world.database, world.runner).total == 0
    world.clock.set(START + timedelta(days=30))
    run_due(world.database, world.runner)
    assert len(world.events(number, "looked_in")) == 1


def test_a_virtual_clock_stops_at_every_moment_at_which_something_is_due(world: Vigil) -> None:
    number = world.start("late")

    run_until(world.database, world.runner, world.clock, START + timedelta(days=1))

    assert world.events(number, "looked_in")[0].at == START + LOOK_IN
    assert world.clock.now() == START + timedelta(days=1)


def test_a_sign_of_life_is_left(world: Vigil) -> None:
    beat(world.database, world.runner)

    with world.database.reading() as session:
        assert sessions.find_beat(session, HEARTBEAT) == world.clock.now()


class SlowClock(VirtualClock):
    """A clock on which every look takes a second."""

    def now(self) -> datetime:
        """A second later than the last time."""
        self.advance(timedelta(seconds=1))
        return super().now()


def test_signs_of_life_are_left_between_the_cases_of_one_batch(world: Vigil) -> None:
    """A catch-up of one batch used to look like a scheduler that stood still."""
    for _ in range(20):
        world.start("late")
    clock = SlowClock(START + LOOK_IN)
    jobs = Scheduler(world.database, replace(world.runner, clock=clock), {})

    with world.database.counting() as statements:
        jobs.round()

    beats = [one for one in statements.statements if "INTO heartbeat" in one]
    assert len(beats) > 3


def test_old_keys_are_swept_and_young_ones_kept(world: Vigil) -> None:
    with world.database.transaction() as session:
        for age in (1, 30):
            at = START - timedelta(days=age)
            idempotency.add_answer(session, StoredAnswer("a", f"k{age}", "h", 200, "{}", at))

    sweep(world.database, world.runner)

    with world.database.reading() as session:
        assert idempotency.find_answer(session, actor="a", key="k1", body_hash="h") is not None
        assert idempotency.find_answer(session, actor="a", key="k30", body_hash="h") is None


def test_the_jobs_run_in_their_own_threads_until_stopped(sqlite: Database) -> None:
    world = vigil(sqlite)
    number = world.start("late")
    world.clock.set(START + LOOK_IN)
    seen = threading.Event()
    scheduler = Scheduler(
        world.database, world.runner, {"notice": Notices(Noticing(seen))}, name="one"
    )
    world.complete(number)  # tells the platform

    scheduler.start()
    was_told = seen.wait(30)
    scheduler.stop()

    assert was_told
    with world.database.reading() as session:
        assert "one" in sessions.list_beats(session)


def test_one_round_does_every_job_once(world: Vigil) -> None:
    number = world.start("late")
    world.clock.set(START + LOOK_IN)
    scheduler = Scheduler(world.database, world.runner, {"notice": LogChannel()})

    ticked = scheduler.round()

    assert ticked.fired == 1
    assert len(world.events(number, "looked_in")) == 1
