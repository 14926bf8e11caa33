"""What is entered in the supervision platform arrives here, once, whatever it does (R29, R30)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.cli.background import scheduler_of
from api.syncing.platforms import platforms
from engine.delivery import webhooks
from storage.errors import Conflict
from storage.registry.businesses import NewBusiness, add_business
from storage.sync import sources
from storage.sync.runs import SyncRun, list_runs
from storage.tables import (
    business,
    case_,
    incident,
    review_item,
    video_patrol,
)
from tests.api.conftest import UNIT, Api
from tests.supervision import (
    SOURCE,
    Supervision,
    an_inspection,
    cases,
    kept,
    notes_of,
    running,
)


@pytest.fixture
def api(either_api: Api) -> Api:
    """Every story here is told on both kinds of database."""
    return either_api


@pytest.fixture
def platform(api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervision]:
    """The other platform as a process, and how it is reached from here."""
    with running(tmp_path_factory.mktemp("supervision")) as platform:
        prepare(api, platform)
        yield platform


def prepare(api: Api, platform: Supervision) -> None:
    """Tell the application how the platform is reached."""
    platform.configure(api.composition.settings.var_folder)
    api.database.run(platforms(api.composition).register)


def pulled(api: Api) -> dict[str, int]:
    """One run; what became of the records."""
    counts = dict(platforms(api.composition).pulling(SOURCE).run())
    counts.pop("pages", None)
    return counts


def source(api: Api) -> sources.SyncSource:
    """How reading stands."""
    with api.database.reading() as session:
        return sources.get_source(session, SOURCE)


def differences(api: Api) -> int:
    """What differs after comparing."""
    return platforms(api.composition).comparing(SOURCE).run(now=api.clock.now())


def test_the_same_payload_five_times_is_one_closed_case(api: Api, platform: Supervision) -> None:
    platform.inspection("JC1")

    counts = [pulled(api) for _ in range(5)]

    assert counts[0] == {"read": 1, "created": 1}
    assert counts[1:] == [{"read": 1, "same": 1}] * 4
    (case,) = cases(api)
    assert (case.status, case.kind, case.outcome) == (
        "closed",
        "external_inspection",
        "handled_outside",
    )
    assert case.collector_post.startswith("station:")
    assert case.floor_rank == 4
    assert case.matter == "P03"
    assert differences(api) == 0


def test_versions_out_of_order_keep_the_latest_and_note_it_in_the_case(
    api: Api, platform: Supervision
) -> None:
    for version, text in ((3, "第三版"), (1, "第一版"), (2, "第二版")):
        platform.inspection("JC1", bbh=version, ms=text, gxsj=f"2026-03-02 08:3{version}:00")
        pulled(api)
    platform.inspection("JC1", bbh=4, ms="第四版", gxsj="2026-03-02 08:40:00")
    pulled(api)

    record = kept(api)["JC1"]
    assert (record.version, record.body["description"]) == (4, "第四版")
    (case,) = cases(api)
    assert "第三版" in case.description
    assert notes_of(api, case.id) == ["外部平台记录 JC1 更新为第 4 版：第四版；处置结果：当场改正"]
    assert differences(api) == 0


def test_a_day_down_is_caught_up_without_a_difference(api: Api, platform: Supervision) -> None:
    platform.control(down=True)
    pulled(api)
    failed = source(api)
    platform.control(inspections=[an_inspection(f"JC{n}") for n in range(130)])
    platform.control(down=False, slow=0.01, fail_every=7)
    for _ in range(8):
        pulled(api)
    platform.control(slow=0, fail_every=0)
    pulled(api)

    assert failed.last_error == "the platform answered 503"
    assert failed.cursor is None
    assert len(cases(api)) == 130
    assert source(api).failures == 0
    assert differences(api) == 0


def test_a_kill_between_two_transactions_loses_and_doubles_nothing(
    api: Api, platform: Supervision
) -> None:
    platform.control(inspections=[an_inspection(f"JC{n}") for n in range(5)])
    for step in range(6):
        left = iter(range(step))
        pulling = platforms(api.composition).pulling(SOURCE)
        pulling.between = lambda left=left: stop_after(left)
        with pytest.raises(Killed):
            pulling.run()
        assert len(cases(api)) == min(step, 5)
        lapse(api)

    pulled(api)

    assert len(cases(api)) == 5
    assert differences(api) == 0


def test_a_changed_schema_pauses_reading_and_nothing_is_lost(
    api: Api, platform: Supervision
) -> None:
    platform.inspection("JC1")
    pulled(api)
    before = source(api).cursor
    platform.control(renamed=True)
    platform.inspection("JC2", gxsj="2026-03-02 08:50:00")

    pulled(api)

    paused = source(api)
    assert paused.paused
    assert "external_id" in (paused.paused_reason or "")
    assert paused.cursor == before
    assert [one["error_code"] for one in incidents(api)] == ["sync_paused"]
    platform.control(renamed=False)
    (told,) = incidents(api)
    api.post(f"/incidents/{told['id']}/retry", {}, "supervisor")
    assert not source(api).paused
    api.post(f"/sync/{SOURCE}/pause", {"reason": "再看看"}, "admin_system")
    answer = api.post(f"/sync/{SOURCE}/resume", {}, "admin_system")
    assert answer.get_json()["paused"] is False
    pulled(api)
    assert len(cases(api)) == 2
    assert incidents(api) == []


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


def test_a_platform_that_is_too_slow_moves_nothing_and_is_read_again(
    api: Api, platform: Supervision, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.inspection("JC1")
    platform.control(slow=5)
    with monkeypatch.context() as patience:
        patience.setattr(webhooks, "TIMEOUT_SECONDS", 0.2)
        pulled(api)
    waited = source(api)
    platform.control(slow=0)
    pulled(api)

    assert waited.last_error
    assert (waited.cursor, waited.failures) == (None, 1)
    assert len(cases(api)) == 1


def test_an_unknown_business_enters_the_registry_and_waits_for_its_place(
    api: Api, platform: Supervision
) -> None:
    platform.inspection("JC1", dwmc="新开的面馆", tyshxydm=None, xzqh="350322100", sxdm="F9999")
    platform.inspection("JC2", dwmc="新开的面馆", tyshxydm=None, xzqh="350322100", sfyw=0)
    pulled(api)

    (case,) = cases(api)
    assert case.matter is None
    assert "F9999" in case.description
    with api.database.reading() as session:
        made = session.execute(select(business).where(business.c.name == "新开的面馆")).one()
        asked = session.execute(select(review_item.c.kind)).scalars().all()
    assert made.origins["name"] == "sync"
    assert case.business_id == made.id
    assert "unplaced" in asked
    assert kept(api)["JC2"].subject_id == made.id


def test_what_is_unhandled_over_there_is_opened_here_where_the_city_says_so(
    api: Api, platform: Supervision
) -> None:
    platform.inspection("JC1", sfcz=0)
    pulled(api)
    on = {"area": "350322", "is_on": True, "reason": "试点"}
    api.send("PUT", "/flags/sync_opens_cases", "county_officer", json=on)
    platform.inspection("JC2", sfcz=0, gxsj="2026-03-02 08:40:00")
    pulled(api)

    first, second = cases(api)
    assert (first.kind, first.status) == ("external_inspection", "closed")
    assert (second.kind, second.status, second.floor_rank) == ("grid_report", "open", 4)
    assert second.number in str(api.get("/tasks", "station_officer").get_json())
    seen = api.get("/cases", "station_officer", query_string={"source": "external_sync"})
    assert len(seen.get_json()["items"]) == 2
    assert api.get(f"/cases/{second.number}", "foreign_station").status_code == 404


def test_a_deleted_record_is_retired_and_its_case_stays(api: Api, platform: Supervision) -> None:
    platform.inspection("JC1")
    pulled(api)
    platform.control(deletes=["JC1"])
    assert pulled(api)["retired"] == 1
    pulled(api)

    assert kept(api)["JC1"].retired
    (case,) = cases(api)
    assert notes_of(api, case.id) == ["外部平台删除了记录 JC1。"]
    assert differences(api) == 0


@pytest.mark.parametrize(
    "switch", [{"half": True}, {"large": 40 << 20}, {"fail_every": 1}, {"encoding": "utf-16"}]
)
def test_a_broken_answer_moves_nothing_and_is_read_again(
    api: Api, platform: Supervision, switch: dict[str, Any]
) -> None:
    platform.inspection("JC1")
    platform.control(**switch)
    pulled(api)
    broken = source(api)
    platform.control(**dict.fromkeys(switch, 0))
    pulled(api)

    assert broken.last_error
    assert broken.cursor is None
    assert len(cases(api)) == 1


def test_duplicates_disorder_gbk_a_lost_token_and_a_wrong_clock_change_nothing(
    api: Api, platform: Supervision
) -> None:
    platform.control(duplicate=True, shuffled=True, encoding="gbk", token_seconds=0.2)
    platform.control(inspections=[an_inspection(f"JC{n}") for n in range(8)])
    platform.inspection("AHEAD", gxsj="2026-03-02 09:07:00")
    pulled(api)
    platform.inspection("LATE", gxsj="2026-03-02 08:58:30")

    for _ in range(2):
        pulled(api)

    assert len(cases(api)) == 10
    assert source(api).failures == 0
    assert differences(api) == 0


class Killed(BaseException):
    """The process ends here."""


def stop_after(left: Iterator[int]) -> None:
    if next(left, None) is None:
        raise Killed


def lapse(api: Api) -> None:
    """Let the lease of a killed process run out."""
    api.clock.set(api.clock.now() + sources.LEASE)


def incidents(api: Api) -> list[dict[str, Any]]:
    with api.database.reading() as session:
        rows = session.execute(select(incident).where(incident.c.state == "open")).mappings()
        return [dict(row) for row in rows]


def dead_letters(api: Api) -> list[dict[str, Any]]:
    return list(api.get(f"/sync/{SOURCE}/dead", "admin_system").get_json()["items"])


def test_a_video_patrol_typed_over_there_counts_once_for_the_unit_that_watched(
    api: Api, platform: Supervision
) -> None:
    watched = {"lx": "SP", "jcdw": "YJZX", "lrr": "餐饮科某人", "sfyw": 0}
    answers = {"kz": 1, "gzf": 1, "gzm": 9}
    platform.inspection("SP1", **watched, jcx=answers)
    platform.inspection("SP2", **watched, jcx={"kz": 1})
    for _ in range(2):
        pulled(api)

    with api.database.reading() as session:
        (entry,) = session.execute(select(video_patrol)).all()
    assert (entry.unit, entry.source, entry.external_id) == ("emergency_center", "sync", "SP1")
    assert kept(api)["SP1"].subject_kind == "video_patrol"
    (letter,) = dead_letters(api)
    assert letter["external_id"] == "SP2"
    assert "工作服" in letter["message"]


def test_a_problem_of_a_video_patrol_over_there_is_a_case_with_its_entry(
    api: Api, platform: Supervision
) -> None:
    """R26, R27, R35: closed as it was settled there; open where the city says so; found later."""
    watched = {
        "lx": "SP",
        "jcdw": "YJZX",
        "lrr": "餐饮科某人",
        "jcx": {"kz": 0, "gzf": 1, "gzm": 1},
    }
    platform.inspection("SP1", **watched, sfyw=0)
    pulled(api)
    platform.inspection("SP1", **watched, sfyw=1, bbh=2, gxsj="2026-03-02 08:40:00")
    later = pulled(api)
    on = {"area": "350322", "is_on": True, "reason": "试点"}
    api.send("PUT", "/flags/sync_opens_cases", "county_officer", json=on)
    other = {"dwmc": "示例便利店（演示）", "tyshxydm": "92350322MADEM002XT"}
    platform.inspection("SP2", **watched, **other, sfcz=0, gxsj="2026-03-02 08:45:00")
    opened = pulled(api)

    assert (later, opened) == ({"read": 1, "updated": 1}, {"read": 2, "same": 1, "created": 1})
    (settled,) = cases(api)
    with api.database.reading() as session:
        seen = select(case_).where(case_.c.source == "video_patrol")
        (left,) = session.execute(seen).all()
    assert (settled.kind, settled.status) == ("external_inspection", "closed")
    assert settled.collector_post == left.collector_post == "emergency_center:3503"
    assert (left.kind, left.status) == ("grid_report", "open")
    shown = api.get(f"/cases/{left.number}", "supervisor").get_json()
    assert str(shown["owner_post"]).startswith("city:")
    assert "answer" in {task["name"] for task in shown["tasks"]}, "the station is asked to assist"
    entries = api.get("/video-patrols", "city_officer").get_json()["items"]
    assert {entry["case"] for entry in entries} == {settled.number, left.number}
    assert kept(api)["SP1"].subject_kind == "case"


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


def test_one_process_reads_a_platform_at_a_time(api: Api, platform: Supervision) -> None:
    platform.control(inspections=[an_inspection(f"JC{n}") for n in range(3)])
    first = platforms(api.composition).pulling(SOURCE)
    said = []

    def meanwhile() -> None:
        with pytest.raises(Conflict) as busy:
            platforms(api.composition).pulling(SOURCE).run()
        said.append(busy.value.code)

    first.between = meanwhile
    counts = first.run()
    late = platforms(api.composition).pulling(SOURCE)
    late.between = lambda: take_over(api)
    late.run()

    assert counts["created"] == 3
    assert set(said) == {"sync_busy"}
    assert runs_of(api)[0].error == "lease_lost"


def take_over(api: Api) -> None:
    """Another process takes the lease of one that was too slow."""
    lapse(api)
    with api.database.transaction() as session:
        sources.take_lease(session, SOURCE, "another", now=api.clock.now())


def runs_of(api: Api) -> list[SyncRun]:
    with api.database.reading() as session:
        return list(list_runs(session, SOURCE).items)
