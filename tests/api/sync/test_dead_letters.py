"""Records that cannot be taken in, and what an administrator sees and decides (R29)."""

from datetime import timedelta

from api.cli.background import scheduler_of
from storage.registry.businesses import NewBusiness, add_business
from tests.api.conftest import UNIT, Api
from tests.supervision import (
    SOURCE,
    Supervision,
    an_inspection,
    cases,
    dead_letters,
    differences,
    pulled,
)


def test_what_cannot_be_read_is_a_dead_letter_with_its_reason_and_the_page_goes_on(
    api: Api, platform: Supervision
) -> None:
    bad = {
        "VERSION": {"bbh": "三"},
        "UNIT": {"jcdw": "YYY"},
        "TIME": {"jcsj": "昨天"},
        "AREA": {"dwmc": "没人认识的店", "tyshxydm": None, "xzqh": "999999"},
        "FUTURE": {"jcsj": "2027-03-02 08:00:00"},
    }
    good = an_inspection("GOOD", bbh="2", ms="<b>加粗</b><script>x</script>")
    platform.control(
        inspections=[good, *(an_inspection(name, **more) for name, more in bad.items())]
    )

    counts = pulled(api)

    assert counts == {"read": 6, "created": 1, "dead": 5}
    letters = dead_letters(api)
    assert {one["external_id"]: one["error"] for one in letters} == {
        "VERSION": "bad_version",
        "UNIT": "unknown_unit",
        "TIME": "bad_time",
        "AREA": "unknown_area",
        "FUTURE": "in_the_future",
    }
    (case,) = cases(api)
    assert case.description.startswith("<b>加粗</b><script>")


def test_a_dead_letter_is_taken_in_or_left_out_by_a_person(api: Api, platform: Supervision) -> None:
    platform.control(inspections=[an_inspection(name, jcdw="YYY") for name in "AB"])
    pulled(api)
    letters = {one["external_id"]: one["id"] for one in dead_letters(api)}

    again = api.post(f"/sync/dead/{letters['A']}/retry", {}, "admin_system")
    platform.inspection("A", gxsj="2026-03-02 08:45:00")
    pulled(api)
    left = api.post(f"/sync/dead/{letters['B']}/discard", {}, "admin_system")
    twice = api.post(f"/sync/dead/{letters['B']}/retry", {}, "admin_system")

    assert again.status_code == 409
    assert "YYY" in again.get_json()["detail"]
    assert left.get_json()["state"] == "discarded"
    assert twice.get_json()["code"] == "sync_dead_closed"
    assert dead_letters(api) == []
    assert api.get("/sync/sources", "station_officer").status_code == 403


def test_a_dead_letter_is_taken_in_over_http_once_the_cause_is_mended(
    api: Api, platform: Supervision
) -> None:
    """Nobody knew where the shop is; once the registry does, the record is a case."""
    code = "92350322MADEM00994"
    platform.inspection("A", dwmc="新开的面馆", tyshxydm=code, xzqh="999999")
    pulled(api)
    (letter,) = dead_letters(api)
    with api.database.transaction() as session:
        new = NewBusiness(
            name="新开的面馆", category="catering.restaurant", area_code=UNIT, credit_code=code
        )
        shop = add_business(session, new, at=api.clock.now())

    taken = api.post(f"/sync/dead/{letter['id']}/retry", {}, "admin_system")

    assert taken.status_code == 200, taken.get_json()
    assert (taken.get_json()["state"], dead_letters(api)) == ("resolved", [])
    assert [case.business_id for case in cases(api)] == [shop]
    assert pulled(api) == {"read": 1, "same": 1}


def test_a_record_without_an_id_is_one_dead_letter_however_often_it_is_read(
    api: Api, platform: Supervision
) -> None:
    platform.control(inspections=[an_inspection("JC1"), an_inspection("JC2")], blank="JC2")

    counts = [pulled(api), pulled(api)]

    assert counts == [{"read": 2, "created": 1, "dead": 1}, {"read": 2, "same": 1, "dead": 1}]
    (letter,) = dead_letters(api)
    assert (letter["error"], letter["attempts"]) == ("no_id", 2)
    assert letter["external_id"].startswith("?")


def test_an_administrator_reads_pauses_and_sees_runs_records_and_days(
    api: Api, platform: Supervision
) -> None:
    platform.inspection("JC1")
    asked = api.post(f"/sync/{SOURCE}/run", {}, "admin_system")
    jobs = scheduler_of(api.composition, "test", is_once=True)
    jobs.round()
    differences(api)
    api.post(f"/sync/{SOURCE}/pause", {"reason": "对方今晚升级"}, "admin_system")
    platform.inspection("JC2")
    api.clock.set(api.clock.now() + timedelta(minutes=6))
    jobs.round()

    (shown,) = api.get("/sync/sources", "admin_system").get_json()["items"]
    records = api.get(f"/sync/{SOURCE}/records", "admin_system").get_json()["items"]
    days = api.get(f"/sync/{SOURCE}/reconciliation", "admin_system").get_json()["items"]
    runs = api.get(f"/sync/{SOURCE}/runs", "admin_system").get_json()["items"]
    assert asked.status_code == 202
    assert (shown["paused_reason"], shown["records"]) == ("对方今晚升级", {"created": 1})
    assert shown["lag_seconds"] == 36 * 60
    assert [one["external_id"] for one in records] == ["JC1"]
    assert (days[0]["theirs"], days[0]["ours"], days[0]["missing"]) == (1, 1, [])
    assert runs[-1]["created"] == 1
    acts = api.get("/audit", "admin_audit", query_string={"subject_kind": "sync"}).get_json()
    assert [one["action"] for one in acts["items"]] == ["sync_paused", "sync_run"]
