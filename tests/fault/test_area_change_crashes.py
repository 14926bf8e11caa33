"""A change of areas that breaks at any statement or commit is made afterwards, whole and once."""

from datetime import timedelta
from itertools import count

import pytest

from api.importing.area_changes import area_change_order
from api.operating import kinds
from engine.background.operations import LEASE, run_operation
from handlers.staffing.area_rules import AreaTarget, NewAreaChange
from storage.moments import in_china
from storage.operations import operations
from storage.people.actors import load_actor
from storage.places import areas
from storage.places.area_changes import list_area_changes
from storage.registry.businesses import list_businesses
from tests.build import VILLAGE, an_area
from tests.fault.fuses import FURTHEST, BlownError, fused
from tests.stories.world import World

pytestmark = pytest.mark.fault

TOWN = "350322109"
FEWEST = 30
"""Points of a change: its statements, its commit and the writes around them."""


def test_a_change_that_breaks_anywhere_is_made_afterwards_whole_and_once(world: World) -> None:
    code, shops = VILLAGE, 1
    world.business()
    with world.database.transaction() as session:
        an_area(session, TOWN)
    for point in count(1):
        world.clock.advance(timedelta(days=1))
        becomes = f"{TOWN}{point:03d}"
        operation = ordered(world, code, becomes)
        is_broken = broken_at(world, operation, point)
        require_one_of_both(world, code, becomes)
        world.clock.advance(LEASE * 2)
        run_operation(world.database, kinds(world.composition), world.clock, operation)
        require_made(world, operation, becomes, times=point, shops=shops)
        code = becomes
        if not is_broken:
            break
        assert point < FURTHEST

    assert point > FEWEST


def ordered(world: World, code: str, becomes: str) -> int:
    now = world.clock.now()
    new = NewAreaChange("move", (code,), (AreaTarget(becomes),), in_china(now).date())
    with world.database.transaction() as session:
        order = area_change_order(new, by=world.people["county"].id, open_to=frozenset())
        return operations.add_operation(session, order, at=now)


def broken_at(world: World, operation: int, point: int) -> bool:
    known = kinds(world.composition)
    with fused(world.database) as fuse:
        fuse.set(point)
        try:
            run_operation(world.database, known, world.clock, operation)
        except BlownError:
            return fuse.mend()
        return fuse.mend()


def require_one_of_both(world: World, code: str, becomes: str) -> None:
    """Nothing half done: all is where it was, or all is where it goes."""
    today = in_china(world.clock.now()).date()
    with world.database.reading() as session:
        is_there = [areas.find_area(session, one, on=today) is not None for one in (code, becomes)]
        shops = [bool(list_businesses(session, area=one).items) for one in (code, becomes)]
        actor = load_actor(session, world.people["village_center"].id, at=world.clock.now())
    acting = [one for one in (code, becomes) if f"village_center:{one}" in actor.post_ids]
    assert is_there == shops
    assert sorted(is_there) == [False, True]
    assert acting, "somebody acts for the village at every moment"


def require_made(world: World, operation: int, becomes: str, *, times: int, shops: int) -> None:
    with world.database.reading() as session:
        done = operations.get_operation(session, operation)
        changes = list_area_changes(session, limit=200).items
    assert done.state == "done", done.message
    assert len(changes) == times
    assert businesses_in(world, becomes) == shops


def businesses_in(world: World, code: str) -> int:
    with world.database.reading() as session:
        return len(list_businesses(session, area=code, limit=200).items)
