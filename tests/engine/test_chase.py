"""Late tasks are chased by the decision table, once per trigger, and keep their holder."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.actions.tasks import claim
from engine.background.scheduler import run_due, run_until
from engine.decisions.tables import parse_decision
from engine.diagrams.xml import parse_xml
from engine.errors import DecisionError
from engine.time.reminders import element_of, first_chase, passed_by
from storage.cases.events import verify
from storage.database.session import Database
from storage.people.staffing import add_post, hold, leave
from tests.engine import drawing as draw
from tests.engine.vigil import CALENDAR, Vigil, china, vigil

# A task of two working days, opened on Monday 2 November at 09:00; Saturday the 7th is worked.
SEQUENCE = (
    ("half_time", "2026-11-03 12:00"),
    ("near_due", "2026-11-04 11:00"),
    ("due", "2026-11-04 23:59:59"),
    ("overdue_daily", "2026-11-05 08:00"),
    ("overdue_daily", "2026-11-06 08:00"),
    ("overdue_superior", "2026-11-06 08:00"),
    ("overdue_daily", "2026-11-07 08:00"),
    ("overdue_daily", "2026-11-09 08:00"),
    ("overdue_daily", "2026-11-10 08:00"),
    ("overdue_supervised", "2026-11-10 08:00"),
)


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


def chases(world: Vigil, number: str) -> list[str]:
    return [event.data["rule"] for event in world.events(number, "chased")]


def test_a_task_is_chased_along_the_whole_table(world: Vigil) -> None:
    number = world.start()

    run_until(world.database, world.runner, world.clock, china("2026-11-10 20:00"))

    events = world.events(number, "chased")
    assert [(event.data["rule"], event.at) for event in events] == [
        (rule, china(at)) for rule, at in SEQUENCE
    ]


def test_each_is_told_whom_the_table_names(world: Vigil) -> None:
    number = world.start()

    run_until(world.database, world.runner, world.clock, china("2026-11-10 20:00"))

    told = {event.data["rule"]: event.data["told"] for event in world.events(number, "chased")}
    assert told["half_time"] == "grid_leader:350322100001001"
    assert told["overdue_superior"] == "village_center:350322100001"
    assert told["overdue_supervised"] == "supervisor:3503"
    letters = world.letters(number)
    assert len(letters) == len({letter.key for letter in letters}) == len(SEQUENCE)
    assert letters[-1].template == "chase_supervise"


def test_chasing_never_changes_who_owns_a_case(world: Vigil) -> None:
    number = world.start()
    before, task = world.case(number), world.open_tasks(number)[0]

    run_until(world.database, world.runner, world.clock, china("2026-11-10 20:00"))

    after, same = world.case(number), world.open_tasks(number)[0]
    assert (after.owner_post, after.owner_officer) == (before.owner_post, before.owner_officer)
    assert (same.post_id, same.officer_id, same.due_at) == (
        task.post_id,
        task.officer_id,
        task.due_at,
    )
    assert after.supervised
    assert not before.supervised
    assert verify(number, world.events(number)) is None


def test_there_is_one_chase_timer_and_it_goes_with_its_task(world: Vigil) -> None:
    number = world.start()
    element = element_of(world.open_tasks(number)[0].token)

    assert world.timers(number)[element] == china("2026-11-03 12:00")
    world.clock.set(china("2026-11-03 13:00"))
    run_due(world.database, world.runner)
    assert [timer for timer in world.timers(number) if timer.startswith("chase:")] == [element]
    world.complete(number)
    assert [timer for timer in world.timers(number) if timer.startswith("chase:")] == []


def test_a_trigger_is_told_once_however_often_somebody_looks(world: Vigil) -> None:
    number = world.start()
    world.clock.set(china("2026-11-03 13:00"))

    for _ in range(3):
        run_due(world.database, world.runner)

    assert chases(world, number) == ["half_time"]


def test_what_was_missed_is_caught_up_once_and_in_order(world: Vigil) -> None:
    number = world.start()
    world.clock.set(china("2026-11-07 12:00"))

    run_due(world.database, world.runner)

    # Three daily reminders were missed; one is sent, for the current day.
    assert chases(world, number) == [
        "half_time",
        "near_due",
        "due",
        "overdue_daily",
        "overdue_superior",
    ]
    assert world.events(number, "chased")[3].data["days_overdue"] == 3
    assert world.open_tasks(number)[0].chased["overdue_daily"] == 3


def test_a_chase_says_how_late_it_is(world: Vigil) -> None:
    number = world.start()

    run_until(world.database, world.runner, world.clock, china("2026-11-06 12:00"))

    shares = [event.data.get("share_used") for event in world.events(number, "chased")]
    days = [event.data.get("days_overdue") for event in world.events(number, "chased")]
    assert shares == [0.5, 0.8, None, None, None, None]
    assert days == [None, None, 0, 1, 2, 2]


def test_a_claimed_task_reminds_the_person_who_claimed_it(world: Vigil) -> None:
    number = world.start()
    task = world.open_tasks(number)[0]
    with world.database.transaction() as session:
        claim(world.runner, session, task.key, actor=world.watcher)

    run_until(world.database, world.runner, world.clock, china("2026-11-03 13:00"))

    assert world.events(number, "chased")[0].data["told"] == world.watcher.reference


def test_a_vacant_superior_is_stepped_over(world: Vigil) -> None:
    number = world.start()
    with world.database.transaction() as session:
        leave(session, "village_center:350322100001", until=world.clock.now())
        add_post(session, "city", "3503")
        hold(session, "city:3503", world.supervisor.id, since=world.clock.now())

    run_until(world.database, world.runner, world.clock, china("2026-11-06 12:00"))

    told = {event.data["rule"]: event.data["told"] for event in world.events(number, "chased")}
    assert told["overdue_superior"] == "city:3503"


def test_after_an_extension_the_new_limit_is_chased_anew(world: Vigil) -> None:
    number = world.start()
    run_until(world.database, world.runner, world.clock, china("2026-11-04 12:00"))
    task = world.open_tasks(number)[0]
    definition = world.definition(number)
    later = task._replace(due_at=china("2026-11-06 23:59:59"))

    chased = passed_by(definition, later, CALENDAR, now=world.clock.now())

    assert task.chased == {"half_time": 1, "near_due": 1}
    assert chased == {"half_time": 1}
    again = first_chase(definition, later._replace(chased=chased), CALENDAR)
    assert again is not None
    assert world.clock.now() < again < later.due_at - timedelta(hours=6)


def test_a_bundle_without_a_table_chases_nobody(world: Vigil) -> None:
    number = world.start()
    definition = replace(world.definition(number), decisions={})

    assert first_chase(definition, world.open_tasks(number)[0], CALENDAR) is None


def test_a_row_nobody_can_read_is_named(world: Vigil) -> None:
    number = world.start()
    odd = draw.table(
        "chase",
        ["trigger", "value"],
        ["repeat", "tells", "action"],
        [(["'full_moon'", "1"], ["'once'", "'holder'", "'remind'"])],
    )
    name = "chase.dmn"
    table = parse_decision(parse_xml(odd, name=name), name=name)
    definition = replace(world.definition(number), decisions={"chase": table})

    with pytest.raises(DecisionError) as refused:
        first_chase(definition, world.open_tasks(number)[0], CALENDAR)

    assert refused.value.rules == ("row_1",)
