"""The directory, its accounts and dated holdings over HTTP (R16, R23)."""

from typing import Any

import pytest

from api.app import create_app
from api.composition import compose
from tests.api.conftest import UNIT, Api

LEADER = f"unit_leader:{UNIT}"
STATION = "station:ST-350322100"
TODAY = "2026-03-02"


def number_of(api: Api, who: str) -> int:
    return int(api.get("/me", who).json["id"])


def enter(api: Api, who: str = "county_officer", **body: Any) -> dict[str, Any]:
    usual = {"username": "new01", "name": "演示人员31", "employer_unit": "ST-350322100"}
    answer = api.post("/people", {**usual, **body}, who)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def appoint(api: Api, who: str, post: str, officer: int, **body: Any) -> Any:
    return api.post(f"/posts/{post}/holders", {"officer": officer, "since": TODAY, **body}, who)


def acts(api: Api) -> list[str]:
    return [entry["action"] for entry in api.get("/audit", "admin_audit").json["items"]]


def test_somebody_new_sets_their_own_password_by_a_link_that_holds_once(api: Api) -> None:
    made = enter(api)
    link = made["link"].partition("link=")[2]
    chosen = {"link": link, "password": "correct-horse-9"}

    early = api.post("/tokens", {"username": "new01", "password": "!"})
    short = api.post("/passwords", {"link": link, "password": "short"})
    first, second = api.post("/passwords", chosen), api.post("/passwords", chosen)
    signed = api.post("/tokens", {"username": "new01", "password": "correct-horse-9"})

    assert (early.status_code, short.status_code) == (401, 422)
    assert (first.status_code, second.status_code, signed.status_code) == (204, 404, 200)
    assert {"person_entered", "password_set", "signed_in"} <= set(acts(api))


def test_a_department_enters_its_own_people_and_nobody_elses(api: Api) -> None:
    person = enter(api)["person"]["id"]
    given = appoint(api, "county_officer", STATION, person)
    foreign = api.post(
        "/people",
        {"username": "new02", "name": "演示人员32", "employer_unit": "J-350302"},
        "county_officer",
    )
    elsewhere = appoint(api, "county_officer", "station:ST-350302001", person)
    above = appoint(api, "station_officer", "county:J-350322", person)

    assert given.status_code == 201
    assert (foreign.status_code, foreign.json["code"]) == (403, "unit_not_yours")
    assert elsewhere.status_code == 404, "a post of another county is not even there"
    assert (above.status_code, above.json["code"]) == (403, "post_not_yours")
    assert api.post("/people", {"username": "x1", "name": "甲"}, "grid_member").status_code == 403


def test_nobody_raises_themselves(api: Api) -> None:
    own = number_of(api, "admin_system")

    answer = appoint(api, "admin_system", "admin_audit:3503", own)

    assert (answer.status_code, answer.json["code"]) == (403, "not_oneself")
    assert api.post(f"/people/{own}/suspend", {"reason": "试"}, "admin_system").status_code == 403


def test_a_telephone_number_belongs_to_one_account_and_is_shown_within_the_area(api: Api) -> None:
    enter(api, phone="13800000001")
    again = api.post(
        "/people",
        {"username": "n2", "name": "乙", "phone": "13800000001", "employer_unit": "ST-350322100"},
        "county_officer",
    )

    def phones(who: str) -> set[str | None]:
        return {one["phone"] for one in api.get("/people?q=new01", who).json["items"]}

    assert (again.status_code, again.json["code"]) == (409, "phone_taken")
    assert phones("station_officer") == {"13800000001"}
    assert phones("foreign_station") == set()
    assert phones("admin_system") == {None}, "who keeps accounts of no area calls nobody"


def test_the_directory_tells_department_staff_from_grid_staff(api: Api) -> None:
    """R23: one directory; which are the staff of departments is a mark and a role."""
    station = number_of(api, "station_officer")
    api.send("PATCH", f"/people/{station}", "county_officer", json={"field_officer": True})

    def names(**query: str) -> list[str]:
        answer = api.get("/people", "county_officer", query_string=query)
        return [one["username"] for one in answer.json["items"]]

    assert names(field_officer="true") == ["station_officer"]
    assert names(role="grid_leader") == ["grid_leader"]
    assert names(role="station", area="350322100") == ["station_officer", "station_officer2"]
    assert names(role="station", area="350302001") == []


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"since": "2020-01-01"}, "form_invalid"),
        ({"since": TODAY, "until": "2026-03-01"}, "form_invalid"),
        ({"since": "2026-05-01"}, "post_is_single"),
        ({"since": "2026-05-01", "until": "2026-06-01"}, "post_is_single"),
    ],
)
def test_a_single_post_never_gets_two_holders_by_dates(
    api: Api, dates: dict[str, str], code: str
) -> None:
    person = enter(api)["person"]["id"]

    answer = appoint(api, "station_officer", LEADER, person, **dates)

    assert answer.status_code in {409, 422}
    assert answer.json["code"] == code


def test_the_end_of_a_holding_is_told_before_it_happens(api: Api) -> None:
    number = api.report("grid_leader")
    api.post(f"/tasks/{api.task(number)['id']}/claim", None, "grid_leader")
    leader = api.get("/posts/grid_leader:350322100001001/holders", "station_officer").json
    (held,) = leader["items"][0]["holders"]
    said = {"on": TODAY, "reason": "调离"}

    dry = api.post(f"/holdings/{held['id']}/end?dry_run=true", said, "station_officer").json
    before = api.get("/posts?role=grid_leader&vacant=true", "station_officer").json["items"]
    api.post(f"/holdings/{held['id']}/end", said, "station_officer")
    twice = api.post(f"/holdings/{held['id']}/end", said, "station_officer")
    vacant = api.get("/posts?role=grid_leader&vacant=true", "station_officer").json["items"]

    assert dry["is_last"]
    assert [claim["case"] for claim in dry["claims"]] == [number]
    assert dry["next_post"]["id"] == "village_center:350322100001"
    assert len(dry["warnings"]) == 2
    assert (before, [post["id"] for post in vacant]) == ([], [held["post"]])
    assert (twice.status_code, twice.json["code"]) == (409, "holding_ended")
    assert acts(api)[0] == "post_left"


def test_an_end_before_the_beginning_is_refused(api: Api) -> None:
    held = api.get(f"/posts/{LEADER}/holders", "station_officer").json["items"][0]["holders"][0]

    answer = api.post(
        f"/holdings/{held['id']}/end", {"on": "2019-01-01", "reason": "误"}, "station_officer"
    )

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/on"


def test_who_is_dismissed_today_acts_no_more_from_any_process(api: Api) -> None:
    """The second application keeps its own picture of the account and still refuses the step."""
    number = api.report("grid_leader")
    other = Api(
        create_app(compose(api.composition.settings, clock=api.clock)), api.composition, api.clock
    )
    task = api.task(number)["id"]
    assert other.get("/tasks", "grid_leader").status_code == 200
    leader = number_of(api, "grid_leader")

    suspended = api.post(f"/people/{leader}/suspend", {"reason": "辞退"}, "station_officer")
    here = api.get("/me", "grid_leader")
    there = other.post(f"/tasks/{task}/complete", {"form": {}}, "grid_leader")
    file = other.get(f"/cases/{number}/file?format=json", "grid_leader")
    signing = other.post("/tokens", {"username": "grid_leader", "password": "hangji-demo"})

    assert suspended.status_code == 200, suspended.json
    assert [answer.status_code for answer in (here, there, file, signing)] == [401] * 4
    other.composition.database.close()


def test_a_resumed_account_signs_in_again_with_a_new_token_only(api: Api) -> None:
    leader = number_of(api, "grid_leader")
    for act, body in (("suspend", {"reason": "误操作"}), ("resume", None)):
        assert api.post(f"/people/{leader}/{act}", body, "station_officer").status_code == 200

    again = api.post("/tokens", {"username": "grid_leader", "password": "hangji-demo"})

    assert api.get("/me", "grid_leader").status_code == 401
    assert again.status_code == 200


def test_a_reset_voids_password_and_tokens_until_the_link_is_used(api: Api) -> None:
    leader = number_of(api, "grid_leader")

    answer = api.post(f"/people/{leader}/reset-password", None, "station_officer")
    old = api.post("/tokens", {"username": "grid_leader", "password": "hangji-demo"})
    link = answer.json["link"].partition("link=")[2]
    api.post("/passwords", {"link": link, "password": "a-new-password"})
    new = api.post("/tokens", {"username": "grid_leader", "password": "a-new-password"})

    assert (old.status_code, new.status_code) == (401, 200)
    assert api.get("/me", "grid_leader").status_code == 401


def test_a_business_leads_a_grid_or_unit_and_holds_no_office(api: Api) -> None:
    """R54: with a warning where it lies in another village."""
    business = api.get("/businesses?q=示例小吃店", "station_officer").json["items"][0]["id"]
    person = enter(api, business=business)["person"]["id"]
    own, other = (f"350322{unit}" for unit in ("100001001002", "100002001001"))
    for unit in (own, other):
        made = api.post("/posts", {"role": "unit_leader", "place": unit}, "station_officer")
        assert made.status_code == 201

    office = appoint(api, "county_officer", STATION, person)
    near = appoint(api, "county_officer", f"unit_leader:{own}", person)
    far = appoint(api, "county_officer", f"unit_leader:{other}", person)

    assert (office.status_code, office.json["code"]) == (409, "business_in_department")
    assert (near.status_code, near.json["warnings"]) == (201, [])
    assert far.status_code == 201
    assert "不在霞桥社区第1网格1单元" in far.json["warnings"][0]
    ended = api.post(
        f"/holdings/{far.json['holding']['id']}/end?dry_run=true",
        {"on": TODAY, "reason": "调离"},
        "county_officer",
        headers={"Accept-Language": "en"},
    )
    assert ended.json["warnings"][0].startswith("Nobody holds 霞桥社区第1网格1单元长 then")
