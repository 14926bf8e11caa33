"""A gap of staff becomes a case where an area has it switched on, until it is filled (R18)."""

from datetime import timedelta
from typing import Any

import pytest

from api.deriving import check_staffing, look_after
from engine.background.scheduler import run_due
from tests.api.conftest import VILLAGE, Api
from tests.histories.letters import check_all_letters

KIND = "staffing_gap"


def switch_on(api: Api) -> None:
    body = {"area": VILLAGE, "is_on": True}
    assert api.send("PUT", "/flags/gap_cases", "county_officer", json=body).status_code == 200


def cases(api: Api, status: str = "open") -> list[dict[str, Any]]:
    query = {"kind": KIND, "status": status, "limit": 200}
    return list(api.get("/cases", "supervisor", query_string=query).json["items"])


def of_supervisors(api: Api) -> dict[str, Any]:
    """The case about the two officers of the village."""
    (found,) = [case for case in cases(api) if "监管人员" in case["title"]]
    return dict(api.get(f"/cases/{found['number']}", "supervisor").json)


def assign(api: Api, *names: str) -> None:
    officers = [int(api.get("/me", who).json["id"]) for who in names]
    body = {"officers": officers, "reason": "示例"}
    path = f"/villages/{VILLAGE}/supervisors"
    assert api.send("PUT", path, "station_officer", json=body).status_code == 200


def a_gap_is_a_case_until_it_is_filled(api: Api) -> None:
    check_staffing(api.composition)
    before = cases(api)
    switch_on(api)
    api.clock.advance(timedelta(days=1))
    check_staffing(api.composition)
    opened = cases(api)
    api.clock.advance(timedelta(days=1))
    check_staffing(api.composition)
    again = cases(api)
    case = of_supervisors(api)

    assert (before, len(again)) == ([], len(opened)), "two nights open one case"
    assert [task["name"] for task in case["tasks"]] == ["fill_gap"]
    early = api.post(
        f"/tasks/{case['tasks'][0]['id']}/complete",
        {"form": {"measures": "已经安排"}},
        "station_officer",
    )
    assert early.status_code == 200, early.json
    still = of_supervisors(api)
    assert [task["name"] for task in still["tasks"]] == ["fill_gap"], "not filled: it comes back"

    assign(api, "station_officer", "station_officer2")
    look_after(api.composition)

    ended = api.get(f"/cases/{case['number']}", "supervisor").json
    assert (ended["status"], ended["outcome"], ended["tasks"]) == ("closed", "gap_filled", [])


def test_a_gap_is_one_case_that_ends_by_itself_when_somebody_is_assigned(api: Api) -> None:
    a_gap_is_a_case_until_it_is_filled(api)


@pytest.mark.postgres
def test_a_gap_is_a_case_on_postgresql_as_well(postgres_api: Api) -> None:
    a_gap_is_a_case_until_it_is_filled(postgres_api)


def test_a_gap_that_nobody_fills_is_chased_and_supervised(api: Api) -> None:
    switch_on(api)
    check_staffing(api.composition)
    number = of_supervisors(api)["number"]

    for _ in range(10):
        api.clock.advance(timedelta(days=1))
        run_due(api.database, api.composition.runner)

    case = api.get(f"/cases/{number}", "supervisor").json
    kinds = [one["kind"] for one in api.get(f"/cases/{number}/events", "supervisor").json["items"]]
    assert case["supervised"]
    assert {"chased", "supervised"} <= set(kinds)
    assert kinds.count("supervised") == 1
    assert [task["name"] for task in case["tasks"]] == ["fill_gap"]
    check_all_letters(api.database)


def test_a_gap_that_opens_again_is_another_case(api: Api) -> None:
    switch_on(api)
    check_staffing(api.composition)
    first = of_supervisors(api)["number"]
    assign(api, "station_officer", "station_officer2")
    look_after(api.composition)
    api.clock.advance(timedelta(days=1))
    assign(api, "station_officer")
    check_staffing(api.composition)

    assert of_supervisors(api)["number"] != first
    assert first in [case["number"] for case in cases(api, "closed")]
