"""An import of people that breaks at any statement or commit: nobody half there, nothing twice."""

import hashlib
from collections import Counter
from itertools import count
from typing import Any

import pytest

from api import importing
from api.importing import work
from api.importing.ordering import Order
from api.operating import kinds
from engine.background.operations import LEASE, run_operation
from storage.imports import batches
from storage.imports.batches import Batch, NewBatch
from storage.operations import operations
from storage.people.actors import find_officer
from storage.people.staffing import list_accounts
from storage.staffing.holdings import list_holdings
from tests.build import GRID, VILLAGE
from tests.fault.fuses import FURTHEST, BlownError, fused
from tests.long_work import run_waiting
from tests.stories.world import World

pytestmark = pytest.mark.fault

PEOPLE = 2
FEWEST = 30
"""Points of applying two chunks: accounts, their posts, the gaps of these, each with its commit."""
FEWEST_UNDONE = 20
"""Points of undoing two rows, each in a chunk of its own."""
MOVER = "mover"
"""Somebody of every list, who changes from one post to the other with each."""
POSTS = (f"grid_member:{GRID}", f"village_assistant:{VILLAGE}")
SIDES = POSTS


def test_an_import_of_people_that_breaks_anywhere_is_finished_with_every_post_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)
    for point in count(1):
        names = [f"broken{point:03d}n{number}" for number in range(PEOPLE)]
        batch = checked(world, names, SIDES[point % 2])
        is_broken = applied_until(world, batch, point)
        require_nobody_half(world, names)
        world.clock.advance(LEASE * 2)
        run_waiting(world.database, kinds(world.composition), world.clock)
        require_whole(world, batch.id, names, SIDES[point % 2])
        if not is_broken:
            break
        assert point < FURTHEST

    assert point > FEWEST


def test_an_undone_import_of_people_that_breaks_anywhere_leaves_what_was_there_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 1)
    ordered(world, checked(world, [], SIDES[0]), importing.order_apply, leaves_out=False)
    run_waiting(world.database, kinds(world.composition), world.clock)
    for point in count(1):
        name = f"undone{point:03d}"
        batch = checked(world, [name], SIDES[1])
        ordered(world, batch, importing.order_apply, leaves_out=False)
        run_waiting(world.database, kinds(world.composition), world.clock)
        assert held(world)[name] == dict.fromkeys(POSTS, 1)
        is_broken = broken_at(world, ordered(world, batch, importing.order_undo), point)
        assert len(held(world)[MOVER]) == 1, "either post, never both and never none"
        world.clock.advance(LEASE * 2)
        run_waiting(world.database, kinds(world.composition), world.clock)
        require_undone(world, batch.id, name)
        if not is_broken:
            break
        assert point < FURTHEST

    assert point > FEWEST_UNDONE


def ordered(world: World, batch: Batch, order: Any, **more: Any) -> int:
    """Order work on a batch; its operation."""
    with world.database.transaction() as session:
        known = order(session, batch.id, Order(None, world.clock.now()), **more)
    return int(known.operation_id or 0)


def require_undone(world: World, batch_id: int, name: str) -> None:
    with world.database.reading() as session:
        batch = batches.get_batch(session, batch_id)
        one = find_officer(session, name)
    assert batch.state == "undone"
    assert one is not None
    assert not one.active
    assert held(world)[name] == {}
    assert held(world)[MOVER] == {SIDES[0]: 1}, "who moved is back where they were"


def checked(world: World, names: list[str], side: str) -> Batch:
    """A checked list: new people, each with a row for each of two posts, and the mover."""
    rows = [f"{name},{name},{post}" for post in POSTS for name in names]
    content = "\n".join(["用户名,姓名,岗位", *rows, f"{MOVER},{MOVER},{side}"]).encode()
    digest = hashlib.sha256(content).hexdigest()
    new = NewBatch("people", "people.csv", "survey", digest, content, {}, None)
    with world.database.transaction() as session:
        batch = importing.add(session, new, Order(None, world.clock.now()))
    run_waiting(world.database, kinds(world.composition), world.clock)
    return batch


def applied_until(world: World, batch: Batch, point: int) -> bool:
    """Apply a batch with everything broken from a point on; whether that point was reached."""
    return broken_at(world, ordered(world, batch, importing.order_apply, leaves_out=False), point)


def broken_at(world: World, operation: int, point: int) -> bool:
    """Run an operation with everything broken from a point on; whether it was reached."""
    known = kinds(world.composition)
    with fused(world.database) as fuse:
        fuse.set(point)
        try:
            run_operation(world.database, known, world.clock, operation)
        except BlownError:
            return fuse.mend()
        return fuse.mend()


def held(world: World) -> dict[str, Counter[str]]:
    """What everybody holds now, as often as it is there."""
    now = world.clock.now()
    with world.database.reading() as session:
        accounts = {one.id: one.username for one in list_accounts(session)}
        current = list_holdings(session, overlapping=(now, None))
    found: dict[str, Counter[str]] = {name: Counter() for name in accounts.values()}
    for one in current:
        if one.until is None:
            found[accounts[one.officer_id]][one.post_id] += 1
    return found


def require_nobody_half(world: World, names: list[str]) -> None:
    everybody = held(world)
    assert len(everybody[MOVER]) == 1 if MOVER in everybody else True
    for name in everybody.keys() & set(names):
        assert everybody[name] == dict.fromkeys(POSTS, 1)


def require_whole(world: World, batch_id: int, names: list[str], side: str) -> None:
    with world.database.reading() as session:
        batch = batches.get_batch(session, batch_id)
        operation = operations.get_operation(session, int(batch.operation_id or 0))
    everybody = held(world)
    assert (operation.state, batch.state) == ("done", "applied"), operation.message
    assert {name: everybody[name] for name in names} == {
        name: dict.fromkeys(POSTS, 1) for name in names
    }
    assert everybody[MOVER] == {side: 1}, "the former post is left, the new one held once"
