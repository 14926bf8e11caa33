"""Rounds of the grid: what is due, two taps without a problem, a case with one (R36, R37)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from storage.registry.businesses import update_business
from storage.tables import patrol
from tests.build import GRID
from tests.stories.world import World

FOREIGN = "350302001201001001"


def the_round(world: World, who: str = "grid_member", query: str = "") -> list[dict[str, Any]]:
    """The shops of somebody's round."""
    return list(world.done(world.ask("GET", f"/rounds/mine{query}", who))["items"])


def visit(world: World, shop: int, who: str = "grid_member", **more: Any) -> dict[str, Any]:
    """Record a visit; it has to work."""
    body = {"business": shop, "result": "none", **more}
    return world.done(world.ask("POST", "/patrols", who, json=body))


def test_a_visit_without_a_problem_is_a_record_and_no_case(world: World) -> None:
    """R37: the shop is due, is visited, is due again after the days of its category."""
    shop = world.business()
    before = [each for each in the_round(world) if each["business"]["id"] == shop]
    made = visit(world, shop)
    after = [each for each in the_round(world) if each["business"]["id"] == shop]

    assert before[0]["days_over"] >= 0
    assert (after[0]["days_over"], after[0]["business"]["last_visited_at"] is not None) == (
        -30,
        True,
    )
    assert (made["patrol"]["result"], made["patrol"]["case_id"]) == ("none", None)
    assert set(made["patrol"]["looked_at"]) >= {"L01", "H02", "H03"}
    assert world.done(world.ask("GET", "/cases", "supervisor"))["items"] == []
    world.clock.advance(timedelta(days=31))
    assert [e["days_over"] for e in the_round(world) if e["business"]["id"] == shop] == [1]


def test_a_problem_is_a_case_whose_first_phase_is_the_visit(world: World) -> None:
    """R36, R37: the record belongs to the case, and the phase `patrol` has its times."""
    shop = world.business()
    number = world.file("grid_member", business=shop, matter="H02")
    phases = {each["phase"]: each for each in world.case(number)["phases"]}
    (record,) = world.done(world.ask("GET", f"/patrols?business={shop}", "grid_member"))["items"]
    elsewhere = world.file("grid_member", matter="L01")

    assert (record["result"], record["looked_at"]) == ("problems", ["H02"])
    assert phases["patrol"]["state"] == "done"
    assert phases["patrol"]["began_at"] == record["visited_at"]
    unlinked = {each["phase"]: each["state"] for each in world.case(elsewhere)["phases"]}
    assert unlinked["patrol"] == "not_recorded"
    # What was found before stands first the next time.
    (due,) = [each for each in the_round(world) if each["business"]["id"] == shop]
    assert due["lines"][0] == "H02"


def test_what_a_department_found_stays_hidden_with_its_visit(world: World) -> None:
    """R21: the station's visit is on its round; the grid below does not read of it."""
    shop = world.business()
    world.file("station", business=shop, matter="H02")

    seen = [
        len(world.done(world.ask("GET", f"/patrols?business={shop}", who))["items"])
        for who in ("station", "grid_member", "village_center")
    ]
    (due,) = [each for each in the_round(world) if each["business"]["id"] == shop]

    assert seen == [1, 0, 0]
    assert due["lines"][0] != "H02"


def test_three_closed_doors_offer_the_shop_as_ceased(world: World) -> None:
    """R14, R37: an open door in between begins the count again."""
    shop = world.business()
    closed = {"result": "closed_door"}
    offers = [visit(world, shop, **closed)["offers_ceased"] for _ in range(2)]
    visit(world, shop)
    for _ in range(3):
        world.clock.advance(timedelta(days=1))
        offers.append(visit(world, shop, **closed)["offers_ceased"])
    (due,) = [each for each in the_round(world) if each["business"]["id"] == shop]

    assert offers == [False, False, False, False, True]
    assert (due["offers_ceased"], due["business"]["closed_doors"]) == (True, 3)


def test_each_shop_has_its_own_count_of_closed_doors(world: World) -> None:
    """R14, R37: what is found at one shop says nothing of another."""
    closed, other = world.business(name="关着的店"), world.business(name="开着的店")
    visit(world, closed, result="closed_door")
    world.clock.advance(timedelta(hours=1))
    visit(world, other)

    doors = {each["business"]["id"]: each["business"]["closed_doors"] for each in the_round(world)}

    assert (doors[closed], doors[other]) == (1, 0)


def test_a_closed_door_is_no_visit_and_is_gone_to_again_the_next_day(world: World) -> None:
    """R37: nobody was inside, so the shop stays due whether it was visited before or not."""
    never, once = world.business(name="没进过的店"), world.business(name="进过的店")
    visit(world, once)
    for shop in (never, once):
        visit(world, shop, result="closed_door")
    over = {each["business"]["id"]: each["days_over"] for each in the_round(world)}
    world.clock.advance(timedelta(days=1))
    later = {each["business"]["id"]: each["days_over"] for each in the_round(world)}

    assert (over[never], later[never]) == (-1, 0)
    assert (over[once], later[once]) == (-30, -29)


def test_due_ones_come_first_and_of_these_the_near_ones(world: World) -> None:
    """R37: by distance from where one stands; what was visited waits behind."""
    far, near, done = (world.business(name=name) for name in ("远店", "近店", "已巡店"))
    with world.database.transaction() as session:
        for shop, lat in ((far, 25.27), (near, 25.2501), (done, 25.25)):
            values = {"lat": lat, "lon": 118.86}
            update_business(session, shop, values, at=world.clock.now())
    visit(world, done)
    listed = the_round(world, query="?lat=25.25&lon=118.86")
    away = visit(world, near, position={"lat": 25.26, "lon": 118.86})
    here = visit(world, far, position={"lat": 25.27, "lon": 118.8601})

    assert [each["business"]["id"] for each in listed] == [near, far, done]
    assert listed[0]["metres"] < 50
    # Far away it is asked about and kept.
    assert (away["far_from_shop"], here["far_from_shop"]) == (True, False)
    assert 1000 < away["patrol"]["distance"] < 1200


@pytest.mark.parametrize(
    ("body", "who", "status"),
    [
        ({"result": "problems"}, "grid_member", 422),
        ({"business": 10**9}, "grid_member", 422),
        ({"taken_at": "+2d"}, "grid_member", 422),
        ({"taken_at": "-40d"}, "grid_member", 422),
        ({"position": {"lat": 250, "lon": 118}}, "grid_member", 422),
        ({}, "village_center", 403),
        ({}, None, 401),
    ],
)
def test_a_wrong_visit_is_refused(
    world: World, body: dict[str, Any], who: str | None, status: int
) -> None:
    given = {"business": world.business(), "result": "none", **body}
    if "taken_at" in body:
        days = timedelta(days=int(body["taken_at"][:-1]))
        given["taken_at"] = (world.clock.now() + days).isoformat()

    assert world.ask("POST", "/patrols", who, json=given).status_code == status


def test_a_phone_a_day_ahead_keeps_both_times_and_the_server_counts(world: World) -> None:
    shop, now = world.business(), world.clock.now()
    ahead = visit(world, shop, taken_at=(now + timedelta(days=1)).isoformat())["patrol"]
    behind = visit(world, shop, taken_at=(now - timedelta(hours=5)).isoformat())["patrol"]

    assert (ahead["visited_at"], ahead["taken_at"] > ahead["received_at"]) == (
        ahead["received_at"],
        True,
    )
    assert (behind["visited_at"], behind["taken_at"]) == (behind["taken_at"],) * 2


def test_nobody_visits_the_own_shop_nor_a_shop_elsewhere(world: World) -> None:
    """R54: a business in a grid post does not have itself on its round, nor reads its visits."""
    shop, other = world.business(), world.business(name="另一家")
    world.appoint("grid_member", name="itself", business=shop)
    visit(world, shop)
    body = {"business": shop, "result": "none"}

    own = world.ask("POST", "/patrols", "itself", json=body)
    read = visit(world, other, "itself")
    listed = world.done(world.ask("GET", "/patrols", "itself"))["items"]

    assert (own.status_code, own.get_json()["clause"]) == (403, "R54")
    assert {each["business"]["id"] for each in the_round(world, "itself")} == {other}
    assert [each["id"] for each in listed] == [read["patrol"]["id"]]


def test_a_visit_is_never_changed(world: World) -> None:
    visit(world, world.business())
    for statement in (
        update(patrol).values(result="closed_door"),
        delete(patrol),
        text("insert or replace into patrol select * from patrol"),
    ):
        with pytest.raises(DatabaseError), world.database.transaction() as session:
            session.execute(statement)


def test_the_same_visit_sent_again_is_one_record(world: World) -> None:
    """R37: what a phone sends a second time after a cut gets the first answer."""
    shop = world.business()
    body = {"business": shop, "result": "none"}
    headers = {"Idempotency-Key": "visit-0001"}
    answers = [
        world.ask("POST", "/patrols", "grid_member", json=body, headers=headers).get_json()
        for _ in range(3)
    ]

    assert len({answer["patrol"]["id"] for answer in answers}) == 1
    assert len(world.done(world.ask("GET", "/patrols", "grid_member"))["items"]) == 1


def test_each_of_the_23_categories_has_its_checklist(world: World) -> None:
    """R37: what to look at on a round, and what an inspection and a self-inspection answer."""
    codes = world.done(world.ask("GET", "/business-categories", "grid_member"))["items"]
    lists = {}
    for code in (row["code"] for row in codes):
        shop = world.business(name=f"示例{code}")
        with world.database.transaction() as session:
            update_business(session, shop, {"category": code}, at=world.clock.now())
        lists[code] = world.done(world.ask("GET", f"/checklists?business={shop}", "grid_member"))
    matters_of = {code: {one["code"] for one in listed["items"]} for code, listed in lists.items()}
    lines_of = {code: {one["item"] for one in listed["lines"]} for code, listed in lists.items()}

    assert len(lists) == 23
    assert all(matters_of.values())
    assert all(lines_of.values())
    assert "samples_kept" in lines_of["canteen.school"] - lines_of["small.vendor"]
    assert len({frozenset(codes) for codes in matters_of.values()}) > 3


def test_a_round_is_narrowed_to_an_area_and_goes_nowhere_else(world: World) -> None:
    """R37: by a part of one's areas; a foreign one holds nothing for the reader."""
    shop = world.business()
    found = {
        area: [each["business"]["id"] for each in the_round(world, "station", f"?area={area}")]
        for area in (GRID, FOREIGN)
    }

    assert found == {GRID: [shop], FOREIGN: []}
