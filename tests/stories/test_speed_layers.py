"""Whole stories with each speed layer on and off: a layer changes how fast, and nothing else.

The stories are those of the other modules, chosen so that each layer meets what it treats apart:
single threads and parallel ones, timers, messages, repeats, lost races, a countersignature.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.app import create_app
from api.composition import compose
from api.settings import SPEED_LAYERS
from storage.database.session import Database
from tests.stories import (
    test_emergency,
    test_grid_report,
    test_handling,
    test_merge_and_split,
    test_public_report,
    test_side_task,
    test_twice,
)
from tests.stories.conftest import Settled
from tests.stories.world import RESOLVED, World, served, settle

Story = Callable[[World], None]

STORIES: dict[str, Story] = {
    "from the unit to the city": (
        test_grid_report.test_a_case_rises_from_the_unit_to_the_city_on_postgresql
    ),
    "verification failed": (
        test_grid_report.test_failed_verification_goes_back_and_is_counted_each_time
    ),
    "a limit ran out": lambda world: (
        test_handling.test_what_the_grid_does_not_handle_in_time_moves_up(world, "grid_member")
    ),
    "a dispute": lambda world: (
        test_public_report.test_a_dispute_reopens_one_level_up_and_from_the_city_at_the_city(
            world, "station"
        )
    ),
    "an emergency": (
        test_emergency.test_an_alert_nobody_acknowledges_within_half_an_hour_is_supervised
    ),
    "a countersignature": lambda world: (
        test_side_task.test_a_countersignature_counts_when_all_agree(
            world, ("agree", "agree"), "agreed"
        )
    ),
    "a merge": lambda world: test_merge_and_split.test_whoever_filed_a_merged_case_hears_of_it(
        world, is_public=True
    ),
    "pressed at once": test_twice.test_two_officers_pressing_at_once_make_one_step_on_postgresql,
}
ON_POSTGRES = pytest.mark.postgres
DATABASES = ["sqlite", pytest.param("postgres", marks=ON_POSTGRES)]
LAYERS = ["memo+rows", "memo", "rows", "none"]


@pytest.fixture(params=DATABASES)
def settled_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a settled database of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    path, _ = request.getfixturevalue("settled")
    return f"sqlite:///{shutil.copy(path, tmp_path / 'story.db')}"


@pytest.fixture(params=LAYERS)
def layers(request: pytest.FixtureRequest) -> frozenset[str]:
    """The speed layers that are on."""
    return frozenset(request.param.split("+")) - {"none"}


@pytest.fixture
def layered_world(
    settled_url: str, layers: frozenset[str], settled: Settled, tmp_path: Path
) -> Iterator[World]:
    """A small city with some of the speed layers."""
    _, chain = settled
    if settled_url.startswith("postgresql"):
        database = Database(settled_url, pooled=False)
        with database.transaction() as session:
            chain = settle(session)
        database.close()
    yield from served(settled_url, tmp_path, chain, speed_layers=layers)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_goes_the_same_way_with_each_layer_on_and_off(
    layered_world: World, story: str
) -> None:
    STORIES[story](layered_world)


@pytest.mark.parametrize("database", DATABASES)
def test_a_case_goes_on_when_the_layers_are_switched_on_the_way(
    database: str, request: pytest.FixtureRequest
) -> None:
    """What one way has written the other reads: marking, rows, kept answers."""
    world: World = request.getfixturevalue("world" if database == "sqlite" else "postgres_world")
    number = world.file("unit_leader")

    for place, level in enumerate(("unit_leader", "grid_leader", "village_center", "station")):
        switch(world, frozenset() if place % 2 == 0 else SPEED_LAYERS)
        world.pass_up(number, level)
    switch(world, frozenset())
    world.accept(number, "county")
    switch(world, SPEED_LAYERS)
    world.do(number, "county", "resolve_or_pass_up", **RESOLVED)

    assert world.task(number)["name"] == "verify"
    assert world.levels(number)[-1] == "county"


def switch(world: World, layers: frozenset[str]) -> None:
    """Start the server again with other layers."""
    settings = replace(world.composition.settings, speed_layers=layers)
    world.composition.database.close()
    world.composition = compose(settings, clock=world.clock)
    world.app = create_app(world.composition)


@pytest.mark.parametrize(
    ("names", "is_memoized"), [(SPEED_LAYERS, True), (SPEED_LAYERS - {"memo"}, False)]
)
def test_the_memo_learns_only_where_it_is_on(
    world: World, names: frozenset[str], *, is_memoized: bool
) -> None:
    switch(world, names)

    world.file()

    with world.database.reading() as session:
        memo = world.composition.runner.published(session, "grid_report").memo
    assert bool(memo.standings) is is_memoized


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("names", "is_fast"), [(SPEED_LAYERS, True), (SPEED_LAYERS - {"rows"}, False)]
)
def test_statements_are_prepared_past_the_driver_only_where_rows_are_on(
    postgres_world: World, names: frozenset[str], *, is_fast: bool
) -> None:
    world = postgres_world
    switch(world, names)

    world.accept(world.file(), "grid_member")

    with world.database.reading() as session:
        prepared = session.exec_driver_sql("select name from pg_prepared_statements").scalars()
        assert any(name.startswith("hangji_") for name in prepared) is is_fast
