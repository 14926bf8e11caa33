"""The team of a business (R19, R54): derived from posts, never stored, with reasons."""

from datetime import timedelta
from typing import Any

from tests.api.conftest import UNIT, VILLAGE, Api

TODAY = "2026-03-02"


def business_of(api: Api) -> dict[str, Any]:
    """A business of the sample in the unit whose posts are filled."""
    items = api.get(f"/businesses?area={UNIT}", "station_officer").json["items"]
    return dict(items[0])


def number_of(api: Api, who: str) -> int:
    return int(api.get("/me", who).json["id"])


def states(api: Api, business: int, who: str = "station_officer") -> dict[str, str]:
    answer = api.get(f"/businesses/{business}/team", who)
    assert answer.status_code == 200, answer.json
    return {one["slot"]: one["state"] for one in answer.json["slots"]}


def set_by_hand(api: Api, business: int, slot: str, who: str = "station_officer", **b: Any) -> Any:
    path = f"/businesses/{business}/team/{slot}"
    return api.send("PUT", path, who, json={"expires_on": "2026-03-20", "reason": "休假", **b})


def test_a_team_follows_from_posts_and_its_vacancies_are_seen(api: Api) -> None:
    business = business_of(api)["id"]
    before = states(api, business)
    officers = [number_of(api, who) for who in ("station_officer", "station_officer2")]

    api.send(
        "PUT", f"/villages/{VILLAGE}/supervisors", "station_officer", json={"officers": officers}
    )

    assert (before["supervisor_1"], before["grid_leader"]) == ("vacant", "filled")
    assert set(states(api, business).values()) == {"filled"}


def test_the_owner_of_a_shop_never_watches_over_it_as_unit_leader(api: Api) -> None:
    business = business_of(api)["id"]
    held = api.get(f"/posts/unit_leader:{UNIT}/holders", "station_officer").json["items"][0]
    said = {"on": TODAY, "reason": "换人"}
    api.post(f"/holdings/{held['holders'][0]['id']}/end", said, "station_officer")
    owner = api.post(
        "/people",
        {
            "username": "owner9",
            "name": "演示主体代表09",
            "employer_unit": "ST-350322100",
            "business": business,
        },
        "station_officer",
    ).json["person"]["id"]

    given = api.post(
        f"/posts/unit_leader:{UNIT}/holders", {"officer": owner, "since": TODAY}, "station_officer"
    )
    by_hand = set_by_hand(api, business, "unit_leader", officer=owner)

    assert given.status_code == 201, given.json
    assert states(api, business)["unit_leader"] == "conflict"
    assert (by_hand.status_code, by_hand.json["code"]) == (409, "team_conflict")


def test_a_place_filled_by_hand_needs_a_reason_and_a_day_and_ends_with_it(api: Api) -> None:
    business, leader = business_of(api)["id"], number_of(api, "grid_leader")

    endless = set_by_hand(api, business, "grid_member", officer=leader, expires_on=None)
    silent = set_by_hand(api, business, "grid_member", officer=leader, reason="")
    past = set_by_hand(api, business, "grid_member", officer=leader, expires_on="2026-03-01")
    unknown = set_by_hand(api, business, "mayor", officer=leader)
    made = set_by_hand(api, business, "grid_member", officer=leader)
    during = states(api, business)["grid_member"]
    api.clock.advance(timedelta(days=19))

    assert [one.status_code for one in (endless, silent, past, unknown)] == [422, 422, 422, 404]
    assert (made.status_code, during) == (200, "override")
    assert states(api, business)["grid_member"] == "filled"


def test_one_person_in_two_places_is_marked_and_no_foreign_team_is_shown(api: Api) -> None:
    business, member = business_of(api)["id"], number_of(api, "grid_member")
    set_by_hand(api, business, "grid_leader", officer=member)

    assert states(api, business)["grid_member"] == "same_person"
    assert api.get(f"/businesses/{business}/team", "foreign_station").status_code == 404
    assert (
        set_by_hand(api, business, "grid_leader", "grid_leader", officer=member).status_code == 403
    )


def test_a_team_costs_the_same_statements_whatever_is_filled(api: Api) -> None:
    business = business_of(api)["id"]
    counts = []
    officers = [number_of(api, who) for who in ("station_officer", "station_officer2")]
    for assigned in ([], officers):
        sent = {"officers": assigned, "reason": "试"}
        api.send("PUT", f"/villages/{VILLAGE}/supervisors", "station_officer", json=sent)
        states(api, business)
        with api.database.counting() as count:
            states(api, business)
        counts.append(len(count))

    assert counts[0] == counts[1] <= 12
