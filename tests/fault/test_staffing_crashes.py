"""The end of a holding and the start of a period, broken anywhere: whole and once."""

from itertools import count

import pytest
from sqlalchemy import select

from engine.background.recurring import LEASE, REST, plan, start_due
from storage.audit.log import AuditFilter, count_audit
from storage.database.session import Database
from storage.processes.recurring import NewRecurring
from storage.staffing.holdings import Holding, list_holdings
from storage.tables import case_
from tests.engine.vigil import GRID, Vigil, china, vigil
from tests.fault.fuses import FURTHEST, BlownError, break_everywhere, fused
from tests.stories.world import World

pytestmark = pytest.mark.fault

FEWEST = 8
"""Points of either: it reads, changes rows of several tables, goes on file and commits."""


SKIPPED = 2
"""December and January, before the clock was first looked at: each missed once."""


def held(world: World, officer: int) -> list[Holding]:
    with world.database.reading() as session:
        return list_holdings(session, officer_ids=[officer])


def test_the_end_of_a_holding_is_whole_or_not_at_all(world: World) -> None:
    """What the leaver had taken is open to the post at the same moment."""
    leaver = world.people["grid_member"].id
    (holding,) = held(world, leaver)
    body = {"on": "2026-03-02", "reason": "调离"}

    def press() -> int:
        path = f"/holdings/{holding.id}/end"
        return world.ask("POST", path, "county", json=body).status_code

    points, status = break_everywhere(world.database, press, untouched={"area", "matter"})

    assert status == 200
    assert points > FEWEST
    assert held(world, leaver)[0].until is not None
    with world.database.reading() as session:
        assert count_audit(session, AuditFilter(action="post_left")) == 1


def test_a_period_whose_start_breaks_anywhere_is_started_afterwards_and_once(
    sqlite_url: str,
) -> None:
    world = vigil(Database(sqlite_url))
    new = NewRecurring(
        process_id="vigil",
        subject_kind="post",
        subject=f"grid_leader:{GRID}",
        period="month",
        form={"word": "monthly"},
    )
    with world.database.transaction() as session:
        plan(world.runner, session, new)
    for point in count(1):
        world.clock.set(china(f"{2027 + point // 12}-{point % 12 + 1:02d}-01T00:00"))
        is_broken = started_until(world, point)
        assert started(world) in {point - 1, point}
        world.clock.advance(LEASE + REST)
        start_due(world.database, world.runner)
        start_due(world.database, world.runner)
        assert started(world) == point, "each period once"
        if not is_broken:
            break
        assert point < FURTHEST

    assert point > FEWEST
    with world.database.reading() as session:
        assert count_audit(session, AuditFilter(action="period_started")) == point
        assert count_audit(session, AuditFilter(action="period_missed")) == SKIPPED
    world.database.close()


def started_until(world: Vigil, point: int) -> bool:
    """Start what is due with everything broken from a point on; whether it was reached."""
    with fused(world.database) as fuse:
        fuse.set(point)
        try:
            start_due(world.database, world.runner)
        except BlownError:
            return fuse.mend()
        return fuse.mend()


def started(world: Vigil) -> int:
    """How many cases the calendar started, each under a key of its own."""
    with world.database.reading() as session:
        keys = session.execute(select(case_.c.start_key).where(case_.c.start_key.is_not(None)))
        found = list(keys.scalars())
    assert len(found) == len(set(found))
    return len(found)
