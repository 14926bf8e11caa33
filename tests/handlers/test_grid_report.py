"""Collecting, deciding who accepts, verifying and feeding back in the grid route."""

from typing import Any

import pytest

from engine.contract import Case, FormInvalid, NotAllowed
from handlers.reports import grid_report
from storage.people.staffing import hold, leave
from tests.build import (
    GRID,
    MORNING,
    UNIT,
    VILLAGE,
    a_business,
    a_case,
    an_area,
    an_officer,
)
from tests.handlers.scene import Scene, kinds, told

COLLECTORS = ("unit_leader", "grid_member", "grid_leader", "station", "county", "city")
FORM = {
    "matter": "L01",
    "area": UNIT,
    "description": "门口没有公示许可证",
    "photos": ["photo-1"],
}


def collect(scene: Scene, role: str = "grid_member", **form: Any) -> tuple[Case, dict[str, Any]]:
    case = scene.case()
    data = grid_report.report_collected(case, {**FORM, **form}, officer=scene.people[role])
    return case, data


@pytest.mark.parametrize("role", COLLECTORS)
def test_a_report_begins_at_the_collectors_own_level(scene: Scene, role: str) -> None:
    """R39, R24; the floor of R26 only for department staff."""
    case, data = collect(scene, role)

    assert data["start_level"] == role
    assert case.row["collector_post"] == scene.post(role)
    floors = {"station": 4, "county": 5, "city": 6}
    assert case.row["floor_rank"] == floors.get(role)
    source = "department_patrol" if role in floors else "grid_patrol"
    assert (case.row["source"], case.row["matter"], case.area) == (source, "L01", UNIT)


def test_a_report_says_what_the_gateways_read(scene: Scene) -> None:
    _, data = collect(scene)

    assert data.keys() >= {"matter", "is_repeat", "start_level", "level", "priority"}
    assert "deadline_profile" in data


@pytest.mark.parametrize(
    "role", ["village_center", "village_assistant", "triage", "supervisor", "enforcement"]
)
def test_roles_that_do_not_collect_are_refused(scene: Scene, role: str) -> None:
    """Requirements section 14."""
    with pytest.raises(NotAllowed) as caught:
        collect(scene, role)

    assert caught.value.code == "not_a_collector"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("matter", "Q99"),
        ("area", "350322199"),
        ("area", "350322100002"),
        ("area", "350322"),
        ("business", 4711),
        ("source", "department_patrol"),
        ("source", "self_inspection"),
    ],
)
def test_a_wrong_field_is_named(scene: Scene, field: str, value: object) -> None:
    an_area(scene.session, "350322100002")

    with pytest.raises(FormInvalid) as caught:
        collect(scene, **{field: value})

    assert [pointer for pointer, _ in caught.value.errors] == [f"/{field}"]


@pytest.mark.parametrize("source", ["video_patrol", "smart_snapshot", "external_sync"])
def test_a_form_of_an_earlier_version_brings_no_other_source_in(scene: Scene, source: str) -> None:
    """R20: a published version keeps its form, and that one had a choice."""
    with pytest.raises(FormInvalid) as caught:
        collect(scene, "station", source=source)

    assert [pointer for pointer, _ in caught.value.errors] == ["/source"]
    assert caught.value.clause == "R20"


def test_a_station_collects_in_its_own_towns_only(scene: Scene) -> None:
    an_area(scene.session, "350322101001")

    with pytest.raises(FormInvalid) as caught:
        collect(scene, "station", area="350322101001")

    assert [pointer for pointer, _ in caught.value.errors] == ["/area"]


@pytest.mark.parametrize(("given", "kept"), [(VILLAGE, GRID), (GRID, GRID), (UNIT, UNIT)])
def test_the_village_of_a_grid_member_means_the_grid(scene: Scene, given: str, kept: str) -> None:
    case, _ = collect(scene, area=given)

    assert case.area == kept


def test_the_place_of_the_business_is_the_deeper_one(scene: Scene) -> None:
    business = a_business(scene.session, area_code=UNIT)

    case, _ = collect(scene, area=GRID, business=business)

    assert (case.area, case.row["business_id"]) == (UNIT, business)


def test_no_photo_needs_a_reason(scene: Scene) -> None:
    """R38."""
    with pytest.raises(FormInvalid) as caught:
        collect(scene, photos=[])

    assert (caught.value.clause, caught.value.errors[0][0]) == ("R38", "/photos")
    case, _ = collect(scene, photos=[], no_photo_reason="店主不让拍")
    assert case.matter == "L01"


def test_a_matter_without_that_rule_needs_no_photo(scene: Scene) -> None:
    case, _ = collect(scene, matter="P04", photos=[])

    assert case.matter == "P04"


def test_other_is_a_matter_nobody_has_classified(scene: Scene) -> None:
    case, data = collect(scene, matter="other")

    assert (case.matter, data["matter"]) == (None, "other")


def test_an_officer_with_two_posts_acts_in_the_lower_one(scene: Scene) -> None:
    leader = scene.people["unit_leader"]
    hold(scene.session, scene.post("grid_leader"), leader.id, since=MORNING)
    scene.people["both"] = an_officer(
        scene.session, scene.post("unit_leader"), scene.post("grid_leader")
    )

    case, _ = collect(scene, "both")
    wider, _ = collect(scene, "both", area=GRID)

    assert case.row["collector_post"] == scene.post("unit_leader")
    assert wider.row["collector_post"] == scene.post("grid_leader")


def test_a_part_of_a_split_case_belongs_to_whoever_collected_the_whole(scene: Scene) -> None:
    """R24, R26: the clerk who splits is no collector, and lowers no floor."""
    case = scene.collected_by("county", floor_rank=None)

    grid_report.report_collected(case, FORM, officer=scene.people["triage"])

    assert case.row["collector_officer"] == scene.people["county"].id
    assert (case.row["collector_post"], case.row["floor_rank"]) == (scene.post("county"), 5)


def test_urgent_lifts_the_limits_whatever_the_matter_says(scene: Scene) -> None:
    """Domain defaults, section 1."""
    case, _ = collect(scene, urgent=True)

    data = decided(case, "GRID_FIRST", "collector", "normal", "standard")

    assert (data["deadline_profile"], case.row["deadline_profile"]) == ("urgent", "urgent")


def decided(case: Case, party: str, level: str, priority: str, profile: str) -> dict[str, Any]:
    row = {
        "accepting_party": party,
        "accepting_level": level,
        "priority": priority,
        "deadline_profile": profile,
    }
    return grid_report.decide_acceptance(case, row)


@pytest.mark.parametrize(
    ("collector", "party", "level", "start"),
    [
        ("unit_leader", "GRID_FIRST", "collector", "unit_leader"),
        ("grid_leader", "GRID_FIRST", "collector", "grid_leader"),
        ("grid_member", "MSA_DIRECT", "station", "station"),
        ("grid_member", "MSA_DIRECT", "county", "county"),
        ("grid_member", "EMERGENCY", "county", "county"),
        ("station", "GRID_FIRST", "collector", "station"),
        ("county", "MSA_DIRECT", "station", "county"),
        ("city", "MSA_DIRECT", "station", "city"),
        ("station", "EMERGENCY", "county", "county"),
        ("city", "EMERGENCY", "county", "city"),
    ],
)
def test_the_list_says_where_a_case_starts(
    scene: Scene, collector: str, party: str, level: str, start: str
) -> None:
    """R39, A2, A11; what department staff collected starts with them (R24, R26)."""
    case, _ = collect(scene, collector)

    data = decided(case, party, level, "normal", "standard")

    assert (data["start_level"], data["accepting_party"]) == (start, party)


def test_a_matter_keeps_whatever_deadline_profile_its_row_names(scene: Scene) -> None:
    """A city may draw a profile of its own beside `standard` and `urgent`."""
    case, _ = collect(scene)

    data = decided(case, "GRID_FIRST", "collector", "normal", "patient")

    assert (data["deadline_profile"], case.row["deadline_profile"]) == ("patient", "patient")


def test_an_emergency_is_urgent_even_when_the_list_forgot(scene: Scene) -> None:
    """A11."""
    case, _ = collect(scene)

    assert (
        decided(case, "EMERGENCY", "county", "urgent", "standard")["deadline_profile"] == "urgent"
    )


def test_a_matter_without_a_row_is_left_to_triage(scene: Scene) -> None:
    """R39: never lost."""
    case, _ = collect(scene, matter="other")
    row = dict.fromkeys(("accepting_party", "accepting_level", "priority", "deadline_profile"))

    assert grid_report.decide_acceptance(case, row) == {"accepting_party": None}


def test_a_repeat_within_ninety_days_is_said_and_shown(scene: Scene) -> None:
    """Domain defaults, section 6."""
    business = a_business(scene.session)
    earlier = a_case(scene.session, matter="L01", business_id=business).case
    case, _ = collect(scene, business=business)

    data = grid_report.open_case_file(case)

    assert data["is_repeat"]
    (shown,) = case.notes[0].data["cases"]
    assert shown == {"case": earlier.number, "rule": "same_business", "status": "open"}


@pytest.mark.parametrize("outcome", ["not_valid", "duplicate", "not_food"])
def test_what_was_nothing_does_not_make_a_repeat(scene: Scene, outcome: str) -> None:
    business = a_business(scene.session)
    a_case(scene.session, matter="L01", business_id=business, outcome=outcome, status="closed")
    case, _ = collect(scene, business=business)

    assert not grid_report.open_case_file(case)["is_repeat"]


def test_triage_finds_the_matter(scene: Scene) -> None:
    case, data = collect(scene, matter="other")
    case.data = {**data, "accepting_party": None}
    form = {"triage_answer": "listed", "matter": "S02", "accepting_party": None}

    answer = grid_report.triage(case, form, officer=scene.people["triage"])

    assert (answer["triage_answer"], answer["matter"], case.matter) == ("listed", "S02", "S02")


def test_triage_names_the_party_for_what_no_list_holds(scene: Scene) -> None:
    case, data = collect(scene, matter="other")
    case.data = {**data, "accepting_party": None}
    form = {"triage_answer": "unlisted", "accepting_party": "MSA_DIRECT", "reason": "新情况"}

    answer = grid_report.triage(case, form, officer=scene.people["triage"])

    assert (answer["accepting_party"], answer["start_level"]) == ("MSA_DIRECT", "station")


@pytest.mark.parametrize("said", ["not_food", "not_valid"])
def test_triage_may_end_a_case_but_not_resolve_it(scene: Scene, said: str) -> None:
    case, data = collect(scene, matter="other")
    case.data = data

    answer = grid_report.triage(case, {"triage_answer": said}, officer=scene.people["triage"])

    assert answer["outcome"] == said


def test_an_emergency_alerts_station_and_county_at_once(scene: Scene) -> None:
    """A11."""
    case, _ = collect(scene, matter="X01")

    grid_report.alert_station_and_county(case)

    assert told(case) == [
        (scene.post("station"), "emergency"),
        (scene.post("county"), "emergency"),
        (scene.post("emergency_center"), "emergency"),
        (scene.post("supervisor"), "emergency"),
    ]


def handled(scene: Scene, collector: str, role: str, **columns: Any) -> Case:
    """A case this role has resolved."""
    data = {
        "handled_level": role,
        "handled_post": scene.post(role),
        "handled_by": scene.people[role].id,
    }
    return scene.collected_by(collector, data, **columns)


@pytest.mark.parametrize(
    ("collector", "resolver", "verifier"),
    [
        ("grid_member", "grid_member", "grid_leader"),
        ("unit_leader", "unit_leader", "grid_leader"),
        ("grid_leader", "grid_leader", "grid_member"),
        ("grid_member", "grid_leader", "grid_member"),
        ("grid_member", "station", "grid_member"),
        ("grid_leader", "city", "grid_leader"),
        ("station", "county", "station"),
        ("station", "station", "county"),
        ("city", "city", "supervisor"),
    ],
)
def test_the_verifier_is_somebody_who_did_not_handle(
    scene: Scene, collector: str, resolver: str, verifier: str
) -> None:
    """A6; what the city alone handled is verified by the supervisor."""
    case = handled(scene, collector, resolver)

    assert grid_report.verifier(case).id == scene.post(verifier)


def test_a_second_person_of_the_department_verifies_where_there_is_one(scene: Scene) -> None:
    """A6: department."""
    second = an_officer(scene.session)
    hold(scene.session, scene.post("station"), second.id, since=MORNING)
    case = handled(scene, "station", "station")

    assert grid_report.verifier(case).id == scene.post("station")


def test_vacant_posts_and_the_business_itself_do_not_verify(scene: Scene) -> None:
    """R54, A13."""
    business = a_business(scene.session)
    leave(scene.session, scene.post("grid_leader"), until=MORNING)
    an_officer(scene.session, scene.post("grid_leader"), business_id=business)
    case = handled(scene, "grid_member", "grid_member", business_id=business)
    next_up = grid_report.verifier(case)
    scene.vacate("station")

    assert next_up.id == scene.post("station")
    assert grid_report.verifier(case).id == scene.post("county")


def test_who_handled_cannot_verify_even_through_another_post(scene: Scene) -> None:
    """R42."""
    case = handled(scene, "grid_member", "station")

    with pytest.raises(NotAllowed) as caught:
        grid_report.verify(case, {"verify_result": "passed"}, officer=scene.people["station"])

    assert caught.value.clause == "R42"


def test_failing_verification_counts_and_goes_back_to_the_handling_level(scene: Scene) -> None:
    """Flows, grid_report 7."""
    case = handled(scene, "grid_member", "county")
    case.data = {**case.data, "failed_verifications": 1}

    answer = grid_report.count_failed_verification(case)

    assert (answer["failed_verifications"], answer["start_level"]) == (2, "county")


def test_feedback_closes_and_tells_collector_and_platform(scene: Scene) -> None:
    """R36, R43, R45."""
    case = scene.collected_by("grid_member", {"outcome": "resolved", "finished": False})

    grid_report.feed_back(case)

    assert case.changes == {"status": "closed", "outcome": "resolved", "closed_at": MORNING}
    assert [receiver for receiver, _ in told(case)] == [
        "platform",
        f"officer:{scene.people['grid_member'].id}",
    ]
    assert case.notes[0].data["follow_up"] == "skipped_resolved"
    assert kinds(case) == ["fed_back"]
