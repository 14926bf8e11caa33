"""What a case may end in: never lower, never elsewhere, never something that is over."""

from typing import Any

import pytest

from tests.build import a_case, a_jurisdiction, an_area
from tests.stories.test_merge_and_split import published
from tests.stories.world import UNIT, World

ELSEWHERE = "350302001001"


def merging(world: World, number: str, into: str) -> tuple[int, str | None]:
    """Status and code of the answer to a merge."""
    body = {"into": into, "reason": "同一件事"}
    answer = world.ask("POST", f"/cases/{number}/merge", "supervisor", json=body)
    return answer.status_code, answer.get_json().get("code")


def naming(world: World, number: str, original: str, who: str) -> tuple[int, str | None]:
    """Status and code of the answer to whoever handles a case and calls it a duplicate."""
    world.accept(number, who)
    form: dict[str, Any] = {"outcome": "duplicate", "original": original, "reason": "同一件事"}
    answer = world.doing(number, who, "resolve_or_pass_up", **form)
    return answer.status_code, answer.get_json().get("code")


def closed(world: World) -> str:
    """A case of the grid that has been handled and is over."""
    number = world.file("grid_leader", matter="S02")
    world.climb(number, to="station")
    world.resolve(number, "station")
    while tasks := world.open(number):
        who = tasks[0]["holder"]["post"].split(":")[0]
        world.do(number, who, tasks[0]["name"], verify_result="passed")
    assert world.case(number)["status"] == "closed"
    return number


def test_a_case_of_the_city_never_goes_down_by_a_merge(world: World) -> None:
    """R26: every way in, the merge too; the other way round is allowed."""
    high, low = world.file("city", area=UNIT), world.file("grid_member")

    refused = merging(world, high, low)
    allowed = merging(world, low, high)

    assert refused == (409, "owner_below_collector")
    assert allowed == (200, None)
    assert world.case(high)["owner_level"] == "city"


def test_a_case_of_the_station_never_goes_down_as_a_duplicate(world: World) -> None:
    """R26, by the answer of whoever handles it."""
    high, low = world.file("station", area=UNIT), world.file("grid_member")

    assert naming(world, high, low, "station") == (422, "owner_below_collector")
    assert world.case(high)["status"] == "open"


def test_an_original_is_bound_by_what_was_merged_into_it(world: World) -> None:
    """R26: a case that took in one of the county's is never taken back to the station."""
    low, high = world.file("grid_member"), world.file("county", area=UNIT)
    world.climb(low, to="station")
    passed_up = world.pass_up(low, "station")

    assert merging(world, high, low) == (200, None)
    shown = world.done(world.ask("GET", f"/tasks/{passed_up}", "station"))
    answer = world.act(passed_up, "station", "withdraw", reason="还是所里办")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "owner_below_collector")
    assert shown["allowed_actions"] == []
    (taken_in,) = world.entries(low, "case_taken_in")
    assert taken_in["data"]["case"] == {"floor_rank": 5}


def test_an_original_is_bound_by_a_duplicate_of_it(world: World) -> None:
    """R26: as by what a clerk merged into it."""
    low, high = world.file("grid_member"), world.file("county", area=UNIT)
    world.climb(low, to="station")
    passed_up = world.pass_up(low, "station")

    assert naming(world, high, low, "county") == (200, None)
    answer = world.act(passed_up, "station", "withdraw", reason="还是所里办")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "owner_below_collector")
    (joined,) = world.entries(low, "case_joined")
    assert joined["data"]["case"] == {"floor_rank": 5}


def test_nothing_goes_into_a_case_that_is_over(world: World) -> None:
    """R51: nobody would handle it, and its reporter would never hear of a result."""
    over = closed(world)
    merged, named = world.file("grid_member"), world.file("grid_member")

    assert merging(world, merged, over) == (409, "original_closed")
    assert naming(world, named, over, "grid_member") == (422, "original_closed")
    assert [world.case(one)["status"] for one in (merged, named)] == ["open", "open"]


def test_a_citizens_report_does_not_end_in_a_case_of_the_grid(world: World) -> None:
    """R51: only a public report has a public result and may be disputed."""
    number, grid = world.report(), world.file("grid_member")

    assert merging(world, number, grid) == (409, "original_of_another_kind")
    assert merging(world, grid, number) == (409, "original_of_another_kind")


def test_a_complaint_does_not_end_in_a_tip(world: World) -> None:
    """R48: two legal tracks."""
    complaint, tip = world.report(kind="complaint"), world.report(kind="tip")

    assert merging(world, complaint, tip) == (409, "original_of_another_kind")


def test_a_case_does_not_end_in_another_county(world: World) -> None:
    here = world.file("grid_member")
    with world.database.transaction() as session:
        an_area(session, ELSEWHERE)
        a_jurisdiction(session, ELSEWHERE[:9], county="J-350302")
    there = world.file("city", area=ELSEWHERE)

    assert merging(world, here, there) == (409, "original_elsewhere")


def test_a_report_of_an_unknown_place_may_end_where_the_place_is_known(world: World) -> None:
    unplaced, placed = world.report(area=None), world.report()

    assert merging(world, unplaced, placed) == (200, None)


@pytest.mark.parametrize("is_twice", [False, True])
def test_who_reported_a_merged_case_sees_and_disputes_the_result_of_its_original(
    world: World, *, is_twice: bool
) -> None:
    """R51: a merge is not the end for the citizen."""
    number, between = world.report(), world.report()
    original = published(world)
    assert merging(world, number, between if is_twice else original) == (200, None)
    assert merging(world, between, original) == (200, None)

    seen = world.look_up(number)
    answer = world.dispute(number)
    after = world.look_up(number)

    assert (seen["result"], seen["status"], seen["may_dispute"]) == ("已经整改", "open", True)
    assert answer.status_code == 200
    assert (after["result"], after["may_dispute"]) == (None, False)
    assert [one["name"] for one in world.open(original)] == ["accept"]


def test_a_case_is_no_duplicate_of_one_about_another_shop(world: World) -> None:
    """Two businesses that are both named are two events, whatever is found in them."""
    shop, other = world.business(), world.business(name="另一家（演示）")
    original = world.file("grid_leader", business=other, matter="S02")
    number = world.file("grid_member", business=shop, matter="S02")

    assert naming(world, number, original, "station") == (422, "original_of_another_business")
    assert world.case(number)["status"] == "open"


def test_last_digits_that_name_several_are_answered_with_their_numbers(world: World) -> None:
    """One wrong digit closes a case into a stranger's: nobody is guessed."""
    first, number = world.file("station", area=UNIT), world.file("station", area=UNIT)
    with world.database.transaction() as session:
        second = f"{first[:4]}9{first[5:]}"
        post = world.people["station"].posts[0]
        owner = {"owner_post": post.id, "owner_rank": post.rank, "owner_area": post.place}
        a_case(session, number=second, area_code=UNIT, **owner)
    form = {"outcome": "duplicate", "original": first[-4:]}

    answer = world.doing(number, "station", "resolve_or_pass_up", **form)

    error = answer.get_json()
    assert (answer.status_code, error["code"]) == (422, "several_originals")
    assert first in error["detail"]
    assert second in error["detail"]
    assert naming(world, number, first[-3:-1], "station") == (422, "unknown_original")
