"""Receiving, sorting, answering and reopening what citizens report."""

from datetime import timedelta
from typing import Any

import pytest

from engine.contract import Case, FormInvalid, NotAllowed
from handlers.reports import public_report
from storage.people.staffing import leave
from tests.build import MORNING, TOWN, UNIT, VILLAGE, a_business, a_case, an_officer
from tests.handlers.scene import Scene, kinds, told

FORM = {"kind": ["tip"], "description": "有人吃坏肚子", "channel": "web", "area": VILLAGE}


def receive(scene: Scene, **form: Any) -> tuple[Case, dict[str, Any]]:
    case = scene.case(kind="public_report")
    data = public_report.report_received(case, {**FORM, **form}, officer=None)
    case.data = data
    return case, data


@pytest.mark.parametrize("channel", ["huiminbao_app", "linli_wechat", "web", "hotline"])
def test_a_report_keeps_channel_and_source_and_no_person(scene: Scene, channel: str) -> None:
    """R48, A7."""
    case, data = receive(scene, channel=channel)

    assert (case.row["channel"], case.row["source"]) == (channel, "public_report")
    assert case.row["collector_officer"] is None
    assert (data["kind"], data["subject"], data["is_place_known"]) == ("tip", "food", True)


@pytest.mark.parametrize(
    ("kind", "track"),
    [
        (["inquiry"], "inquiry"),
        (["inquiry", "tip"], "tip"),
        (["tip", "complaint"], "complaint"),
        (["complaint"], "complaint"),
    ],
)
def test_the_weightier_kind_decides_the_track(scene: Scene, kind: list[str], track: str) -> None:
    _, data = receive(scene, kind=kind)

    assert data["kind"] == track


def test_a_village_is_found_by_the_exact_name_of_a_business(scene: Scene) -> None:
    """R49."""
    business = a_business(scene.session, name="示例粮油店", area_code=UNIT)

    case, data = receive(scene, area=None, business_name="示例粮油店")

    assert (case.area, case.row["business_id"], data["is_place_known"]) == (UNIT, business, True)


@pytest.mark.parametrize("name", [None, "粮油店", "示例粮油店二店", "示例双胞胎店"])
def test_a_place_nobody_can_tell_is_unknown_and_not_lost(scene: Scene, name: str | None) -> None:
    """R49: unknown place goes to triage; names do not identify when two are alike."""
    a_business(scene.session, name="示例粮油店")
    for _ in range(2):
        a_business(scene.session, name="示例双胞胎店")

    case, data = receive(scene, area=None, business_name=name)

    assert (case.area, data["is_place_known"]) == ("3503", False)


def test_a_town_alone_does_not_find_the_assistant(scene: Scene) -> None:
    _, data = receive(scene, area=TOWN)

    assert not data["is_place_known"]


@pytest.mark.parametrize(("field", "value"), [("area", "350322199001"), ("matter", "Q99")])
def test_an_unknown_code_is_named(scene: Scene, field: str, value: str) -> None:
    with pytest.raises(FormInvalid) as caught:
        receive(scene, **{field: value})

    assert [pointer for pointer, _ in caught.value.errors] == [f"/{field}"]


def test_an_emergency_is_urgent_and_starts_at_the_county(scene: Scene) -> None:
    """A11."""
    case, data = receive(scene, matter="X01")

    public_report.open_case_file(case)

    assert (data["is_emergency"], data["start_level"]) == (True, "county")
    assert case.row["deadline_profile"] == "urgent"
    assert told(case) == [
        (scene.post("station"), "emergency"),
        (scene.post("county"), "emergency"),
        (scene.post("emergency_center"), "emergency"),
        (scene.post("supervisor"), "emergency"),
    ]


def test_complaint_and_tip_in_one_become_two_cases(scene: Scene) -> None:
    """Flows: two legal tracks, two linked cases."""
    case, _ = receive(scene, kind=["complaint", "tip"], matter="S01")

    public_report.open_case_file(case)

    (request,) = case.started
    assert (request.process_id, request.link) == ("public_report", "split_from")
    assert request.form == {**FORM, "matter": "S01"}
    assert kinds(case) == ["split"]


def test_two_reports_of_the_same_place_are_shown_as_possible_duplicates(scene: Scene) -> None:
    """Domain defaults, section 6: 250 m for the public, 14 days."""
    here = {"lat": 25.4, "lon": 118.9, "crs": "wgs84"}
    near = {"lat": 25.4015, "lon": 118.9, "crs": "wgs84"}
    far = {"lat": 25.403, "lon": 118.9, "crs": "wgs84"}
    recently, long_ago = MORNING - timedelta(days=13), MORNING - timedelta(days=15)
    alike = a_case(scene.session, matter="S02", location=near, at=recently).case
    a_case(scene.session, matter="S02", location=far, at=recently)
    a_case(scene.session, matter="S02", location=near, at=long_ago)
    a_case(scene.session, matter="S01", location=near, at=recently)
    case, _ = receive(scene, matter="S02", location=here)

    public_report.open_case_file(case)

    assert case.notes[0].data["cases"] == [
        {"case": alike.number, "rule": "nearby", "status": "open"}
    ]


def test_triage_gives_place_and_matter(scene: Scene) -> None:
    case, _ = receive(scene, area=None)
    form = {"subject": "food", "area": VILLAGE, "matter": "S01"}

    answer = public_report.triage(case, form, officer=scene.people["triage"])

    assert (case.area, case.matter) == (VILLAGE, "S01")
    assert (answer["is_place_known"], answer["deadline_profile"]) == (True, "urgent")


def test_triage_has_to_find_the_village(scene: Scene) -> None:
    case, _ = receive(scene, area=None)

    with pytest.raises(FormInvalid) as caught:
        public_report.triage(
            case, {"subject": "food", "area": TOWN}, officer=scene.people["triage"]
        )

    assert [pointer for pointer, _ in caught.value.errors] == ["/area"]


def test_triage_may_say_that_the_report_is_a_duplicate(scene: Scene) -> None:
    original = a_case(scene.session, kind="public_report").case
    case, _ = receive(scene)
    form = {"subject": "duplicate", "original": original.number}

    answer = public_report.triage(case, form, officer=scene.people["triage"])

    assert (answer["subject"], case.links) == ("duplicate", [(original.id, "duplicate_of")])


@pytest.mark.parametrize(
    ("subject", "outcome"), [("food", "not_food"), ("not_food", "not_food"), ("not_valid",) * 2]
)
def test_what_is_handed_back_is_told_and_closed(scene: Scene, subject: str, outcome: str) -> None:
    """R48: traceable, not lost; the reporter is told too."""
    case, data = receive(scene)
    case.data = {**data, "subject": subject}

    public_report.hand_back(case)

    assert (case.row["status"], case.row["outcome"]) == ("closed", outcome)
    assert [receiver for receiver, _ in told(case)] == ["platform", "reporter"]


@pytest.mark.parametrize(
    ("resolver", "verifier"),
    [
        ("village_assistant", "station"),
        ("station", "village_assistant"),
        ("city", "village_assistant"),
    ],
)
def test_the_assistant_verifies_unless_it_handled(
    scene: Scene, resolver: str, verifier: str
) -> None:
    """A6."""
    case, _ = receive(scene)
    case.data = {"handled_post": scene.post(resolver), "handled_by": scene.people[resolver].id}

    assert public_report.verifier(case).id == scene.post(verifier)


def test_a_business_never_verifies_what_is_about_itself(scene: Scene) -> None:
    """R54."""
    business = a_business(scene.session)
    leave(scene.session, scene.post("village_assistant"), until=MORNING)
    an_officer(scene.session, scene.post("village_assistant"), business_id=business)
    case, _ = receive(scene)
    case.change(business_id=business)
    case.data = {"handled_post": scene.post("county"), "handled_by": scene.people["county"].id}

    assert public_report.verifier(case).id == scene.post("station")


def test_who_handled_cannot_verify(scene: Scene) -> None:
    """R42."""
    case, _ = receive(scene)
    case.data = {"handled_by": scene.people["station"].id}

    with pytest.raises(NotAllowed):
        public_report.verify(case, {"verify_result": "passed"}, officer=scene.people["station"])


@pytest.mark.parametrize(
    ("level", "again"),
    [("village_assistant", "station"), ("station", "station"), ("city", "city")],
)
def test_failing_verification_goes_back_into_the_chain(
    scene: Scene, level: str, again: str
) -> None:
    case, _ = receive(scene)
    case.data = {"handled_level": level, "handled_by": 0, "failed_verifications": 1}
    form = {"verify_result": "not_passed", "note": "没改"}

    answer = public_report.verify(case, form, officer=scene.people["station"])

    assert (answer["start_level"], answer["failed_verifications"]) == (again, 2)
    assert kinds(case) == ["verified", "verification_failed"]


@pytest.mark.parametrize("text", ["请联系13900000000", "身份证35032219900101001X"])
def test_a_public_answer_holds_no_personal_numbers(scene: Scene, text: str) -> None:
    """R51."""
    case, _ = receive(scene)

    with pytest.raises(FormInvalid) as caught:
        public_report.write_public_result(
            case, {"public_result": text}, officer=scene.people["station"]
        )

    assert [pointer for pointer, _ in caught.value.errors] == ["/public_result"]
    assert case.row["public_result"] is None


def test_an_inquiry_ends_with_its_answer(scene: Scene) -> None:
    case, data = receive(scene, kind=["inquiry"])
    said = public_report.answer_inquiry(
        case, {"public_result": "可以在窗口办理。"}, officer=scene.people["station"]
    )
    case.data = {**data, **said}

    public_report.notify_reporter(case)

    assert (case.row["status"], case.row["public_result"]) == ("closed", "可以在窗口办理。")
    assert ("reporter", "inquiry_answered") in told(case)


def test_a_result_may_be_disputed_before_the_case_closes(scene: Scene) -> None:
    """R51; domain defaults, section 1: 7 days."""
    case, data = receive(scene)
    case.data = {**data, "outcome": "resolved"}

    public_report.notify_reporter(case)

    assert (case.row["status"], case.row["outcome"]) == ("open", "resolved")
    assert case.deliveries[-1].data["dispute_days"] == 7


@pytest.mark.parametrize(
    ("level", "again"),
    [
        ("village_assistant", "station"),
        ("station", "county"),
        ("county", "city"),
        ("city", "city"),
    ],
)
def test_a_dispute_reopens_one_level_up(scene: Scene, level: str, again: str) -> None:
    """Flows, public_report: from the city, to the city."""
    case, _ = receive(scene)
    case.data = {"handled_level": level}

    answer = public_report.reopen_one_level_up(case)

    assert (answer["start_level"], answer["outcome"]) == (again, "")
    assert (case.row["outcome"], case.row["public_result"]) == (None, None)
