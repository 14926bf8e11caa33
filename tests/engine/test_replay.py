"""The case file read back is the case as it stands, whatever was done to it."""

from collections.abc import Callable

import pytest

from engine.actions import tasks as acts
from engine.background.scheduler import run_until
from engine.casefile.replay import State, differences, replay
from storage.cases.tasks import Task
from storage.database.session import Database
from tests.engine.vigil import Vigil, china, vigil


@pytest.fixture
def world(sqlite: Database) -> Vigil:
    return vigil(sqlite)


def state_of(world: Vigil, number: str) -> State:
    return replay(world.events(number))


def disagreements(world: Vigil, number: str) -> list[str]:
    return differences(state_of(world, number), world.case(number), world.open_tasks(number))


def claim(world: Vigil, task: Task) -> None:
    with world.database.transaction() as session:
        acts.claim(world.runner, session, task.key, actor=world.watcher)


def pause(world: Vigil, task: Task) -> None:
    with world.database.transaction() as session:
        acts.pause(world.runner, session, task.key, reason="laboratory", actor=world.watcher)


def pause_and_resume(world: Vigil, task: Task) -> None:
    pause(world, task)
    world.clock.set(china("2026-11-04 10:00"))
    with world.database.transaction() as session:
        acts.resume(world.runner, session, task.key, actor=world.watcher)


def be_late(world: Vigil, task: Task) -> None:
    del task
    run_until(world.database, world.runner, world.clock, china("2026-11-12 12:00"))


def test_a_new_case_reads_back(world: Vigil) -> None:
    number = world.start()

    state = state_of(world, number)

    assert disagreements(world, number) == []
    assert state.columns["title"] == "go"
    assert [one.task_id for one in state.open_tasks.values()] == ["keep_watch"]


@pytest.mark.parametrize("act", [claim, pause, pause_and_resume, be_late])
def test_every_act_reads_back(world: Vigil, act: Callable[[Vigil, Task], None]) -> None:
    number = world.start("late")

    act(world, world.open_tasks(number)[0])

    assert disagreements(world, number) == []


def test_a_closed_case_reads_back(world: Vigil) -> None:
    number = world.start()
    world.complete(number)

    state = state_of(world, number)

    assert disagreements(world, number) == []
    assert (state.status, state.open_tasks, state.done) == ("closed", {}, ["keep_watch"])
    assert "asked" in state.passed


def test_a_database_that_says_something_else_is_named(world: Vigil) -> None:
    number = world.start()
    case, open_tasks = world.case(number), world.open_tasks(number)
    state = state_of(world, number)

    state.columns["title"] = "another"
    key = next(iter(state.open_tasks))

    assert differences(state, case, []) == [
        "case.title: the file says 'another', the database 'go'",
        f"task {key[0]}.{key[1]}: open in the file, not in the database",
    ]
    state.open_tasks.clear()
    assert differences(state, case, open_tasks)[1].endswith("open in the database, not in the file")
