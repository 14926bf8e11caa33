"""What plans, rounds and assistance do at their edges: closed shops, hidden cases, many shops."""

from datetime import datetime
from typing import Any

import pytest

from handlers.patrols.rounds import my_round
from storage.moments import CHINA
from storage.registry.businesses import update_business
from tests.stories.world import BEGAN, World, matters

FOUND = {"found": "nothing"}
SHOPS = 40


@pytest.fixture(autouse=True)
def _colleague(world: World) -> None:
    """A second inspector of the county."""
    world.appoint("county", name="colleague")


def planning(world: World, businesses: list[int], **form: Any) -> Any:
    body = {
        "kind": "work_supervision",
        "title": "示例检查",
        "since": "2026-03-02",
        "until": "2026-03-20",
        "inspectors": [world.people["county"].id, world.people["colleague"].id],
        "businesses": businesses,
        **form,
    }
    return world.ask("POST", "/inspections", "county", json=body)


def started(world: World, businesses: list[int], **form: Any) -> list[str]:
    plan = world.done(planning(world, businesses, **form))["plan"]["id"]
    return list(world.done(world.ask("POST", f"/inspections/{plan}/start", "county"))["numbers"])


def close(world: World, shop: int) -> None:
    with world.database.transaction() as session:
        update_business(session, shop, {"status": "ceased"}, at=BEGAN)


def test_a_shop_that_has_closed_is_not_planned_and_one_that_closes_is_not_started(
    world: World,
) -> None:
    """R21: neither a plan nor a case comes of it; nor of days that are over."""
    closed, closing, open_shop = (world.business(name=f"示例店{n}") for n in range(3))
    close(world, closed)
    refused = planning(world, [closed])
    over = planning(world, [open_shop], since="2026-02-02", until="2026-02-20")
    plan = world.done(planning(world, [closing, open_shop]))["plan"]["id"]
    close(world, closing)
    begun = world.done(world.ask("POST", f"/inspections/{plan}/start", "county"))["numbers"]

    assert (refused.status_code, over.status_code) == (422, 422)
    assert "不在经营" in refused.get_data(as_text=True)
    assert "截止日期已经过去" in over.get_data(as_text=True)
    assert len(begun) == 1


def test_a_station_assists_in_a_hidden_inspection_and_nobody_else_below_learns_of_it(
    world: World,
) -> None:
    """R21, R27: who is asked sees the question; the county stays the owner."""
    (number,) = started(world, [world.business()], kind="unannounced")
    before = world.ask("GET", f"/cases/{number}", "station").status_code
    body = {"posts": [world.post("station")], "question": "请协助现场检查"}
    task = world.task(number, "carry_out", "county")["id"]
    world.done(world.act(task, "county", "assist", **body))
    (asked,) = [one for one in world.open(number, "county") if one["name"] == "answer"]
    form = {"opinion": "agree", "reply": "已到现场"}
    world.done(world.act(asked["id"], "station", "complete", form=form))
    grid = world.ask("GET", f"/cases/{number}", "grid_member").status_code
    world.fill_in(number, "county")
    world.done(world.act(task, "county", "complete", form=FOUND))

    assert (before, grid) == (404, 404)
    assert world.case(number, "county")["owner_level"] == "county"
    assert world.case(number, "county")["status"] == "closed"


def test_hidden_inspections_cost_a_list_no_further_statement(world: World) -> None:
    """R21: the filter of visibility is a part of the one statement."""
    world.file()
    counts = []
    for _ in range(2):
        world.ask("GET", "/cases", "station")
        with world.database.counting() as count:
            world.done(world.ask("GET", "/cases", "station"))
        counts.append(len(count.statements))
        started(world, [world.business(name=f"示例店{n}") for n in range(5)], kind="unannounced")

    assert counts[0] == counts[1]


@pytest.mark.parametrize("shops", [1, 300])
def test_a_round_is_read_by_three_statements_however_many_shops(world: World, shops: int) -> None:
    """R37: shops with their last visits, what was found there, schools nearby."""
    for number in range(shops):
        world.business(name=f"示例店{number}")
    actor, listed = world.people["grid_member"], list(matters())
    with world.database.reading() as session, world.database.counting() as count:
        found = my_round(session, listed, actor=actor, now=world.clock.now())

    assert len(found.items) == shops
    assert len([text for text in count.statements if text != "begin"]) <= 3


def test_a_round_of_forty_shops_sent_twice_is_forty_visits(world: World) -> None:
    """R28, R37: a phone that was cut off sends again what it had sent; each counts once."""
    shops = [world.business(name=f"示例店{number}") for number in range(SHOPS)]
    for _ in range(2):
        for shop in shops:
            key = {"Idempotency-Key": f"visit-{shop}"}
            body = {"business": shop, "result": "none", "taken_at": "2026-03-02T08:30:00+08:00"}
            world.done(world.ask("POST", "/patrols", "grid_member", json=body, headers=key))
    visits = world.done(world.ask("GET", "/patrols?limit=200", "grid_member"))["items"]

    assert sorted(visit["business"] for visit in visits) == shops
    assert world.done(world.ask("GET", "/cases", "supervisor"))["items"] == []


def test_an_inspection_begun_on_its_last_evening_is_not_due_in_the_night(world: World) -> None:
    """R21: it has the working hours of the next day, one begun in time the last day of its plan."""
    first, second = world.business(), world.business(name="示例店二")
    (in_time,) = started(world, [first], until="2026-03-04")
    world.until(datetime(2026, 3, 2, 18, 8, tzinfo=CHINA))
    (late,) = started(world, [second], until="2026-03-02")

    due = [world.task(number, "carry_out")["due_at"] for number in (in_time, late)]

    assert due == ["2026-03-04T23:59:59+08:00", "2026-03-04T09:00:00+08:00"]
