"""A supervisor lets a case that could not go on try again."""

from datetime import timedelta

import pytest

from engine.background.incidents import note_completion, retry, wait_after
from engine.background.outbox import ATTEMPTS as LETTER_ATTEMPTS
from engine.background.scheduler import deliver_messages, run_due
from storage.cases import incidents
from storage.cases.incidents import Incident
from storage.database.session import Database
from storage.errors import NotFound, Refused, TaskClosed
from tests.delivering import deliver_due
from tests.engine import vigil as scene
from tests.engine.vigil import Vigil, vigil


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


def the_incident(world: Vigil, *, state: str = "open") -> Incident:
    with world.database.reading() as session:
        (found,) = incidents.list_incidents(session, state=state).items
    return found


def let_retry(world: Vigil, incident: Incident) -> Incident:
    with world.database.transaction() as session:
        return retry(world.runner, session, incident.id, actor=world.supervisor)


def until_given_up(world: Vigil) -> None:
    for _ in range(5):
        world.clock.advance(timedelta(hours=3))
        run_due(world.database, world.runner)


def test_waiting_doubles_up_to_a_bound() -> None:
    waits = [wait_after(attempt).total_seconds() for attempt in (1, 2, 3, 4, 5, 50)]

    assert waits == [30, 60, 120, 240, 480, 1800]


def test_a_retried_timer_fires_again_and_the_incident_is_resolved(
    world: Vigil, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = world.start("broken")
    until_given_up(world)
    monkeypatch.setattr(scene, "BROKEN", "mended meanwhile")

    resolved = let_retry(world, the_incident(world))
    ticked = run_due(world.database, world.runner)

    assert (resolved.state, resolved.resolved_by) == ("resolved", world.supervisor.id)
    assert ticked.fired == 1
    assert len(world.events(number, "looked_in")) == 1


def test_a_retry_that_fails_again_becomes_a_new_incident(world: Vigil) -> None:
    world.start("broken")
    until_given_up(world)
    first = let_retry(world, the_incident(world))

    until_given_up(world)

    assert the_incident(world).id != first.id


def test_an_incident_is_retried_once(world: Vigil) -> None:
    world.start("broken")
    until_given_up(world)
    incident = let_retry(world, the_incident(world))

    with pytest.raises(Refused):
        let_retry(world, incident)
    with pytest.raises(NotFound), world.database.transaction() as session:
        retry(world.runner, session, 4711, actor=world.supervisor)


def test_a_dead_letter_goes_out_again_when_retried(world: Vigil) -> None:
    number = world.start()
    world.complete(number)
    for _ in range(LETTER_ATTEMPTS):
        world.clock.advance(timedelta(hours=2))
        deliver_due(world.database, {}, world.runner.clock)

    incident = the_incident(world)
    let_retry(world, incident)

    assert (incident.error_code, incident.case_number) == ("channel_unknown", number)
    assert [letter.state for letter in world.letters(number)] == ["pending"]


def test_a_message_goes_to_its_receiver_again_when_retried(
    world: Vigil, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = world.start("deaf", process="listening")
    world.complete(world.start())
    deliver_messages(world.database, world.runner)
    monkeypatch.setattr(scene, "DEAF", "mended meanwhile")

    let_retry(world, the_incident(world))
    deliver_messages(world.database, world.runner)

    assert world.case(listener).status == "closed"


def test_an_officers_click_is_made_again_in_their_name(world: Vigil) -> None:
    number = world.start()
    task = world.open_tasks(number)[0]
    with world.database.transaction() as session:
        note_completion(
            session,
            RuntimeError("told nobody"),
            task,
            {"word": "well"},
            actor=world.watcher,
            now=world.clock.now(),
        )

    incident = the_incident(world)
    let_retry(world, incident)

    assert "told nobody" not in incident.message
    assert world.case(number).status == "closed"
    assert world.events(number, "task_completed")[0].actor == world.watcher.reference


def test_a_click_that_fails_again_leaves_its_incident_open(world: Vigil) -> None:
    number = world.start()
    task = world.open_tasks(number)[0]
    with world.database.transaction() as session:
        note_completion(
            session,
            RuntimeError(),
            task,
            {"word": "well"},
            actor=world.watcher,
            now=world.clock.now(),
        )
    world.complete(number)

    with pytest.raises(TaskClosed):
        let_retry(world, the_incident(world))

    assert the_incident(world).state == "open"
