"""What is entered in the supervision platform arrives here, once, as what it is (R29, R30)."""

from sqlalchemy import select

from storage.tables import business, case_, review_item, video_patrol
from tests.api.conftest import Api
from tests.supervision import (
    Supervision,
    cases,
    dead_letters,
    differences,
    kept,
    notes_of,
    pulled,
)


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
    visit = kept(api)["JC1"]
    assert visit.body["visited_at"] == "2026-03-02T08:00:00+08:00", "theirs has no zone"
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
