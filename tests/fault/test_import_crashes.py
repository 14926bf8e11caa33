"""An import that breaks at any statement or commit is finished afterwards, every row once."""

import hashlib
from collections import Counter
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from api import importing
from api.importing import work
from api.importing.ordering import Order
from api.operating import kinds
from engine.background.operations import LEASE, run_operation
from storage.imports import batches
from storage.imports.batches import Batch, NewBatch
from storage.operations import operations
from storage.registry import businesses
from storage.tables import business, business_change, business_source, credential, review_item
from tests.fault.fuses import FURTHEST, BlownError, fused
from tests.long_work import run_waiting
from tests.stories.world import World

pytestmark = pytest.mark.fault

UNIT = "350322100001001001"
ROWS = 3
FEWEST = 15
"""Points of applying two chunks: each reads, writes and commits."""


def test_an_import_that_breaks_anywhere_is_finished_with_every_row_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)
    for point in count(1):
        batch = checked(world, f"破{point:03d}示例店")
        is_broken = applied_until(world, batch, point)
        recovered(world)
        require_whole(world, batch.id, f"破{point:03d}示例店")
        if not is_broken:
            break
        assert point < FURTHEST

    assert point > FEWEST


def test_an_undoing_that_breaks_anywhere_takes_back_every_row_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Businesses, sources, credentials, changes and questions are as before the list."""
    monkeypatch.setattr(work, "CHUNK", 2)
    before = contents(world)
    for point in count(1):
        name = f"撤{point:03d}示例店"
        batch = checked(world, name)
        applied_until(world, batch, FURTHEST)
        is_broken = undone_until(world, batch, point)
        recovered(world)
        with world.database.reading() as session:
            found = batches.get_batch(session, batch.id)
        assert (found.state, found.counts["undone"]) == ("undone", ROWS)
        assert contents(world) == before, point
        if not is_broken:
            break
        assert point < FURTHEST

    assert point > FEWEST


def contents(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the registry."""
    tables = (business, business_source, business_change, review_item, credential)
    with world.database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.c))]
            for table in tables
        }


def checked(world: World, name: str) -> Batch:
    rows = (f"{name}{number}号,餐馆,{UNIT},{number:04d}" for number in range(ROWS))
    content = "\n".join(["名称,类别,区域代码,电话", *rows]).encode()
    digest = hashlib.sha256(content).hexdigest()
    new = NewBatch("businesses", "list.csv", "survey", digest, content, {}, None)
    with world.database.transaction() as session:
        batch = importing.add(session, new, Order(None, world.clock.now()))
    run_waiting(world.database, kinds(world.composition), world.clock)
    return batch


def applied_until(world: World, batch: Batch, point: int) -> bool:
    """Apply a batch with everything broken from a point on; whether that point was reached."""
    with world.database.transaction() as session:
        ordered = importing.order_apply(
            session, batch.id, Order(None, world.clock.now()), leaves_out=False
        )
    return run_until(world, ordered, point)


def undone_until(world: World, batch: Batch, point: int) -> bool:
    """Undo an applied batch with everything broken from a point on."""
    with world.database.transaction() as session:
        ordered = importing.order_undo(session, batch.id, Order(None, world.clock.now()))
    return run_until(world, ordered, point)


def run_until(world: World, ordered: Batch, point: int) -> bool:
    """Do the ordered work until it breaks at a point; whether that point was reached."""
    known = kinds(world.composition)
    with fused(world.database) as fuse:
        fuse.set(point)
        try:
            run_operation(world.database, known, world.clock, int(ordered.operation_id or 0))
        except BlownError:
            return fuse.mend()
        return fuse.mend()


def recovered(world: World) -> None:
    """The lease of the broken work runs out, and another runner takes it."""
    world.clock.advance(LEASE * 2)
    run_waiting(world.database, kinds(world.composition), world.clock)


def require_whole(world: World, batch_id: int, name: str) -> None:
    with world.database.reading() as session:
        batch = batches.get_batch(session, batch_id)
        operation = operations.get_operation(session, int(batch.operation_id or 0))
        listed = businesses.list_businesses(session, q=name, limit=200).items
    assert (operation.state, batch.state) == ("done", "applied"), operation.message
    assert batch.counts["added"] == ROWS
    assert Counter(shop.name for shop in listed) == {
        f"{name}{number}号": 1 for number in range(ROWS)
    }
