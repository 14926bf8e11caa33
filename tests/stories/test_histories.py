"""Random histories of whole cases keep the rules; `make histories` runs ten thousand of them.

A failure names its seed: `HANGJI_HISTORY=<seed>` lives through that one history alone.
"""

import os
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from api.composition import handler_modules
from engine.binding import collect
from engine.definitions import DefinitionCache
from engine.run.runner import Runner
from engine.time.calendar import WorkCalendar
from engine.time.clock import VirtualClock
from storage.database.session import Database
from storage.people.actors import Actor
from storage.places import calendar
from tests.build import GRID, an_officer
from tests.histories.starts import settle_ground
from tests.histories.walk import History
from tests.stories.world import MONDAY, VAULT_KEY, settle

MANY = int(os.environ.get("HANGJI_HISTORIES", "60"))
ONE = os.environ.get("HANGJI_HISTORY")
EACH = 50 if MANY > 1000 else 15
FIRSTS = [int(ONE)] if ONE else list(range(1, MANY + 1, EACH))
Settled = tuple[Path, dict[str, Actor]]


@pytest.fixture(scope="session")
def runner(settled: Settled) -> Runner:
    """What moves the cases of all histories; definitions are parsed once."""
    database = Database(f"sqlite:///{settled[0]}", pooled=False)
    with database.reading() as session:
        days = WorkCalendar(calendar.day_kinds(session), calendar.announced_years(session))
    database.close()
    return Runner(
        cache=DefinitionCache(),
        functions=collect(handler_modules()),
        clock=VirtualClock(MONDAY),
        calendar=lambda _session: days,
        vault_keys=(VAULT_KEY,),
        beside="side_task",
    )


@dataclass(frozen=True)
class City:
    """A file to copy for each history, and who lives in it."""

    path: Path
    people: dict[str, Actor]
    businesses: list[int]
    school: int


@pytest.fixture(scope="session")
def city(settled: Settled, tmp_path_factory: pytest.TempPathFactory) -> City:
    """The settled city with three businesses, one of which leads the grid beside a person."""
    path, chain = settled
    copy = Path(shutil.copy(path, tmp_path_factory.mktemp("histories") / "city.db"))
    database = Database(f"sqlite:///{copy}", pooled=False)
    with database.transaction() as session:
        ground = settle_ground(session, chain)
        shopkeeper = an_officer(session, f"grid_leader:{GRID}", business_id=ground.businesses[0])
    database.close()
    return City(copy, {**ground.people, "shopkeeper": shopkeeper}, ground.businesses, ground.school)


@pytest.mark.parametrize("first", FIRSTS)
def test_random_histories_keep_the_rules(
    first: int, city: City, runner: Runner, tmp_path: Path
) -> None:
    """R26, R40, R41, R42, R44, R45: whatever people and time do to a case."""
    counts: Counter[str] = Counter()
    for seed in range(first, first + (1 if ONE else EACH)):
        database = Database(f"sqlite:///{shutil.copy(city.path, tmp_path / 'history.db')}")
        clock = VirtualClock(MONDAY)
        history = History(
            seed,
            database,
            replace(runner, clock=clock),
            clock,
            dict(city.people),
            city.businesses,
            city.school,
        )
        try:
            counts += history.run()
        except Exception as failure:
            failure.add_note("\n".join([f"HANGJI_HISTORY={seed}", *history.log]))
            raise
        finally:
            database.close()
    assert counts["acts"] > counts.total() / 4, "the dice hardly moved anything"


@pytest.mark.postgres
def test_random_histories_keep_the_rules_on_postgresql(postgres_url: str, runner: Runner) -> None:
    """R26, R40-R45, one after the other in one city whose time goes on."""
    database, clock = Database(postgres_url), VirtualClock(MONDAY)
    with database.transaction() as session:
        ground = settle_ground(session, settle(session), shops=1)
    for seed in range(1, 5):
        there = replace(runner, clock=clock)
        history = History(
            seed, database, there, clock, ground.people, ground.businesses, ground.school
        )
        try:
            history.run()
        except Exception as failure:
            failure.add_note("\n".join(history.log))
            raise
    database.close()
