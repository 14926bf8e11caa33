"""Many timers and several schedulers: each fires once, whatever one case does to itself."""

import threading
from datetime import timedelta
from types import ModuleType

import pytest

from engine.background.incidents import ATTEMPTS, retry
from engine.background.scheduler import Ticked, run_due
from engine.binding import Functions, collect
from engine.run.runner import Runner
from storage.cases import incidents
from storage.cases.incidents import Incident
from storage.database.session import Database
from tests.engine import vigil as scene
from tests.engine.vigil import START, Vigil, vigil

TIMERS = 120
TICKERS = 4
LOOK_IN = timedelta(hours=3)

pytestmark = pytest.mark.fault


@pytest.fixture
def world(database: Database) -> Vigil:
    """A small process with one timer."""
    return vigil(database)


def test_four_schedulers_of_their_own_fire_many_timers_once_each_beside_a_poisoned_case(
    world: Vigil, database_url: str
) -> None:
    """notes/reliability.md rows 5 and 10."""
    numbers = [world.start("late") for _ in range(TIMERS)]
    poisoned = world.start("broken")
    before = world.case(poisoned)
    world.clock.set(START + LOOK_IN)

    total = ticked_by_several(world, database_url)

    assert (total.fired, total.failed, total.incidents) == (TIMERS, 1, 0)
    assert [len(world.events(number, "looked_in")) for number in numbers] == [1] * TIMERS
    assert [len(world.letters(number)) for number in numbers] == [1] * TIMERS
    assert world.case(poisoned) == before


def test_schedulers_that_die_between_claim_and_step_lose_no_timer(world: Vigil) -> None:
    """notes/reliability.md row 6: a claim that nobody carried out runs out."""
    numbers = [world.start("late") for _ in range(20)]
    world.clock.set(START + LOOK_IN)
    dying = 0

    while True:
        ticked = Ticked()
        try:
            with world.database.interrupted(Dying(after=30)):
                ticked = run_due(world.database, world.runner)
        except DyingError:
            dying += 1
        if not ticked.total and all(world.events(number, "looked_in") for number in numbers):
            break
        world.clock.advance(timedelta(minutes=3))

    assert dying > 1
    assert [len(world.events(number, "looked_in")) for number in numbers] == [1] * 20


def test_a_poisoned_case_becomes_an_incident_and_goes_on_when_it_is_mended(
    world: Vigil, monkeypatch: pytest.MonkeyPatch
) -> None:
    """notes/reliability.md row 10."""
    number = world.start("broken")
    before = world.case(number)

    incident = given_up(world)
    assert world.case(number) == before
    monkeypatch.setattr(scene, "BROKEN", "mended meanwhile")
    with world.database.transaction() as session:
        retry(world.runner, session, incident.id, actor=world.supervisor)

    assert run_due(world.database, world.runner).fired == 1
    assert len(world.events(number, "looked_in")) == 1


def test_a_case_whose_function_is_missing_stays_as_it_is_until_the_function_is_there(
    world: Vigil,
) -> None:
    """Issue, bad input: a definition deployed with a missing function."""
    number = world.start("late")
    before = world.case(number)
    lacking = Vigil(
        world.database, without_look_in(world), world.clock, world.watcher, world.supervisor
    )

    incident = given_up(lacking)
    untouched = world.case(number)
    with world.database.transaction() as session:
        retry(world.runner, session, incident.id, actor=world.supervisor)
    run_due(world.database, world.runner)

    assert untouched == before
    assert incident.case_number == number
    assert incident.error_code not in {"fault", ""}
    assert len(world.events(number, "looked_in")) == 1


class DyingError(BaseException):
    """The process ends here; nothing in it may catch that."""


class Dying:
    """Ends the process at the n-th statement from now."""

    def __init__(self, *, after: int) -> None:
        self._left = after

    def __call__(self, _statement: str) -> None:
        """Hear of a statement about to run."""
        self._left -= 1
        if self._left <= 0:
            raise DyingError


def ticked_by_several(world: Vigil, url: str) -> Ticked:
    """Several schedulers at once, each with connections of its own, as processes have."""
    start, total, lock = threading.Barrier(TICKERS), Ticked(), threading.Lock()

    def look() -> None:
        database = Database(url, pool_size=2)
        start.wait()
        ticked = run_due(database, world.runner)
        database.close()
        with lock:
            total.add(ticked)

    threads = [threading.Thread(target=look) for _ in range(TICKERS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    return total


def given_up(world: Vigil) -> Incident:
    """Let a case fail as often as it may; the incident that a person finds then."""
    for _ in range(ATTEMPTS):
        world.clock.advance(timedelta(hours=3))
        run_due(world.database, world.runner)
    with world.database.reading() as session:
        (found,) = incidents.list_incidents(session).items
    return found


def without_look_in(world: Vigil) -> Runner:
    """The runner of a release in which somebody forgot a function."""
    watch = ModuleType("vigil")
    vars(watch).update(asked=scene.asked, tell=scene.tell)
    functions: Functions = collect({"vigil": watch})
    ours = world.runner
    return Runner(
        cache=ours.cache,
        functions=functions,
        clock=ours.clock,
        calendar=ours.calendar,
        vault_keys=ours.vault_keys,
        beside=ours.beside,
    )
