"""The registry over HTTP: sources and trust, questions and decisions, corrections, merges."""

from datetime import timedelta
from typing import Any

from tests.api.conftest import Api
from tests.api.uploads import applied, rows, step

UNIT = "350322100001001001"
CODE = "91350322MADEM0091E"
HEADS = ("名称", "类别", "区域代码", "统一社会信用代码", "许可证号", "联系电话", "地址")


def a_list(*lines: tuple[str, ...]) -> bytes:
    return "\n".join(",".join(line) for line in (HEADS, *lines)).encode()


def shop(name: str, code: str = "", phone: str = "", address: str = "") -> tuple[str, ...]:
    return (name, "餐馆", UNIT, code, "", phone, address)


def found(api: Api, name: str) -> list[dict[str, Any]]:
    listed = api.get(f"/businesses?area={UNIT}&limit=200", "registry_keeper").get_json()["items"]
    return [each for each in listed if each["name"] == name]


def card(api: Api, ident: int, who: str = "registry_keeper") -> dict[str, Any]:
    return dict(api.get(f"/businesses/{ident}", who).get_json())


def questions(api: Api, kind: str) -> list[dict[str, Any]]:
    listed = api.get(f"/reviews?kind={kind}", "registry_keeper").get_json()
    return list(listed["items"])


def test_two_sources_that_name_a_shop_differently_are_decided_and_both_stay_known(
    api: Api,
) -> None:
    """R07: the licence says 甲, the survey says 乙; a keeper decides, provenance shows both."""
    applied(api, a_list(shop("甲来源示例店", CODE)), source="licence")
    survey = applied(api, a_list(shop("乙来源示例店", CODE)), source="survey")
    (shop_,) = found(api, "甲来源示例店")
    (question,) = questions(api, "conflict")

    assert (survey["counts"]["review"], question["field"]) == (1, "name")
    place = f"/reviews/{question['id']}/decide"
    decided = api.post(place, {"choice": "2"}, "registry_keeper")
    again = api.post(place, {"choice": "1"}, "registry_keeper")

    assert (decided.status_code, again.status_code) == (200, 409)
    after = card(api, shop_["id"])
    assert (after["name"], after["origins"]["name"]) == ("乙来源示例店", "survey")
    sources = api.get(f"/businesses/{shop_['id']}/sources", "registry_keeper").get_json()["items"]
    said = {source["kind"]: source["payload"]["name"] for source in sources}
    assert said == {"licence": "甲来源示例店", "survey": "乙来源示例店"}
    changes = api.get(f"/businesses/{shop_['id']}/changes", "registry_keeper").get_json()["items"]
    assert (changes[0]["field"], changes[0]["before"]) == ("name", "甲来源示例店")


def test_a_lower_source_fills_gaps_but_overwrites_nothing_and_asks_once(api: Api) -> None:
    """R07: what a survey says against a licence becomes one question, however often it comes."""
    applied(api, a_list(shop("丙来源示例店", CODE, address="许可路1号")), source="licence")
    survey = a_list(shop("丙来源示例店", CODE, phone="05940000001", address="摸排路2号"))

    first = applied(api, survey, source="survey")
    again = applied(api, survey, source="survey")

    (shop_,) = found(api, "丙来源示例店")
    after = card(api, shop_["id"])
    assert (after["address"], after["phone"]) == ("许可路1号", "05940000001")
    assert (after["origins"]["address"], after["origins"]["phone"]) == ("licence", "survey")
    assert first["counts"]["changed"] == 1
    assert (again["counts"].get("changed", 0), again["counts"].get("added", 0)) == (0, 0)
    assert [question["field"] for question in questions(api, "conflict")] == ["address"]


def test_undoing_a_list_takes_back_what_its_source_said_and_its_open_questions(api: Api) -> None:
    """The survey's earlier word holds again; a question nobody decided is not asked any more."""
    applied(api, a_list(shop("庚来源示例店", CODE, address="许可路1号")), source="licence")
    first = a_list(shop("庚来源示例店", CODE, phone="05940000003"))
    applied(api, first, source="survey")
    disputed = a_list(shop("庚来源示例店", CODE, phone="05940000003", address="摸排路7号"))
    changed = a_list(shop("庚来源示例店", CODE, phone="05940000004", address="摸排路8号"))
    batches = [applied(api, content, source="survey") for content in (disputed, changed)]
    (shop_,) = found(api, "庚来源示例店")

    def said() -> dict[str, Any]:
        place = f"/businesses/{shop_['id']}/sources"
        listed = api.get(place, "registry_keeper").get_json()["items"]
        return {source["kind"]: source["payload"]["address"] for source in listed}

    seen = [(said()["survey"], len(questions(api, "conflict")))]
    for batch in reversed(batches):
        step(api, batch, "undo")
        seen.append((said()["survey"], len(questions(api, "conflict"))))

    assert seen == [("摸排路8号", 2), ("摸排路7号", 1), (None, 0)]
    assert said()["licence"] == "许可路1号"
    assert card(api, shop_["id"])["phone"] == "05940000003"


def test_a_possible_duplicate_is_merged_and_the_old_number_still_opens(api: Api) -> None:
    applied(api, a_list(shop("莆田市阿福示例小吃店")), source="licence")
    applied(api, a_list(shop("阿福示例小吃店", phone="05940000002")), source="survey")
    (question,) = questions(api, "duplicate")

    assert question["proposals"]["reason"] == "same_name"
    api.post(f"/reviews/{question['id']}/decide", {"choice": "2"}, "registry_keeper")

    assert (len(found(api, "莆田市阿福示例小吃店")), found(api, "阿福示例小吃店")) == (1, [])
    old, into = question["other_id"], question["business_id"]
    assert card(api, old)["merged_into"] == into

    api.post(f"/businesses/{old}/unmerge", None, "registry_keeper")

    assert len(found(api, "阿福示例小吃店")) == 1
    assert api.post(f"/businesses/{old}/unmerge", None, "registry_keeper").status_code == 409


def test_a_merge_of_long_ago_stays(api: Api) -> None:
    applied(api, a_list(shop("戊示例店", CODE), shop("己示例摊")), source="licence")
    (first,), (second,) = found(api, "戊示例店"), found(api, "己示例摊")
    merged = api.post(f"/businesses/{second['id']}/merge", {"into": first["id"]}, "registry_keeper")
    api.clock.advance(timedelta(days=31))

    late = api.post(f"/businesses/{second['id']}/unmerge", None, "registry_keeper")

    assert (merged.status_code, late.status_code) == (200, 409)
    assert late.get_json()["code"] == "merged_too_long_ago"


def test_what_a_person_corrected_holds_against_the_next_list(api: Api) -> None:
    content = a_list(shop("丁来源示例店", CODE, address="许可路1号"))
    applied(api, content, source="licence")
    (shop_,) = found(api, "丁来源示例店")
    place, version = f"/businesses/{shop_['id']}", card(api, shop_["id"])["version"]

    def patch(body: dict[str, Any], who: str = "station_officer", seen: int | None = None) -> Any:
        headers = {} if seen is None else {"If-Match": f'"{seen}"'}
        return api.send("PATCH", place, who, json=body, headers=headers)

    assert patch({"address": "新路3号"}, seen=version).status_code == 200
    assert patch({"address": "旧路4号"}, seen=version).status_code == 412
    assert patch({"address": "外路5号"}, "foreign_grid_member").status_code == 403
    applied(api, a_list(shop("丁来源示例店", CODE, address="许可路6号")), source="licence")

    after = card(api, shop_["id"])
    assert (after["address"], after["origins"]["address"]) == ("新路3号", "person")


def test_a_status_moves_step_by_step_and_a_wrong_code_is_refused(api: Api) -> None:
    """R14: suspected by who is there; nothing is deregistered in one leap, or ceased by hand."""
    applied(api, a_list(shop("庚来源示例店")), source="survey")
    (shop_,) = found(api, "庚来源示例店")
    place = f"/businesses/{shop_['id']}"

    leap = api.send("PATCH", place, "grid_member", json={"status": "deregistered"})
    by_hand = api.send("PATCH", place, "grid_member", json={"status": "ceased"})
    suspected = api.send("PATCH", place, "grid_member", json={"status": "suspected_ceased"})
    wrong = api.send("PATCH", place, "grid_member", json={"credit_code": "91350322MADEM0091X"})

    assert (leap.status_code, leap.get_json()["code"]) == (409, "status_move")
    assert (by_hand.status_code, by_hand.get_json()["code"]) == (409, "status_by_case")
    assert suspected.get_json()["status"] == "suspected_ceased"
    assert wrong.status_code == 422
    listed = api.get(f"/businesses?area={UNIT}&status=suspected_ceased", "grid_member").get_json()[
        "items"
    ]
    assert shop_["id"] in {each["id"] for each in listed}


def test_person_and_telephone_are_for_who_answers_for_the_area(api: Api) -> None:
    """R10: they are not shown to somebody of another area, nor are sources and changes."""
    applied(api, a_list(shop("辛来源示例店", phone="05940000003")), source="survey")
    (shop_,) = found(api, "辛来源示例店")

    assert card(api, shop_["id"], "grid_member")["phone"] == "05940000003"
    assert card(api, shop_["id"], "foreign_grid_member")["phone"] is None
    for part in ("sources", "changes"):
        answer = api.get(f"/businesses/{shop_['id']}/{part}", "foreign_grid_member")
        assert answer.status_code == 403


def test_undoing_an_import_leaves_no_source_and_no_question(api: Api) -> None:
    applied(api, a_list(shop("阿福示例小吃店")), source="licence")
    batch = applied(api, a_list(shop("阿福示例小吃铺")), source="survey")
    assert len(questions(api, "duplicate")) == 1

    step(api, batch, "undo")

    assert questions(api, "duplicate") == []
    assert (found(api, "阿福示例小吃铺"), len(rows(api, batch, "added"))) == ([], 1)


def test_a_long_list_of_businesses_is_read_page_by_page(api: Api) -> None:
    applied(api, a_list(*(shop(f"分页示例店{number:02d}号") for number in range(7))))
    seen: list[int] = []
    cursor = ""
    while True:
        place = f"/businesses?area={UNIT}&limit=3{cursor}"
        page = api.get(place, "grid_member").get_json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert len(seen) == len(set(seen)) >= 7
