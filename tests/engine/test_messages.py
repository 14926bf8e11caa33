"""Messages between cases find who waits, once; what nobody waits for is reported."""

from datetime import timedelta

import pytest

from engine.background.messages import deliver_one, list_deliverable, report_expired
from engine.background.scheduler import deliver_messages
from engine.definitions import digest_of
from storage.cases import incidents
from storage.database.session import Database
from storage.processes.definitions import add_definition, publish
from tests.engine import drawing as draw
from tests.engine.vigil import Vigil, files, vigil


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


def arrived(world: Vigil) -> list[int]:
    with world.database.reading() as session:
        deliverable = list_deliverable(session, now=world.clock.now(), limit=10)
    return [one.id for one in deliverable]


def test_a_message_thrown_by_one_case_moves_the_case_that_waits_for_it(world: Vigil) -> None:
    listener, watcher = world.start(process="listening"), world.start()
    world.complete(watcher)

    assert deliver_messages(world.database, world.runner) == 1

    assert world.case(listener).status == "closed"
    event = world.events(listener, "message_received")[0]
    assert event.data["from_case"] == world.case(watcher).id


def test_a_message_waits_for_a_listener_who_comes_later(world: Vigil) -> None:
    world.complete(world.start())
    assert deliver_messages(world.database, world.runner) == 0

    listener = world.start(process="listening")

    assert deliver_messages(world.database, world.runner) == 1
    assert world.case(listener).status == "closed"


def test_one_message_is_taken_by_one_listener(world: Vigil) -> None:
    listeners = [world.start(process="listening") for _ in range(2)]
    world.complete(world.start())

    assert deliver_messages(world.database, world.runner) == 1
    assert deliver_messages(world.database, world.runner) == 0

    assert [world.case(number).status for number in listeners] == ["closed", "open"]


def test_a_second_delivery_of_the_same_message_changes_nothing(world: Vigil) -> None:
    listener = world.start(process="listening")
    world.complete(world.start())
    with world.database.reading() as session:
        (message,) = list_deliverable(session, now=world.clock.now(), limit=10)

    taken = []
    for _ in range(2):
        with world.database.transaction() as session:
            taken.append(deliver_one(world.runner, session, message))

    assert taken == [True, False]
    assert len(world.events(listener, "message_received")) == 1


def test_a_listener_who_fails_leaves_the_message_and_an_incident(world: Vigil) -> None:
    listener = world.start("deaf", process="listening")
    world.complete(world.start())

    assert deliver_messages(world.database, world.runner) == 0

    assert world.case(listener).status == "open"
    with world.database.reading() as session:
        (incident,) = incidents.list_incidents(session).items
    assert incident.case_number == listener


def test_a_failed_message_rests_and_is_given_up_after_five_attempts(world: Vigil) -> None:
    world.start("deaf", process="listening")
    world.complete(world.start())
    deliver_messages(world.database, world.runner)

    assert arrived(world) == []
    for _ in range(10):
        world.clock.advance(timedelta(hours=5))
        deliver_messages(world.database, world.runner)

    assert arrived(world) == []
    with world.database.reading() as session:
        (incident,) = incidents.list_incidents(session).items
    assert incident.attempts == 5


def test_a_failed_message_does_not_hold_up_the_others(world: Vigil) -> None:
    world.start("deaf", process="listening")
    world.complete(world.start())
    deliver_messages(world.database, world.runner)

    other = world.start(process="listening")
    world.complete(world.start())
    deliver_messages(world.database, world.runner)

    assert world.case(other).status == "closed"


def test_a_listener_whose_drawing_cannot_go_on_is_named_in_words(world: Vigil) -> None:
    """Its place on the drawing, its case and what an analyst is to do; the message waits."""
    publish_broken(world)
    listener = world.start(process="listening")
    file = world.events(listener)
    world.complete(world.start())

    taken = [deliver_messages(world.database, world.runner)]
    world.clock.advance(timedelta(hours=5))
    taken.append(deliver_messages(world.database, world.runner))

    assert taken == [0, 0]
    assert (world.case(listener).status, world.events(listener)) == ("open", file)
    with world.database.reading() as session:
        (incident,) = incidents.list_incidents(session).items
    assert (incident.case_number, incident.error_code) == (listener, "unknown_name")
    assert incident.attempts == 2
    assert "is_it_for_us" in incident.message
    assert "重新发布" in incident.message


def publish_broken(world: Vigil) -> None:
    """Draw a question behind the message whose answer nothing sets, past the check."""
    bundle = files("listening")
    drawn = draw.diagram(
        draw.start("waited"),
        draw.catch("heard", draw.message("all_well")),
        draw.xor("is_it_for_us", default="not_for_us"),
        draw.service("note_it"),
        draw.end("reassured"),
        draw.path("waited", "heard", "is_it_for_us"),
        draw.flow("is_it_for_us", "note_it", "receiver == 'us'"),
        draw.flow("is_it_for_us", "reassured", identifier="not_for_us"),
        draw.path("note_it", "reassured"),
        process="listening",
        lane="",
        outside='<bpmn:message id="all_well" name="all_well"/>',
    )
    bundle["listening.bpmn"] = drawn.decode()
    digest = digest_of(bundle)
    with world.database.transaction() as session:
        now = world.clock.now()
        add_definition(session, process_id="listening", digest=digest, files=bundle, at=now)
        publish(session, "listening", digest, publisher="test", at=now)


def test_a_message_nobody_waited_for_is_reported_once(world: Vigil) -> None:
    watcher = world.start()
    world.complete(watcher)
    world.clock.advance(timedelta(days=31))

    reported = []
    for _ in range(2):
        with world.database.transaction() as session:
            reported.append(report_expired(session, now=world.clock.now()))

    assert reported == [1, 0]
    with world.database.reading() as session:
        (incident,) = incidents.list_incidents(session).items
    assert (incident.error_code, incident.case_number) == ("message_unclaimed", watcher)
