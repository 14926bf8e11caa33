"""Who answers for a unit gets copies of its supervised cases, and so does its platform centre."""

from typing import Any

import pytest

from engine.delivery.channels import LogChannel, Notices
from storage.city.pack import Loaded, load_city
from storage.people import staffing
from storage.places.units import list_units
from storage.staffing.centers import find_center
from tests.api.conftest import Api
from tests.city import CITY
from tests.delivering import deliver_due

STATION = "ST-350322100"
TOWN_CENTER = "platform_center:350322100"
TODAY = "2026-03-02"


def somebody(api: Api, name: str, post: str) -> int:
    """Somebody more in a post."""
    now = api.clock.now()
    with api.database.transaction() as session:
        made = staffing.add_officer(
            session, username=name, name=f"演示{name}", password_hash="-", at=now
        )
        staffing.hold(session, post, made, since=now)
    return made


def enter(api: Api, officer: int, kind: str, who: str = "county_officer", **more: Any) -> Any:
    body = {"unit": STATION, "officer": officer, "kind": kind, "since": TODAY, **more}
    return api.post("/responsibilities", body, who)


def boxes(api: Api, *names: str) -> list[list[str]]:
    """Deliver what is due; the templates in the boxes of these people."""
    while deliver_due(api.database, {"notice": Notices(LogChannel())}, api.clock).sent:
        pass
    return [[one["template"] for one in api.get("/messages", who).json["items"]] for who in names]


def supervised(api: Api) -> None:
    number = api.report("grid_member")
    answer = api.post(f"/cases/{number}/supervise", {"text": "请尽快办结"}, "supervisor")
    assert answer.status_code == 200, answer.json


def a_supervised_case_informs_the_three(api: Api) -> None:
    leaders = {"head": "overall", "deputy": "in_charge", "clerk": "responsible"}
    for name, kind in leaders.items():
        made = enter(api, somebody(api, name, f"station:{STATION}"), kind)
        assert made.status_code == 201, made.json
    somebody(api, "center", TOWN_CENTER)
    somebody(api, "colleague", f"station:{STATION}")

    supervised(api)

    told = boxes(api, *leaders, "center", "colleague")
    assert told == [["case_supervised"]] * 4 + [[]]


def test_a_supervised_case_informs_the_three_kinds_and_the_paired_centre_once(api: Api) -> None:
    """R66, R67."""
    a_supervised_case_informs_the_three(api)


@pytest.mark.postgres
def test_a_supervised_case_informs_them_on_postgresql_as_well(postgres_api: Api) -> None:
    a_supervised_case_informs_the_three(postgres_api)


def test_who_no_longer_answers_for_a_unit_gets_no_copy(api: Api) -> None:
    officer = somebody(api, "former", f"station:{STATION}")
    duty = enter(api, officer, "in_charge").json

    ended = api.post(f"/responsibilities/{duty['id']}/end", None, "county_officer")
    again = api.post(f"/responsibilities/{duty['id']}/end", None, "county_officer")
    supervised(api)

    assert (ended.status_code, again.status_code) == (200, 409)
    assert boxes(api, "former") == [[]]
    assert api.get("/responsibilities", "county_officer").json["items"] == []


def test_duties_are_entered_by_departments_of_the_area_for_units_that_exist(api: Api) -> None:
    officer = int(api.get("/me", "station_officer").json["id"])
    first = enter(api, officer, "overall")
    answers = {
        "twice": enter(api, officer, "overall"),
        "backwards": enter(api, officer, "in_charge", until=TODAY),
        "no unit": enter(api, officer, "in_charge", unit="ST-NOWHERE"),
        "a grid member": enter(api, officer, "in_charge", who="grid_member"),
    }

    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert statuses == {"twice": 409, "backwards": 422, "no unit": 404, "a grid member": 403}
    foreign = api.get("/responsibilities", "foreign_county").json["items"]
    assert foreign == [], "no duty of a foreign area is listed"
    path = f"/responsibilities/{first.json['id']}/end"
    assert api.post(path, None, "foreign_county").status_code == 404


def test_each_unit_of_the_city_resolves_to_the_centre_of_its_level(api: Api) -> None:
    """R67."""
    with api.database.reading() as session:
        units = [unit.code for unit in list_units(session)]
        found = {code: find_center(session, code) for code in [*units, "3503"]}
    listed = api.get("/platform-centers", "grid_member").json["items"]

    assert [code for code, center in found.items() if center is None] == []
    level = {code: center.level for code, center in found.items() if center is not None}
    assert (level[STATION], level["J-350322"], level["3503"]) == ("town", "county", "city")
    assert {one["unit"] for one in listed} >= set(units)


def test_loading_the_pack_again_gives_an_older_city_its_centres(api: Api) -> None:
    with api.database.transaction() as session:
        session.exec_driver_sql("delete from platform_pairing")
        session.exec_driver_sql("delete from platform_center")
    before = api.get("/platform-centers", "county_officer").get_json()["items"]
    with api.database.transaction() as session:
        load_city(session, CITY, at=api.clock.now())
    with api.database.transaction() as session:
        again = load_city(session, CITY, at=api.clock.now())

    after = api.get("/platform-centers", "county_officer").get_json()["items"]
    assert (before, again) == ([], Loaded())
    assert any(center["unit"] for center in after)
