"""Two officers per village or a gap, leave and substitutes, switches by area (R17, R18, R42)."""

import random
from datetime import timedelta
from typing import Any

import pytest

from handlers.staffing.gaps import check_all
from storage.people import actors, staffing
from storage.people import posts as people
from tests.api.conftest import BEGAN, VILLAGE, Api

KIND = "village_supervisors"
STATION = "station:ST-350322100"
TODAY = "2026-03-02"


def number_of(api: Api, who: str) -> int:
    return int(api.get("/me", who).json["id"])


def assign(api: Api, officers: list[int], who: str = "station_officer", **body: Any) -> Any:
    sent = {"officers": officers, **body}
    return api.send("PUT", f"/villages/{VILLAGE}/supervisors", who, json=sent)


def gaps(api: Api, who: str = "station_officer", **query: str) -> list[dict[str, Any]]:
    answer = api.get("/gaps", who, query_string={"kind": KIND, "area": VILLAGE, **query})
    assert answer.status_code == 200, answer.json
    return list(answer.json["items"])


def check_nightly(api: Api) -> None:
    with api.database.transaction() as session:
        check_all(session, at=api.clock.now())


def leave(api: Api, who: str, **body: Any) -> Any:
    return api.post("/absences", {"since": TODAY, "until": "2026-03-04", **body}, who)


@pytest.fixture
def two(api: Api) -> list[int]:
    """The two officers of the station."""
    return [number_of(api, "station_officer"), number_of(api, "station_officer2")]


def test_a_village_shows_its_two_officers_or_its_gap(api: Api, two: list[int]) -> None:
    check_nightly(api)
    before = gaps(api)

    filled = assign(api, two)

    assert [(gap["place"], gap["missing"]) for gap in before] == [(VILLAGE, 2)]
    assert [one["position"] for one in filled.json["supervisors"]] == [1, 2]
    assert (filled.json["gap"], gaps(api)) == (None, [])


def test_fewer_than_two_need_a_reason_and_leave_a_gap(api: Api, two: list[int]) -> None:
    assign(api, two)

    silent = assign(api, two[:1])
    told = assign(api, two[:1], reason="一人借调")

    assert (silent.status_code, silent.json["errors"][0]["pointer"]) == (422, "/reason")
    assert told.status_code == 200
    assert [(gap["missing"], gap["reason"]) for gap in gaps(api)] == [(1, "一人借调")]


def test_an_area_may_be_switched_to_never_leave_a_village_below_two(
    api: Api, two: list[int]
) -> None:
    assign(api, two)
    on = {"area": "350322", "is_on": True}
    foreign = api.send("PUT", "/flags/hard_two", "foreign_county", json=on)
    unknown = api.send("PUT", "/flags/nothing", "county_officer", json=on)
    api.send("PUT", "/flags/hard_two", "county_officer", json=on)

    refused = assign(api, two[:1], reason="一人借调")
    api.send("PUT", "/flags/hard_two", "station_officer", json={"area": VILLAGE, "is_on": False})
    allowed = assign(api, two[:1], reason="一人借调")

    assert (foreign.status_code, unknown.status_code) == (403, 404)
    assert (refused.status_code, refused.json["code"]) == (409, "two_required")
    assert allowed.status_code == 200, "the nearer area holds"


def test_only_officers_of_the_station_supervise_and_only_their_station_says_who(
    api: Api, two: list[int]
) -> None:
    leader = number_of(api, "grid_leader")

    stranger, twice = assign(api, [two[0], leader]), assign(api, [two[0], two[0]])
    foreign = assign(api, two, "foreign_station")
    grid = assign(api, two, "grid_leader")

    assert [answer.status_code for answer in (stranger, twice)] == [422, 422]
    assert [answer.status_code for answer in (foreign, grid)] == [404, 403]


def test_a_gap_opens_with_a_suspension_or_a_transfer_and_closes_when_filled(
    api: Api, two: list[int]
) -> None:
    assign(api, two)
    api.post(f"/people/{two[1]}/suspend", {"reason": "停职"}, "county_officer")
    suspended = gaps(api)
    api.post(f"/people/{two[1]}/resume", None, "county_officer")
    resumed = gaps(api)
    held = api.get(f"/posts/{STATION}/holders", "county_officer").json["items"][0]["holders"]
    last = next(one["id"] for one in held if one["officer"] == two[1])

    api.post(f"/holdings/{last}/end", {"on": TODAY, "reason": "调离"}, "county_officer")

    assert [gap["missing"] for gap in suspended] == [1]
    assert resumed == []
    assert [gap["missing"] for gap in gaps(api)] == [1]


def test_no_gap_of_a_foreign_area_is_listed(api: Api) -> None:
    check_nightly(api)

    assert gaps(api, "foreign_station") == []
    assert gaps(api, "business") == []
    assert len(gaps(api, "city_officer")) == 1


@pytest.mark.parametrize("seed", range(4))
def test_random_assignments_never_leave_a_village_below_two_without_a_gap(
    api: Api, seed: int
) -> None:
    """Property: after every act, a village has two officers in office or a gap of its own."""
    chance = random.Random(seed)  # noqa: S311 - a seed that repeats, no secret
    with api.database.transaction() as session:
        ids = [
            staffing.add_officer(
                session, username=f"r{n}", name=f"演示{n}", password_hash="!", at=BEGAN
            )
            for n in range(4)
        ]
        for officer_id in ids:
            staffing.hold(session, STATION, officer_id, since=BEGAN)
    check_nightly(api)
    for _ in range(14):
        act = chance.choice(["assign", "assign", "suspend", "resume", "end"])
        officer_id = chance.choice(ids)
        if act == "assign":
            assign(api, chance.sample(ids, chance.randint(0, 3)), "county_officer", reason="轮岗")
        elif act == "end":
            held = api.get(f"/people/{officer_id}", "county_officer").json["holdings"]
            for one in held[:1]:
                said = {"on": TODAY, "reason": "轮岗"}
                api.post(f"/holdings/{one['id']}/end", said, "county_officer")
        else:
            api.post(f"/people/{officer_id}/{act}", {"reason": "轮岗"}, "county_officer")

        village = api.get(f"/villages/{VILLAGE}/supervisors", "county_officer").json
        present = sum(one["is_in_office"] for one in village["supervisors"])
        missing = 0 if village["gap"] is None else village["gap"]["missing"]
        assert missing == max(0, 2 - present)


def test_a_substitute_is_offered_the_tasks_between_the_dates_and_no_longer(api: Api) -> None:
    """The claim of who is on leave is free; ownership stays with the post."""
    number = api.report("grid_leader")
    task = api.task(number)["id"]
    api.post(f"/tasks/{task}/claim", None, "grid_leader")
    member = number_of(api, "grid_member")

    def offered() -> list[str]:
        return [one["id"] for one in api.get("/tasks?mine=true", "grid_member").json["items"]]

    before = offered()
    made = leave(api, "grid_leader", substitute=member, reason="年假")
    during, seen = offered(), api.get(f"/tasks/{task}", "grid_member").json
    done = api.get(f"/cases/{number}", "supervisor").json["owner"]
    api.clock.advance(timedelta(days=3))
    api.composition.actors.forget()

    assert made.status_code == 201, made.json
    assert (before, during, offered()) == ([], [task], [])
    assert seen["why"]["stands_in_for"] == number_of(api, "grid_leader")
    assert done["post"] == "grid_leader:350322100001001"


def test_who_comes_back_early_has_no_substitute_any_more(api: Api) -> None:
    made = leave(api, "grid_leader", substitute=number_of(api, "grid_member")).json
    posts = api.get("/me", "grid_member").json["posts"]

    ended = api.post(f"/absences/{made['id']}/end", None, "grid_leader")

    assert (len(posts), ended.status_code) == (2, 200)
    assert len(api.get("/me", "grid_member").json["posts"]) == 1
    assert api.post(f"/absences/{made['id']}/end", None, "grid_leader").status_code == 409


def test_two_on_leave_never_stand_in_for_each_other(api: Api, two: list[int]) -> None:
    first = leave(api, "station_officer", substitute=two[1])

    circle = leave(api, "station_officer2", substitute=two[0])
    again = leave(api, "station_officer")
    backwards = leave(api, "station_officer2", until="2026-03-01")

    assert first.status_code == 201
    assert (circle.status_code, circle.json["code"]) == (409, "substitute_absent")
    assert (again.status_code, again.json["code"]) == (409, "absence_overlaps")
    assert backwards.status_code == 422


def test_an_assistant_never_stands_in_for_an_enforcement_post(api: Api) -> None:
    """R04: and the right to see who reported is never handed on with a post."""
    refused = leave(api, "station_officer", substitute=number_of(api, "grid_leader"))

    assert (refused.status_code, refused.json["code"]) == (409, "substitute_unfit")


def test_a_substitute_has_neither_the_vault_nor_the_verification_of_the_absent(api: Api) -> None:
    first, second = (number_of(api, who) for who in ("supervisor", "city_officer"))
    leave(api, "supervisor", substitute=second)
    with api.database.reading() as session:
        stand_in = actors.load_actor(session, second, at=api.clock.now())
        held = people.find_staffing_of(session, "supervisor:3503", at=api.clock.now())

    assert stand_in.holds("supervisor:3503")
    assert stand_in.rights == frozenset()
    assert held is not None
    assert not held.is_filled(without_officer=first), "they verify nothing the absent handled"
    assert held.is_filled()


@pytest.mark.postgres
def test_a_day_of_staffing_runs_on_postgresql_as_well(postgres_api: Api) -> None:
    api = postgres_api
    officers = [number_of(api, who) for who in ("station_officer", "station_officer2")]
    check_nightly(api)
    before = gaps(api)
    flag = {"area": "350322", "is_on": True}

    switched = api.send("PUT", "/flags/hard_two", "county_officer", json=flag)
    assigned = assign(api, officers)
    refused = assign(api, officers[:1], reason="借调")
    away = leave(api, "station_officer", substitute=officers[1])
    suspended = api.post(f"/people/{officers[1]}/suspend", {"reason": "停职"}, "county_officer")
    listed = api.get("/people?q=演示市管所&role=station", "county_officer")
    vacant = api.get("/posts?vacant=true&area=350322100", "county_officer")
    entered = api.post(
        "/people",
        {"username": "pg01", "name": "演示人员61", "employer_unit": "J-350322"},
        "county_officer",
    )

    statuses = [one.status_code for one in (switched, assigned, refused, away, suspended)]
    assert [gap["missing"] for gap in before] == [2]
    assert statuses == [200, 200, 409, 201, 200]
    assert len(listed.json["items"]) == 2
    assert (vacant.status_code, entered.status_code) == (200, 201)
    assert [gap["missing"] for gap in gaps(api)] == [1]
