"""Codes and the six nested levels."""

from datetime import date

import pytest

from storage.database.session import Database
from storage.errors import NotFound
from storage.places import areas
from storage.places.areas import Area
from storage.places.levels import AreaLevel, level_of_code, rank
from tests.build import EVER_SINCE, MORNING, TOWN, UNIT, VILLAGE, an_area

TODAY = MORNING.date()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("350300000000", "3503"),
        ("350322000000", "350322"),
        ("350322100000", TOWN),
        ("350322100001", VILLAGE),
        (UNIT, UNIT),
        (" 3503 ", "3503"),
    ],
)
def test_both_forms_of_a_code_are_accepted(given: str, code: str) -> None:
    assert areas.significant_code(given) == code


@pytest.mark.parametrize(
    "given", ["", "35", "35032", "３５０３", "3503x2", "350322100001001001001"]
)
def test_what_is_no_code_is_refused(given: str) -> None:
    with pytest.raises(NotFound):
        areas.significant_code(given)


def test_people_see_the_official_form() -> None:
    assert [areas.padded_code(code) for code in ("3503", VILLAGE, UNIT)] == [
        "350300000000",
        VILLAGE,
        UNIT,
    ]


def test_a_unit_has_five_ancestors(database: Database) -> None:
    """R01: exactly six levels, a parent is exactly one level up."""
    with database.transaction() as session:
        an_area(session, UNIT)

        line = areas.list_ancestors(session, UNIT, on=TODAY)

    assert [one.level for one in line] == list(AreaLevel)
    assert [one.parent for one in line[1:]] == [one.code for one in line[:-1]]


def test_an_area_keeps_the_name_it_had(database: Database) -> None:
    """R01: an area's past is kept by date."""
    renamed = Area("3503", "新名", AreaLevel.CITY, None, None, EVER_SINCE, None)
    with database.transaction() as session:
        an_area(session, "3503", name="旧名")

        assert areas.put_areas(session, [renamed], on=TODAY) == 1
        assert areas.put_areas(session, [renamed], on=TODAY) == 0

        assert areas.get_area(session, "3503", on=date(2025, 1, 1)).name == "旧名"
        assert areas.get_area(session, "350300000000", on=TODAY).name == "新名"


def test_a_second_name_on_one_day_replaces_the_first(database: Database) -> None:
    """F8: a typo corrected in the afternoon is no new row of the past."""
    first, second = (
        Area("3503", name, AreaLevel.CITY, None, None, EVER_SINCE, None) for name in ("甲", "乙")
    )
    with database.transaction() as session:
        an_area(session, "3503", name="旧名")
        areas.put_areas(session, [first], on=TODAY)

        assert areas.put_areas(session, [second], on=TODAY) == 1

        assert areas.get_area(session, "3503", on=TODAY).name == "乙"
        assert areas.get_area(session, "3503", on=date(2025, 1, 1)).name == "旧名"


def test_an_unknown_area_is_not_found(database: Database) -> None:
    with database.reading() as session:
        assert areas.find_area(session, "9999", on=TODAY) is None
        assert areas.find_area(session, "no code", on=TODAY) is None
        with pytest.raises(NotFound):
            areas.get_area(session, "9999", on=TODAY)


def test_areas_are_listed_and_counted_by_subtree(database: Database) -> None:
    with database.transaction() as session:
        an_area(session, UNIT)
        an_area(session, "350305108001")

        under = areas.list_areas(session, on=TODAY, under="350322", level=AreaLevel.TOWN)
        assert [one.code for one in under] == [TOWN]
        assert areas.count_areas(session, on=TODAY)[AreaLevel.VILLAGE] == 2
        assert areas.count_areas(session, on=TODAY, under=TOWN)[AreaLevel.VILLAGE] == 1
        assert [one.code for one in areas.list_children(session, "3503", on=TODAY)] == [
            "350305",
            "350322",
        ]
        assert [area.level for area in areas.list_areas(session, on=TODAY, q="unit")] == [
            AreaLevel.UNIT
        ]


def test_ranks_follow_the_order_of_the_work_plan() -> None:
    """Requirements section 13."""
    order = ["unit_leader", "grid_leader", "village_center", "station", "county", "city"]

    assert [rank(role) for role in order] == sorted({rank(role) for role in order})
    assert rank("unit_leader") == rank("grid_member")
    assert rank("village_center") == rank("village_assistant")
    assert rank("analyst") == 0


def test_a_code_of_another_length_has_no_level() -> None:
    with pytest.raises(ValueError, match="level"):
        level_of_code("35")
