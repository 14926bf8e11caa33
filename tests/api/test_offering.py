"""Who inside a post is offered a task first: by matter, by category, never who is away."""

from typing import Any

import pytest

from tests.api.conftest import UNIT, Api
from tests.api.test_walk import walk_to_the_station

STATION = "station:ST-350322100"
TODAY = "2026-03-02"


def number_of(api: Api, who: str) -> int:
    return int(api.get("/me", who).json["id"])


def offer(api: Api, kind: str, code: str, *officers: int, who: str = "county_officer") -> Any:
    path = f"/posts/{STATION}/offers/{kind}/{code}"
    return api.send("PUT", path, who, json={"officers": list(officers)})


@pytest.fixture
def two(api: Api) -> list[int]:
    return [number_of(api, who) for who in ("station_officer", "station_officer2")]


def waiting_at_the_station(api: Api) -> str:
    """A case whose task waits for the station, and for nobody of it in particular."""
    number = walk_to_the_station(api)
    api.post(f"/tasks/{api.task(number)['id']}/release", None, "station_officer")
    return number


def first_of(api: Api, number: str, who: str = "station_officer") -> Any:
    """Whom the open task of a case is offered first: on the task, and in the list."""
    key = api.task(number)["id"]
    listed = api.get("/tasks?team=true", who).json["items"]
    in_list = next(one["offered_first"] for one in listed if one["id"] == key)
    why = api.get(f"/tasks/{key}", who).json["why"].get("offered_first")
    assert (None if why is None else why["officer"]) == in_list
    return why


def test_a_matter_is_offered_to_the_first_who_is_there_and_others_may_take_it(
    api: Api, two: list[int]
) -> None:
    number = waiting_at_the_station(api)
    matter = api.get(f"/cases/{number}", "supervisor").json["matter"]
    before = first_of(api, number)
    offer(api, "matter", matter, two[1], two[0])

    present = first_of(api, number)
    leave = {"since": TODAY, "until": "2026-03-04"}
    api.post("/absences", {**leave, "substitute": two[0]}, "station_officer2")
    away = first_of(api, number)

    assert before is None
    assert (present["officer"], present["by"], present["passed_over"]) == (two[1], "matter", [])
    assert (away["officer"], away["passed_over"]) == (two[0], [two[1]])
    taken = api.post(f"/tasks/{api.task(number)['id']}/claim", None, "station_officer")
    assert taken.status_code == 200, "who is asked later may take it"
    assert first_of(api, number) is None, "what is taken is offered to nobody"


def test_a_matter_goes_before_a_category_and_a_narrow_category_before_a_wide_one(
    api: Api, two: list[int]
) -> None:
    business = api.get(f"/businesses?area={UNIT}", "station_officer").json["items"][0]
    number = api.report("station_officer", matter="L01", business=business["id"])
    category = business["category"]
    api.post(f"/tasks/{api.task(number)['id']}/release", None, "station_officer")

    def chosen() -> Any:
        found = first_of(api, number)
        return None if found is None else (found["officer"], found["code"])

    offer(api, "category", category.split(".")[0], two[0])
    wide = chosen()
    offer(api, "category", category, two[1])
    narrow = chosen()
    offer(api, "matter", "L01", two[0])
    by_matter = chosen()
    offer(api, "matter", "L01")

    assert wide == (two[0], category.split(".")[0])
    assert narrow == (two[1], category)
    assert by_matter == (two[0], "L01")
    assert chosen() == narrow, "a rule without officers is taken away"


def test_only_who_fills_the_post_sets_its_order_and_only_with_its_own_people(
    api: Api, two: list[int]
) -> None:
    leader = number_of(api, "grid_leader")

    grid = offer(api, "matter", "L01", two[0], who="grid_leader")
    foreign = offer(api, "matter", "L01", two[0], who="foreign_county")
    stranger = offer(api, "matter", "L01", leader)
    twice = offer(api, "matter", "L01", two[0], two[0])
    unknown = offer(api, "matter", "L999", two[0])
    no_category = offer(api, "category", "no.such", two[0])
    no_kind = offer(api, "weather", "rain", two[0])
    made = offer(api, "matter", "L01", two[0])

    assert [one.status_code for one in (grid, foreign)] == [403, 404]
    assert [one.status_code for one in (stranger, twice, unknown, no_category)] == [422] * 4
    assert (no_kind.status_code, made.status_code) == (404, 200)
    assert [rule["code"] for rule in made.json["items"]] == ["L01"]
    assert api.get("/audit", "admin_audit").json["items"][0]["action"] == "offer_set"


@pytest.mark.postgres
def test_an_order_inside_a_post_is_kept_on_postgresql_as_well(postgres_api: Api) -> None:
    api = postgres_api
    officers = [number_of(api, who) for who in ("station_officer", "station_officer2")]
    number = waiting_at_the_station(api)
    matter = api.get(f"/cases/{number}", "supervisor").json["matter"]

    offer(api, "matter", matter, *officers)
    offer(api, "matter", matter, *reversed(officers))

    assert first_of(api, number)["officer"] == officers[1]
