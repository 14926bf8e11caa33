"""The registry of a jurisdiction, refreshed once a month or chased (R13)."""

from datetime import timedelta
from typing import Any

import pytest

from engine.background.recurring import plan, start_due
from storage.people import staffing
from storage.processes.recurring import NewRecurring
from tests.build import an_officer
from tests.stories.world import BEGAN, World, at, end_of


@pytest.fixture(autouse=True)
def _planned(world: World) -> None:
    """A jurisdiction whose registry is refreshed every month by the keeper of the city."""
    with world.database.transaction() as session:
        post = staffing.add_post(session, "registry_keeper", "3503")
        officer = an_officer(session)
        staffing.hold(session, post.id, officer.id, since=BEGAN)
        world.people["keeper"] = officer
        subject = world.post("county")
        new = NewRecurring(
            process_id="registry_refresh", subject_kind="post", subject=subject, period="month"
        )
        plan(world.composition.runner, session, new)


def refreshes(world: World, **having: Any) -> list[dict[str, Any]]:
    asked = "&".join(
        f"{name}={value}" for name, value in {"kind": "registry_refresh", **having}.items()
    )
    found = world.done(world.ask("GET", f"/cases?{asked}", "county"))
    return list(found["items"])


def test_a_month_is_refreshed_once_something_changed_or_nobody_found_a_change(
    world: World,
) -> None:
    """R13: due on the last working day; without a change the keeper confirms there was none."""
    world.until(at(2026, 4, 1, 9))
    (case,) = refreshes(world)
    task = world.task(case["number"])
    world.do(case["number"], "keeper", "refresh", remark="已导出")
    again = world.task(case["number"])
    world.do(case["number"], "keeper", "refresh", confirmed_none_changed=True)

    assert task["holder"]["post"] == "registry_keeper:3503"
    assert task["due_at"] == end_of(2026, 4, 30).isoformat()
    assert again["name"] == "refresh"
    assert world.case(case["number"])["outcome"] == "refreshed"
    measured = world.notes(case["number"], "completeness_measured")
    assert [note.get("is_refreshed") for note in measured] == [None, False, True]


def test_a_month_in_which_a_business_changed_is_refreshed_by_saying_so(world: World) -> None:
    world.until(at(2026, 4, 1, 9))
    (case,) = refreshes(world)
    shop = world.business()
    body = {"status": "dormant", "document": "歇业备案1号"}
    world.done(world.ask("PATCH", f"/businesses/{shop}", "grid_member", json=body))
    world.do(case["number"], "keeper", "refresh")

    assert world.case(case["number"])["outcome"] == "refreshed"
    figures = world.done(world.ask("GET", "/registry/completeness", "county"))
    assert (figures["month"], figures["statuses"]["dormant"]) == ("2026-04", 1)


def test_a_month_without_a_refresh_is_one_overdue_item_and_then_missed(world: World) -> None:
    """R13: supervised once, however often the scheduler starts again; never two open."""
    world.until(at(2026, 4, 30, 12))
    before = refreshes(world, supervised="true")
    world.until(end_of(2026, 4, 30) + timedelta(seconds=1))
    for _ in range(3):
        start_due(world.database, world.composition.runner)
        world.tick()
    (overdue,) = refreshes(world, supervised="true")
    world.until(at(2026, 5, 1, 9))
    start_due(world.database, world.composition.runner)

    assert before == []
    assert len(world.notes(overdue["number"], "supervised")) == 1
    assert world.case(overdue["number"])["outcome"] == "missed"
    assert [case["status"] for case in refreshes(world)] == ["open", "closed"]
    assert len(refreshes(world, status="open")) == 1


def test_the_figures_are_of_the_areas_of_who_asks(world: World) -> None:
    """A grid member measures their grid, nobody another one's."""
    world.business()

    own = world.done(world.ask("GET", "/registry/completeness?month=2026-03", "grid_member"))
    city = world.done(world.ask("GET", "/registry/completeness", "keeper"))
    foreign = world.ask("GET", "/registry/completeness?area=350302001", "grid_member")

    assert (own["businesses"], own["unplaced"], own["no_phone"]) == (1, 1, 1)
    assert city["businesses"] == 1
    assert foreign.status_code == 403
