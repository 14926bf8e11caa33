"""When a year is announced, open limits move, each shift on file; nothing else does."""

from datetime import date, timedelta

import pytest

from engine.actions import tasks as acts
from engine.actions.recount import recount
from engine.casefile.replay import differences, replay
from engine.time.calendar import WorkCalendar
from engine.time.limits import Moved
from engine.time.reminders import element_of
from storage.cases.events import verify
from storage.cases.tasks import list_due_since
from storage.database.session import Database
from storage.moments import to_text
from tests.engine.vigil import CALENDAR, Vigil, china, vigil

HOLIDAY = WorkCalendar({**CALENDAR.days, date(2026, 11, 3): "holiday"}, frozenset({2026}))
UNANNOUNCED = WorkCalendar(CALENDAR.days, frozenset())


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


def move(
    world: Vigil, number: str, after: WorkCalendar, before: WorkCalendar = CALENDAR
) -> Moved | None:
    task = world.open_tasks(number)[0]
    with world.database.transaction() as session:
        return recount(
            world.runner, session, task.running_id, task.token, before=before, after=after
        )


def test_a_day_that_became_free_moves_the_limit_and_its_chase(world: Vigil) -> None:
    number = world.start()

    move(world, number, HOLIDAY)

    task = world.open_tasks(number)[0]
    assert task.due_at == china("2026-11-05 23:59:59")
    # Half of 20 office hours, six of them on Monday, none on Tuesday.
    assert world.timers(number)[element_of(task.token)] == china("2026-11-04 12:00")


def test_the_shift_is_on_file_and_the_holder_is_told(world: Vigil) -> None:
    number = world.start()

    move(world, number, HOLIDAY)

    (event,) = world.events(number, "limit_recounted")
    assert event.data["was_due_at"] == to_text(china("2026-11-04 23:59:59"))
    assert event.data["due_at"] == to_text(china("2026-11-05 23:59:59"))
    (letter,) = world.letters(number)
    assert (letter.receiver, letter.template) == ("grid_leader:350322100001001", "limit_moved")


def test_the_file_still_verifies_and_replays(world: Vigil) -> None:
    number = world.start()

    move(world, number, HOLIDAY)

    events = world.events(number)
    assert verify(number, events) is None
    assert differences(replay(events), world.case(number), world.open_tasks(number)) == []


def test_a_limit_that_is_settled_without_moving_tells_nobody(world: Vigil) -> None:
    number = world.start()
    first = move(world, number, UNANNOUNCED)

    settled = move(world, number, CALENDAR, before=UNANNOUNCED)

    assert first is not None
    assert first.deadline["provisional"]
    assert settled is not None
    assert not settled.deadline["provisional"]
    assert world.letters(number) == []


def test_a_limit_that_stays_leaves_no_trace(world: Vigil) -> None:
    number = world.start()
    before = world.case(number)

    assert move(world, number, CALENDAR) is None
    assert world.case(number) == before


def test_a_limit_that_is_over_or_paused_stays(world: Vigil) -> None:
    late, paused = world.start(), world.start()
    key = world.open_tasks(paused)[0].key
    with world.database.transaction() as session:
        acts.pause(world.runner, session, key, reason="laboratory", actor=world.watcher)
    assert move(world, paused, HOLIDAY) is None

    world.clock.set(china("2026-11-09 09:00"))
    assert move(world, late, HOLIDAY) is None


def test_open_clocks_are_listed_page_by_page(world: Vigil) -> None:
    numbers = [world.start() for _ in range(5)]
    world.complete(numbers[0])
    now = world.clock.now()

    keys = []
    with world.database.reading() as session:
        while page := list_due_since(session, now, after=keys[-1] if keys else (0, ""), limit=2):
            keys += page
        late = list_due_since(session, now + timedelta(days=30))

    assert len(keys) == len(set(keys)) == 4
    assert late == []
