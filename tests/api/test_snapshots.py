"""Snapshots of kitchen cameras: signed, taken once, leads until a person confirms them (R12)."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.cli.background import put_away
from engine.background.scheduler import run_due
from storage.tables import case_, outbox
from tests import vendor
from tests.api.conftest import Api

SHOP = 1
"""A restaurant of the sample that was no bright kitchen before."""


def a_camera(api: Api, ref: str = "kitchen-1", *, business: int = SHOP, **more: Any) -> Any:
    body = {
        "business": business,
        "vendor": vendor.VENDOR,
        "stream_ref": ref,
        "kind": "live",
        "position_in_kitchen": "切配间",
        **more,
    }
    answer = api.post("/cameras", body, "catering_section")
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def sent(api: Api, ident: str, camera: str = "kitchen-1", **more: Any) -> Any:
    secret = more.pop("secret", vendor.SECRET)
    taken_at = more.pop("taken_at", api.clock.now())
    body = vendor.a_snapshot(ident, camera, taken_at, **more)
    return api.send("POST", "/snapshots", **vendor.signed(body, api.clock.now(), secret=secret))


def snapshots(api: Api, who: str = "station_officer", **query: Any) -> list[dict[str, Any]]:
    return list(api.get("/snapshots", who, query_string=query).get_json()["items"])


def reviewed(api: Api, ident: int, who: str = "station_officer", **form: Any) -> Any:
    return api.post(f"/snapshots/{ident}/review", form, who)


@pytest.fixture(autouse=True)
def kitchen(request: pytest.FixtureRequest) -> None:
    """A vendor that has one camera, in the city of the test."""
    name = "postgres_api" if "postgres_api" in request.fixturenames else "api"
    api: Api = request.getfixturevalue(name)
    vendor.configure(api.composition.settings.var_folder)
    a_camera(api)


def a_confirmed_snapshot_is_a_case_at_its_reviewer(api: Api) -> None:
    ident = sent(api, "s-1").get_json()["id"]
    again = sent(api, "s-1")
    cases_before = api.get("/cases", "supervisor").get_json()["items"]

    answer = reviewed(api, ident, decision="confirmed", account="两名厨师未戴口罩")
    twice = reviewed(api, ident, decision="dismissed", reason="misread")

    assert (again.status_code, again.get_json()["id"]) == (200, ident), "the same one once"
    assert cases_before == [], "a review is no case of the city"
    assert answer.status_code == 200, answer.get_json()
    lead = answer.get_json()["lead"]
    case = api.get(f"/cases/{lead}", "station_officer").get_json()
    assert (case["source"], case["matter"]) == ("smart_snapshot", "B02")
    assert case["owner"]["post"].startswith("station:"), "it begins with who collected it (R26)"
    assert case["collector"]["id"] == api.get("/me", "station_officer").get_json()["id"]
    assert len(case["photos"]) == 1
    assert api.get(f"/cases/{lead}", "grid_leader").status_code == 404, "never below (R26)"
    assert twice.get_json()["code"] == "snapshot_not_waiting"
    assert [row["review"] for row in snapshots(api)] == ["confirmed"]


def test_a_confirmed_snapshot_is_a_case_at_its_reviewer(api: Api) -> None:
    """R12, R20: a snapshot is a lead until a person confirms it; then they have collected it."""
    a_confirmed_snapshot_is_a_case_at_its_reviewer(api)


@pytest.mark.postgres
def test_a_confirmed_snapshot_is_a_case_on_postgresql_as_well(postgres_api: Api) -> None:
    a_confirmed_snapshot_is_a_case_at_its_reviewer(postgres_api)


def test_a_dismissed_snapshot_says_why_and_no_case_comes_of_it(api: Api) -> None:
    ident = sent(api, "s-1").get_json()["id"]

    without_reason = reviewed(api, ident, decision="dismissed")
    dismissed = reviewed(api, ident, decision="dismissed", reason="misread")

    assert without_reason.status_code == 422
    shown = dismissed.get_json()
    assert (shown["snapshot"]["review"], shown["lead"]) == ("dismissed", None)
    assert api.get("/cases", "supervisor").get_json()["items"] == []


def test_what_the_station_cannot_tell_the_catering_section_looks_at(api: Api) -> None:
    ident = sent(api, "s-1").get_json()["id"]

    unclear = reviewed(api, ident, decision="unclear")
    again = reviewed(api, ident, decision="confirmed")
    section = reviewed(api, ident, "catering_section", decision="confirmed")

    assert unclear.get_json()["snapshot"]["review"] == "pending"
    assert again.get_json()["code"] == "snapshot_not_waiting"
    case = api.get(f"/cases/{section.get_json()['lead']}", "catering_section").get_json()
    assert case["owner"]["post"].startswith(("catering_section:", "city:")), "at the city (R26)"


def test_evidence_is_weighed_by_enforcement_before_it_is_a_case(api: Api) -> None:
    """Penalty Law, article 41: what a device recorded is reviewed before it is evidence."""
    ident = sent(api, "s-1").get_json()["id"]
    unseen = api.get(f"/snapshots/{ident}", "enforcement").status_code

    wanted = reviewed(api, ident, decision="confirmed", wants_evidence=True)
    form = {"passes": "admitted", "opinion": "设备经检定，记录完整"}
    weighed = api.post(f"/snapshots/{ident}/evidence", form, "enforcement").get_json()

    assert unseen == 404, "enforcement sees what is wanted as evidence, nothing else"
    assert (wanted.get_json()["lead"], weighed["snapshot"]["evidence"]) == (None, "admitted")
    case = api.get(f"/cases/{weighed['lead']}", "station_officer").get_json()
    assert "可作证据" in case["description"]


def what_nobody_looks_at_is_supervised_and_lapses(api: Api) -> None:
    ident = sent(api, "s-1").get_json()["id"]
    api.clock.advance(timedelta(days=4))
    run_due(api.database, api.composition.runner)
    with api.database.reading() as session:
        told = set(session.execute(select(outbox.c.template)).scalars())
    api.clock.advance(timedelta(days=27))
    run_due(api.database, api.composition.runner)

    (row,) = snapshots(api)
    assert "snapshot_overdue" in told
    assert (row["review"], row["has_picture"]) == ("lapsed", False), "the row stays"
    assert api.get(f"/snapshots/{ident}/picture", "station_officer").status_code == 404
    assert reviewed(api, ident, decision="confirmed").get_json()["code"] == "snapshot_not_waiting"


def test_what_nobody_looks_at_is_supervised_and_lapses(api: Api) -> None:
    what_nobody_looks_at_is_supervised_and_lapses(api)


@pytest.mark.postgres
def test_what_nobody_looks_at_lapses_on_postgresql_as_well(postgres_api: Api) -> None:
    what_nobody_looks_at_is_supervised_and_lapses(postgres_api)


def test_the_same_sight_within_a_day_is_appended_and_reviewed_once(api: Api) -> None:
    first = sent(api, "s-1").get_json()["id"]
    api.clock.advance(timedelta(hours=3))
    second = sent(api, "s-2").get_json()
    other = sent(api, "s-3", kind="rodent").get_json()

    assert (second["appended_to"], other["appended_to"]) == (first, None)
    lead = reviewed(api, first, decision="confirmed").get_json()["lead"]
    states = {row["id"]: row["review"] for row in snapshots(api)}
    assert (states[first], states[second["id"]], states[other["id"]]) == (
        "confirmed",
        "confirmed",
        "pending",
    )
    assert api.get(f"/snapshots/{second['id']}", "station_officer").get_json()["lead"] == lead
    case = api.get(f"/cases/{lead}", "station_officer").get_json()
    assert len(case["photos"]) == 2, "the case has both pictures"


def test_a_snapshot_with_a_wrong_signature_is_not_taken_in(api: Api) -> None:
    var = api.composition.settings.var_folder
    foreign = sent(api, "s-1", secret=vendor.FORMER)
    body = vendor.a_snapshot("s-1", "kitchen-1", api.clock.now())
    late = vendor.signed(body, api.clock.now() - timedelta(minutes=6))
    unsigned = api.post("/snapshots", body)

    vendor.configure(var, vendor.SECRET, vendor.FORMER)
    rotating = sent(api, "s-1", secret=vendor.FORMER)

    assert [foreign.status_code, unsigned.status_code] == [401, 401]
    assert api.send("POST", "/snapshots", **late).status_code == 401
    assert rotating.status_code == 201, "a former secret holds until it is removed"


def test_a_snapshot_of_an_unknown_camera_is_kept_for_the_administrator(api: Api) -> None:
    unknown = sent(api, "s-1", camera="nobodys")
    sent(api, "s-1", camera="nobodys")

    assert (unknown.status_code, unknown.get_json()["errors"][0]["pointer"]) == (422, "/camera")
    (dead,) = api.get("/refused-snapshots", "admin_system").get_json()["items"]
    assert (dead["stream_ref"], dead["code"]) == ("nobodys", "camera_unknown")
    assert api.get("/refused-snapshots", "station_officer").status_code == 403


def test_a_picture_is_small_and_says_nothing_of_its_camera(api: Api) -> None:
    whole = vendor.a_kitchen()
    large = sent(api, "s-0", image="A" * (7 << 20))
    ident = sent(api, "s-1").get_json()["id"]
    broken = sent(api, "s-2", image="bm8gcGljdHVyZQ==")

    picture = api.get(f"/snapshots/{ident}/picture", "station_officer")

    assert (large.status_code, broken.status_code) == (413, 415)
    assert b"Exif" in whole
    assert picture.data[:2] == b"\xff\xd8"
    assert b"Exif" not in picture.data
    log = api.get("/audit", "admin_audit", query_string={"action": "snapshot_seen"})
    assert [row["subject"] for row in log.get_json()["items"]] == [str(ident)]


def test_a_camera_whose_clock_stands_in_1970_is_flagged_and_not_lost(api: Api) -> None:
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)

    taken = sent(api, "s-1", taken_at=long_ago)

    assert (taken.status_code, taken.get_json()["clock_is_wrong"]) == (201, True)
    (row,) = snapshots(api)
    assert row["received_at"].startswith("2026-03-02"), "limits run from when it came in"


def test_pictures_are_for_the_station_of_the_area_and_the_two_units(api: Api) -> None:
    """PIPL: kitchens are seen by station, catering section and emergency centre."""
    ident = sent(api, "s-1").get_json()["id"]
    path = f"/snapshots/{ident}/picture"
    who = ("station_officer", "catering_section", "emergency_center", "foreign_station")
    others = ("county_officer", "supervisor", "grid_member", "admin_system", "business")

    assert [api.get(path, one).status_code for one in who] == [200, 200, 200, 404]
    assert {api.get(path, one).status_code for one in others} == {403}


def test_a_business_is_a_bright_kitchen_as_long_as_it_has_a_camera(api: Api) -> None:
    def marks() -> list[str]:
        return list(api.get(f"/businesses/{SHOP}", "station_officer").get_json()["flags"])

    (camera,) = api.get("/cameras", "station_officer").get_json()["items"]
    with_one = marks()
    twice = api.post(
        "/cameras", {**CAMERA, "business": SHOP, "stream_ref": "kitchen-1"}, "catering_section"
    )
    path = f"/cameras/{camera['id']}"
    stale = api.send(
        "PATCH", path, "admin_system", json={"status": "retired"}, headers={"If-Match": '"9"'}
    )
    api.send("PATCH", path, "admin_system", json={"status": "retired"})

    assert twice.get_json()["code"] == "camera_taken"
    assert stale.status_code == 412
    assert ("bright_kitchen" in with_one, "bright_kitchen" in marks()) == (True, False)
    assert api.get("/cameras", "foreign_station").get_json()["items"] == []
    assert api.post("/cameras", CAMERA, "station_officer").status_code == 403
    address = {**CAMERA, "stream_ref": "rtsp://user:password@camera"}
    assert api.post("/cameras", address, "catering_section").status_code == 422


CAMERA = {
    "business": 2,
    "vendor": vendor.VENDOR,
    "stream_ref": "kitchen-2",
    "kind": "live",
    "position_in_kitchen": "烹饪间",
}


def test_pictures_go_after_their_days_unless_a_case_holds_them(api: Api) -> None:
    """PIPL, article 26: what no case needs is deleted, and the audit log says so."""
    dismissed = sent(api, "s-1").get_json()["id"]
    confirmed = sent(api, "s-2", kind="rodent").get_json()["id"]
    reviewed(api, dismissed, decision="dismissed", reason="misread")
    reviewed(api, confirmed, decision="confirmed")

    api.clock.advance(timedelta(days=61))
    put_away(api.composition)

    has = {row["id"]: row["has_picture"] for row in snapshots(api)}
    assert has == {dismissed: False, confirmed: True}
    log = api.get("/audit", "admin_audit", query_string={"action": "pictures_deleted"})
    assert log.get_json()["items"][0]["data"]["count"] == 1


def told_by(answer: Any) -> str:
    """The text of an answer; of an archive, that of all its files."""
    data = bytes(answer.get_data())
    if not data.startswith(b"PK"):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_the_number_of_a_review_stands_in_no_answer(api: Api) -> None:
    """Every route that reads, as everybody: lists, counts, boards, searches, exports."""
    sent(api, "s-1")
    with api.database.reading() as session:
        number = session.execute(select(case_.c.number)).scalar_one()
    people = ("station_officer", "catering_section", "supervisor")
    rules = {
        rule.rule.removeprefix("/api/v1")
        for rule in api.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.rule.startswith("/api/v1/")
    }
    asked = {re.sub(r"<number:[a-z_]+>", number, rule) for rule in rules}
    asked = {re.sub(r"<row:[a-z_]+>", "1", rule) for rule in asked}
    asked |= {
        "/tasks?mine=true",
        "/tasks?team=true",
        f"/tasks?q={number}",
        "/cases?kind=snapshot_review",
    }

    told = [
        (path, who)
        for path in sorted(asked)
        if "<" not in path
        for who in people
        if number in told_by(api.get(path, who)).replace(f"/{number}", "")
    ]

    assert len(asked) > 60
    assert told == []
    assert api.get(f"/cases/{number}", "station_officer").status_code == 404
    assert api.get(f"/cases?q={number}", "supervisor").get_json()["items"] == []
    assert api.get("/tasks", "station_officer").get_json()["items"] == []
