"""Who owns a level: the collector first, then the posts of the jurisdiction, never too low."""

import pytest

from engine.contract import Refused
from handlers.handling import handling
from storage.people.staffing import hold, leave
from tests.build import MORNING, a_business, a_jurisdiction, an_area, an_officer
from tests.handlers.scene import Scene, kinds

CHAIN = ("unit_leader", "grid_member", "grid_leader", "station", "county", "city")


@pytest.mark.parametrize("level", [*CHAIN, "village_assistant"])
def test_each_level_is_owned_by_its_post_for_the_area(scene: Scene, level: str) -> None:
    case = scene.case({"level": level})

    answer = handling.assign_owner(case)

    assert case.owner == scene.post(level)
    assert answer == {
        "is_filled": True,
        "outcome": "",
        "reason": "",
        "answer": "",
        "enter_at": "accept",
    }


@pytest.mark.parametrize("role", CHAIN)
def test_the_very_person_who_collected_owns_first(scene: Scene, role: str) -> None:
    """R39 for the grid, R24 for the department."""
    case = scene.collected_by(role, {"level": role})

    handling.assign_owner(case)

    assert (case.owner, case.row["owner_officer"]) == (scene.post(role), scene.people[role].id)


def test_a_section_of_the_city_bureau_owns_what_it_collected_on_the_citys_rung(
    scene: Scene,
) -> None:
    """R24, requirements section 13."""
    section = an_officer(scene.session, "catering_section:3503")
    (post,) = section.posts
    case = scene.case(
        {"level": "city"},
        collector_post=post.id,
        collector_officer=section.id,
        floor_rank=post.rank,
    )

    handling.assign_owner(case)

    assert (case.owner, case.row["owner_officer"]) == (post.id, section.id)


@pytest.mark.parametrize("level", CHAIN[:-1])
def test_a_vacant_post_is_stepped_over_with_the_reason_on_file(scene: Scene, level: str) -> None:
    """R40: vacancy at each post."""
    scene.vacate(level)
    case = scene.case({"level": level})

    answer = handling.assign_owner(case)

    assert (answer["is_filled"], answer["outcome"], answer["reason"]) == (
        False,
        "pass_up",
        "vacant",
    )
    assert case.owner is None
    assert case.notes[0].data == {"level": level, "post": scene.post(level), "reason": "vacant"}


def test_a_vacant_city_is_held_by_the_supervisor_with_the_rank_of_the_city(scene: Scene) -> None:
    """R40: never a dead end; R26 binds the supervisor like everyone."""
    scene.vacate("city")
    case = scene.collected_by("county", {"level": "city"})

    answer = handling.assign_owner(case)

    assert answer["is_filled"]
    assert (case.owner, case.row["owner_rank"]) == (scene.post("supervisor"), 6)


def test_a_business_in_post_never_owns_a_case_about_itself(scene: Scene) -> None:
    """R54: stepped over, on file."""
    business = a_business(scene.session)
    leave(scene.session, scene.post("grid_leader"), until=MORNING)
    an_officer(scene.session, scene.post("grid_leader"), business_id=business)
    about_itself = scene.case({"level": "grid_leader"}, business_id=business)
    about_another = scene.case({"level": "grid_leader"}, business_id=None)

    stepped_over = handling.assign_owner(about_itself)
    kept = handling.assign_owner(about_another)

    assert (stepped_over["is_filled"], stepped_over["reason"]) == (False, "conflict_of_interest")
    assert kept["is_filled"]


def test_the_owner_comes_from_the_jurisdiction_and_not_from_the_area_tree(scene: Scene) -> None:
    """R40: county = by jurisdiction."""
    case = scene.case({"level": "county"})

    handling.assign_owner(case)

    assert case.owner == "county:J-350322"


def test_a_town_of_a_zone_rises_to_its_committee_and_not_to_its_statistical_county(
    scene: Scene,
) -> None:
    """Fact 1: Meizhou lies under 350305 and is run by its own committee."""
    an_area(scene.session, "350305108001")
    units = a_jurisdiction(scene.session, "350305108", county="J-MEIZHOU")
    for role, unit in (("station", units.station_code), ("county", units.jurisdiction_code)):
        an_officer(scene.session, f"{role}:{unit}")
    owners = []

    for level in ("station", "county", "city"):
        case = scene.case({"level": level}, area_code="350305108001")
        handling.assign_owner(case)
        owners.append(case.owner)

    assert owners == ["station:ST-350305108", "county:J-MEIZHOU", "city:3503"]


@pytest.mark.parametrize(
    ("collector", "level"), [("county", "station"), ("city", "county"), ("city", "station")]
)
def test_no_level_below_the_collector_ever_owns(scene: Scene, collector: str, level: str) -> None:
    """R26: refused with its clause."""
    case = scene.collected_by(collector, {"level": level})

    with pytest.raises(Refused) as caught:
        handling.assign_owner(case)

    assert (caught.value.code, caught.value.clause) == ("owner_below_collector", "R26")


def test_who_comes_back_to_a_case_is_the_person_who_had_it(scene: Scene) -> None:
    case = scene.case(
        {"level": "station"},
        owner_post=scene.post("station"),
        owner_officer=scene.people["station"].id,
        owner_rank=4,
    )
    colleague = an_officer(scene.session)
    hold(scene.session, scene.post("station"), colleague.id, since=MORNING)

    handling.assign_owner(case)

    assert case.row["owner_officer"] == scene.people["station"].id
    assert kinds(case) == []
