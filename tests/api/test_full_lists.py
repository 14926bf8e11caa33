"""Full lists of businesses: who is missing becomes a question; a shop that stands nowhere too."""

from typing import Any

import pytest
from sqlalchemy import select

from storage.tables import business_source
from tests.api.conftest import Api
from tests.api.uploads import applied, step

UNIT = "350322100001001001"
VILLAGE = "350322100001"
ELSEWHERE = "350305108001001001"
HEADS = ("名称", "类别", "区域代码", "地址", "纬度", "经度")


def a_list(*names: str, area: str = UNIT) -> bytes:
    rows = [(name, "餐馆", area, "", "", "") for name in names]
    return "\n".join(",".join(line) for line in (HEADS, *rows)).encode()


def asked(api: Api, kind: str) -> list[dict[str, Any]]:
    return list(api.get(f"/reviews?kind={kind}", "registry_keeper").get_json()["items"])


def named(api: Api, name: str) -> dict[str, Any]:
    (found,) = api.get(f"/businesses?q={name}", "registry_keeper").get_json()["items"]
    return dict(found)


def retired(api: Api) -> set[str]:
    question = select(business_source.c.external_id).where(
        business_source.c.retired_on.is_not(None)
    )
    with api.database.reading() as session:
        return set(session.execute(question).scalars())


def test_a_business_missing_from_a_full_list_is_asked_about_and_never_deregistered(
    api: Api,
) -> None:
    """R15: only its own source and the counties the list names; asked once, a part asks nothing."""
    applied(api, a_list("甲全名单店", "乙全名单店"), source="licence")
    applied(api, a_list("丙全名单店", area=ELSEWHERE), source="licence")
    applied(api, a_list("丁全名单摊"), source="survey")
    applied(api, a_list("甲全名单店"), source="licence")
    assert asked(api, "gone_from_source") == []

    batch = applied(api, a_list("甲全名单店"), source="licence", full="true")
    again = applied(api, a_list("甲全名单店"), source="licence", full="true")

    (question,) = asked(api, "gone_from_source")
    gone = named(api, "乙全名单店")
    assert (question["business_id"], gone["status"]) == (gone["id"], "operating")
    assert question["proposals"]["source"] == "licence"
    assert batch["is_full"] is True
    assert any("1 businesses are gone" in text for text in batch["warnings"])
    assert not any("are gone" in text for text in again["warnings"])
    assert retired(api) == {f"乙全名单店|{UNIT}"}

    api.post(f"/reviews/{question['id']}/decide", {"choice": "2"}, "registry_keeper")

    assert named(api, "乙全名单店")["status"] == "suspected_ceased"
    applied(api, a_list("甲全名单店", "乙全名单店"), source="licence", full="true")
    assert retired(api) == set()
    assert asked(api, "gone_from_source") == []


def test_undoing_a_full_list_takes_its_questions_back(api: Api) -> None:
    undone(api)


@pytest.mark.postgres
def test_undoing_a_full_list_takes_its_questions_back_on_postgresql(postgres_api: Api) -> None:
    undone(postgres_api)


def undone(api: Api) -> None:
    applied(api, a_list("甲撤销店", "乙撤销店"), source="filing")
    batch = applied(api, a_list("甲撤销店"), source="filing", full="true")
    assert len(asked(api, "gone_from_source")) == 1

    step(api, batch, "undo")

    assert (asked(api, "gone_from_source"), retired(api)) == ([], set())


def test_a_full_list_with_refused_rows_misses_nobody(api: Api) -> None:
    """The business of a refused row would be asked about for nothing."""
    applied(api, a_list("甲拒绝店", "乙拒绝店"), source="licence")
    wrong = a_list("甲拒绝店") + f"\n乙拒绝店,没有的类别,{UNIT},,,".encode()
    accepted = applied(api, wrong, source="licence", full="true")

    batch = step(api, accepted, "apply", {"leave_out_refused": True})

    assert asked(api, "gone_from_source") == []
    assert any("who is missing was not looked at" in text for text in batch["warnings"])


def place(api: Api, name: str) -> None:
    body = {"area": UNIT, "location": {"lat": 25.2407, "lon": 118.8609}}
    path = f"/businesses/{named(api, name)['id']}"
    assert api.send("PATCH", path, "registry_keeper", json=body).status_code == 200


def test_a_list_without_places_is_one_question_a_village_until_each_shop_has_its_place(
    api: Api,
) -> None:
    """Its number opens the shops it counts; a shop entered by hand is asked about alone."""
    applied(api, a_list("甲无位置店", "丁无位置店", area=VILLAGE), source="licence")
    applied(api, a_list("戊无位置店", area=VILLAGE[:-1] + "2"), source="licence")

    here, there = asked(api, "unplaced")
    assert [each["proposals"]["area_code"] for each in (here, there)] == [
        VILLAGE,
        VILLAGE[:-1] + "2",
    ]
    body = {"name": "丙无位置摊", "category": "small.vendor", "area": VILLAGE}
    entered = api.post("/businesses", body, "registry_keeper").get_json()
    assert [each["business_id"] for each in asked(api, "unplaced")][2:] == [entered["id"]]

    for name, left in (("丙无位置摊", 2), ("甲无位置店", 2), ("丁无位置店", 1)):
        place(api, name)
        assert len(asked(api, "unplaced")) == left, name
    assert [each["id"] for each in asked(api, "unplaced")] == [there["id"]]


def test_a_village_is_left_to_the_field_for_all_lists_at_once(api: Api) -> None:
    """Also undone: the question of a list that is taken back goes with it."""
    applied(api, a_list("甲无位置店", area=VILLAGE), source="licence")
    applied(api, a_list("己无位置店", area=VILLAGE), source="filing")
    first, _ = asked(api, "unplaced")

    decided = api.post(f"/reviews/{first['id']}/decide", {"choice": "1"}, "registry_keeper")

    assert decided.get_json()["choice"] == "1"
    assert asked(api, "unplaced") == []
    batch = applied(api, a_list("庚无位置店", area=VILLAGE), source="survey")
    assert len(asked(api, "unplaced")) == 1
    step(api, batch, "undo")
    assert asked(api, "unplaced") == []
