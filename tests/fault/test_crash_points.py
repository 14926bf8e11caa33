"""A step breaks at each of its statements and at its commit: nothing is left, and again works.

notes/reliability.md row 2: a complete sweep, deterministic, stronger than random kills. From the
chosen point on nothing works any more, as when the process is gone; then everything works again
and the client sends the same request under the same key.
"""

import pytest
from werkzeug.test import TestResponse

from engine.actions.chase import run_chase
from storage.cases import timers
from storage.cases.cases import find_case_by_number
from storage.cases.timers import Timer
from storage.database.session import Session
from tests.fault.belongings import check_identities
from tests.fault.fuses import BlownError, break_everywhere, every_row
from tests.fault.invariants import Audit
from tests.fault.scenes import SCENES, Request
from tests.stories.world import VAULT_KEY, World

pytestmark = pytest.mark.fault

FEWEST = 4
"""Points of a step: it begins, reads, writes and commits."""


@pytest.mark.parametrize("scene", SCENES)
def test_a_step_that_breaks_anywhere_is_not_taken_and_then_taken_once(
    world: World, scene: str
) -> None:
    broken_everywhere(world, SCENES[scene](world))


@pytest.mark.postgres
def test_every_kind_of_step_may_break_anywhere_on_postgresql(postgres_world: World) -> None:
    for scene in ("a_report", "a_tip", "an_acceptance", "an_ending", "a_grant_of_time", "a_merge"):
        request = SCENES[scene](postgres_world)
        with postgres_world.database.transaction() as session:
            session.exec_driver_sql("delete from idempotency")
        broken_everywhere(postgres_world, request)


@pytest.mark.parametrize("kind", ["drawn", "chase"])
def test_a_timer_that_breaks_anywhere_has_not_fired_and_then_fires_once(
    world: World, kind: str
) -> None:
    number = world.file()
    timer = the_timer(world, number, kind)
    world.clock.set(timer.due_at)
    runner = world.composition.runner
    before = len(world.entries(number))

    def take(session: Session) -> None:
        if kind == "chase":
            run_chase(runner, session, timer.running_id, timer.element)
        else:
            runner.fire(session, timer.running_id, timer.element)

    def fire() -> bool:
        try:
            world.database.run(take)
        except BlownError:
            return False
        return True

    points, is_fired = break_everywhere(world.database, fire)

    assert is_fired
    assert points > FEWEST
    assert len(world.entries(number)) > before
    assert timer not in timers_of(world, number)
    Audit(world.database).check_all()


def broken_everywhere(world: World, request: Request) -> None:
    """Sweep one request, then send it once more: the answer is the first, and nothing happens."""
    points, answer = break_everywhere(world.database, lambda: request.send(world))
    taken = every_row(world.database)
    again = request.send(world)

    assert isinstance(answer, TestResponse)
    assert answer.status_code in {200, 201}, answer.get_json()
    assert points > FEWEST
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_data() == answer.get_data()
    assert every_row(world.database) == taken
    Audit(world.database, world.composition.settings.blob_folder).check_all()
    if "reporter" in request.body:
        reported = {answer.get_json()["number"]: request.body["reporter"]}
        check_identities(world.database, reported, key=VAULT_KEY)


def the_timer(world: World, number: str, kind: str) -> Timer:
    """The first timer of its kind that a case waits for."""
    return next(timer for timer in timers_of(world, number) if timer.kind == kind)


def timers_of(world: World, number: str) -> list[Timer]:
    """What a case waits for."""
    with world.database.reading() as session:
        case = find_case_by_number(session, number)
        assert case is not None
        return timers.list_timers(session, case.id)
