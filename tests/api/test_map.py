"""The map over HTTP: every number is what the list behind it holds for the caller."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from tests.api.conftest import FOREIGN_TOWN, NOW, UNIT, VILLAGE, Api
from tests.api.test_area_changes import change

TOWN = "350322100"
CITY = "3503"


def shops(api: Api) -> None:
    """Some businesses of three areas, in two of which nobody of the grid may look."""
    made = [
        (UNIT, "catering.restaurant", "operating", ["bright_kitchen"]),
        (UNIT, "catering.restaurant", "ceased", []),
        (TOWN, "catering.canteen", "operating", []),
        (f"{FOREIGN_TOWN}201", "catering.restaurant", "operating", ["bright_kitchen"]),
    ]
    with api.database.transaction() as session:
        for number, (area, category, status, flags) in enumerate(made):
            new = NewBusiness(
                name=f"地图示例店{number}",
                category=category,
                area_code=area,
                status=status,
                flags=flags,
            )
            businesses.add_business(session, new, at=NOW)


def summary(api: Api, who: str, **asked: Any) -> dict[str, Any]:
    answer = api.get(f"/map/summary?{urlencode(asked)}", who)
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def listed(api: Api, who: str, what: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        query = urlencode({**asked, **cursor, "limit": 200})
        page = api.get(f"/{what}?{query}", who).get_json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize(
    "who", ["grid_member", "station_officer", "city_officer", "business", "registry_keeper"]
)
def test_each_number_of_the_map_is_the_length_of_its_list(api: Api, who: str) -> None:
    """R09: own area first; foreign areas count nothing, for a list of them holds nothing."""
    shops(api)
    api.report()
    for asked in (
        {},
        {"area": CITY},
        {"area": "350322"},
        {"area": VILLAGE},
        {"area": FOREIGN_TOWN},
    ):
        found = summary(api, who, **asked)
        for area in (found["area"], *found["children"]):
            there = listed(api, who, "businesses", area=area["code"])
            ceased = [each for each in there if each["status"] == "ceased"]
            bright = listed(api, who, "businesses", area=area["code"], bright="true")
            cases = listed(api, who, "cases", area=area["code"], status="open")
            assert area["count"] == len(there) == sum(area["by_category"].values())
            assert (area["ceased"], area["bright"]) == (len(ceased), len(bright))
            assert area["open_cases"] == len(cases)
        here = listed(api, who, "businesses", area=found["area"]["code"], here="true")
        assert found["here"]["count"] == len(here)
        below = sum(child["count"] for child in found["children"])
        assert found["area"]["count"] == below + found["here"]["count"]


def test_the_map_opens_on_ones_own_area_and_counts_what_its_filters_select(api: Api) -> None:
    shops(api)
    own = summary(api, "grid_member")["area"]

    assert UNIT.startswith(own["code"])
    ceased = summary(api, "station_officer", area=TOWN, status="ceased")
    assert ceased["area"]["count"] == ceased["area"]["ceased"] == 1
    catering = summary(api, "station_officer", area=TOWN, category="catering", bright="true")
    assert catering["area"]["by_category"]["catering.restaurant"] == 1
    assert catering["area"]["count"] == catering["area"]["bright"]
    assert catering["here"]["count"] == 0
    here = summary(api, "station_officer", area=TOWN)["here"]
    assert here["by_category"] == {"catering.canteen": 1}


def test_businesses_with_an_open_case_are_those_whose_case_one_may_see(api: Api) -> None:
    api.report("grid_member", business=1)

    for who, expected in (("station_officer", 1), ("foreign_station", 0)):
        with_case = summary(api, who, area=CITY, open_cases="true")["area"]["count"]
        there = listed(api, who, "businesses", area=CITY, open_cases="true")
        assert [each["id"] for each in there] == [1] * expected
        assert with_case == expected


def test_a_former_day_shows_the_areas_of_that_day(api: Api) -> None:
    found = summary(
        api, "city_officer", area="350322", on=(NOW - timedelta(days=1)).date().isoformat()
    )
    assert found["on"] == "2026-03-01"
    unknown = api.get("/map/summary?area=350322&on=1990-01-01", "city_officer")
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "unknown_area")


def test_a_renamed_village_keeps_its_number_and_a_former_day_its_name(api: Api) -> None:
    """R09: five steps down and up again, the same number by the name of either day."""
    shops(api)
    ladder = [UNIT[:length] for length in (4, 6, 9, 12, 15, 18)]
    before = [summary(api, "registry_keeper", area=code)["area"]["count"] for code in ladder]
    change(api, "rename", [VILLAGE], [{"code": VILLAGE, "name": "新示例村"}], on="2026-03-02")

    down = [summary(api, "registry_keeper", area=code)["area"] for code in ladder]
    up = [summary(api, "registry_keeper", area=code)["area"] for code in reversed(ladder)]
    former = summary(api, "registry_keeper", area=VILLAGE, on="2026-03-01")["area"]

    assert [area["count"] for area in down] == before
    assert up == down[::-1]
    assert down[3]["name"] == "新示例村"
    assert (former["name"] == down[3]["name"], former["count"]) == (False, before[3])
