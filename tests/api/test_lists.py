"""Areas and matters, as everybody may read them."""

import pytest

from tests.api.conftest import Api


def test_an_area_says_what_it_lies_in_and_what_lies_below(api: Api) -> None:
    """R01."""
    answer = api.get("/areas/350322100000").get_json()

    assert (answer["code"], answer["padded_code"], answer["name"], answer["level"]) == (
        "350322100",
        "350322100000",
        "枫亭镇",
        "town",
    )
    assert [ancestor["code"] for ancestor in answer["ancestors"]] == ["3503", "350322"]
    assert answer["counts"]["village"] == 26


@pytest.mark.parametrize("level", ["city", "county", "town", "village"])
def test_the_counts_of_the_children_add_up(api: Api, level: str) -> None:
    """R01, R09."""
    code = {"city": "3503", "county": "350322", "town": "350322100", "village": "350322100001"}
    whole = api.get(f"/areas/{code[level]}").get_json()
    children = api.get(f"/areas/{code[level]}/children").get_json()["items"]

    parts = [api.get(f"/areas/{one['code']}").get_json() for one in children]

    assert whole["counts"][children[0]["level"]] == len(children)
    for below in whole["counts"].keys() - {children[0]["level"]}:
        assert whole["counts"][below] == sum(part["counts"].get(below, 0) for part in parts)


def test_areas_are_searched_by_name_level_and_subtree(api: Api) -> None:
    answer = api.get("/areas?under=350322000000&level=town&q=枫亭").get_json()

    assert [one["code"] for one in answer["items"]] == ["350322100"]


def test_the_past_of_an_area_is_asked_by_day(api: Api) -> None:
    assert api.get("/areas/350322?on=2000-01-01").status_code == 404


def test_all_38_matters_are_listed_with_who_takes_them_first(api: Api) -> None:
    items = api.get("/matters").get_json()["items"]

    parties = [one["accepting_party"] for one in items]
    assert len(items) == 38
    assert {party: parties.count(party) for party in set(parties)} == {
        "GRID_FIRST": 21,
        "MSA_DIRECT": 15,
        "EMERGENCY": 2,
    }
    assert api.get("/matters/L01").get_json()["photo_required"] is True
