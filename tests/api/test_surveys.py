"""Shops entered in the field, corrections by trust, whose telephone is read, and the search."""

from typing import Any

from storage.people import actors
from tests.api.conftest import Api
from tests.api.test_registry import CODE, UNIT, a_list, card, found, questions, shop
from tests.api.uploads import applied
from tests.web.town import a_photo

GRID = UNIT[:15]
STALL = {"name": "路口示例烤饼摊", "category": "small.vendor", "area": UNIT}
PLACE = {"lat": 25.2407, "lon": 118.8609}


def surveyed(api: Api, who: str = "unit_leader", **more: Any) -> Any:
    return api.post("/businesses", {**STALL, **more}, who)


def patched(api: Api, ident: int, who: str, **body: Any) -> Any:
    return api.send("PATCH", f"/businesses/{ident}", who, json=body)


def a_front(api: Api, who: str) -> str:
    file = (a_photo(), "front.jpg")
    answer = api.send("POST", "/attachments", who, data={"file": file})
    return str(answer.get_json()["id"])


def test_an_unlicensed_stall_is_entered_on_the_spot_with_place_and_photo(api: Api) -> None:
    """R07: an entry without licence number is accepted; its fields are those of a survey."""
    front = a_front(api, "unit_leader")

    made = surveyed(api, location=PLACE, photo=front, phone="05940000009")

    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    ident = made.get_json()["id"]
    shown = card(api, ident, "station_officer")
    assert (shown["lat"], shown["phone"], shown["has_photo"]) == (25.2407, "05940000009", True)
    assert set(shown["origins"].values()) == {"survey"}
    assert api.get(f"/businesses/{ident}/photo", "station_officer").data[:2] == b"\xff\xd8"
    assert api.get(f"/businesses/{ident}/photo", "foreign_grid_member").status_code == 403
    sources = api.get(f"/businesses/{ident}/sources", "station_officer").get_json()["items"]
    assert [source["kind"] for source in sources] == ["survey"]


def test_what_is_registered_already_or_cannot_be_is_refused_with_the_reason(api: Api) -> None:
    """Section 1, bad input: a wrong digit of a person, a place elsewhere, a category unknown."""
    ident = surveyed(api).get_json()["id"]

    again = surveyed(api)
    wrong_code = surveyed(api, name="甲摊", credit_code="91350322MADEM0091X")
    swapped = surveyed(api, name="甲摊", location={"lat": 118.8609 - 90, "lon": 25.2407})
    category = surveyed(api, name="甲摊", category="catering.没有")
    others_photo = surveyed(api, name="甲摊", photo=a_front(api, "grid_member"))
    too_large = surveyed(api, "registry_keeper", name="甲摊", area=UNIT[:9])

    assert (again.status_code, again.get_json()["code"]) == (409, "business_known")
    assert f"{ident} 号" in again.get_json()["detail"]
    refused = (wrong_code, swapped, category, others_photo, too_large)
    fields = [answer.get_json()["errors"][0]["pointer"] for answer in refused]
    assert [answer.status_code for answer in refused] == [422] * 5
    assert fields == ["/credit_code", "/location", "/category", "/photo", "/area"]
    assert "E" in wrong_code.get_json()["detail"]


def test_a_shop_is_entered_only_by_who_surveys_and_only_in_their_areas(api: Api) -> None:
    assert surveyed(api, "foreign_grid_member").status_code == 403
    assert surveyed(api, "business").status_code == 403
    assert surveyed(api, "analyst").status_code == 403
    assert surveyed(api, "registry_keeper").status_code == 201


def test_a_survey_that_looks_like_a_registered_shop_becomes_a_question(api: Api) -> None:
    applied(api, a_list(shop("莆田市路口示例烤饼摊店")), source="filing")

    ident = surveyed(api).get_json()["id"]

    (question,) = questions(api, "duplicate")
    assert question["other_id"] == ident


def test_an_assistant_never_overwrites_the_licence_but_asks_a_keeper(api: Api) -> None:
    """R07: a field survey never silently overwrites licence data; a gap is filled at once."""
    applied(api, a_list(shop("许可来源示例店", CODE, address="许可路1号")), source="licence")
    (known,) = found(api, "许可来源示例店")

    done = patched(
        api, known["id"], "grid_member", address="摸排路2号", phone="05940000008", location=PLACE
    ).get_json()

    assert (done["proposed"], done["address"]) == (["address"], "许可路1号")
    assert (done["phone"], done["lat"], done["origins"]["lat"]) == (
        "05940000008",
        25.2407,
        "survey",
    )
    (question,) = questions(api, "conflict")
    assert question["proposals"] == {
        "registered": "许可路1号", "proposed": "摸排路2号", "source": "survey",
    }  # fmt: skip
    api.post(f"/reviews/{question['id']}/decide", {"choice": "2"}, "registry_keeper")
    assert card(api, known["id"])["address"] == "摸排路2号"


def test_fields_that_two_people_touched_meanwhile_are_asked_and_the_rest_is_kept(api: Api) -> None:
    """An edit made without a signal: its base version is older than the business is now."""
    ident = surveyed(api, address="旧路1号").get_json()["id"]
    patched(api, ident, "station_officer", address="新路2号")

    late = patched(
        api, ident, "grid_member", address="别路3号", phone="05940000007", base_version=1
    )

    assert late.get_json()["proposed"] == ["address"]
    after = card(api, ident)
    assert (after["address"], after["phone"]) == ("新路2号", "05940000007")
    same = patched(api, ident, "grid_member", address="新路2号", base_version=1).get_json()
    assert same["proposed"] == []


def test_a_version_that_is_not_the_current_one_is_refused_and_a_merged_shop_too(api: Api) -> None:
    first = surveyed(api).get_json()["id"]
    second = surveyed(api, name="别家示例店").get_json()["id"]
    place = f"/businesses/{first}"
    stale = api.send(
        "PATCH", place, "grid_member", json={"phone": "1"}, headers={"If-Match": '"7"'}
    )

    api.post(f"{place}/merge", {"into": second}, "registry_keeper")

    merged = patched(api, first, "grid_member", phone="05940000006")
    assert (stale.status_code, merged.status_code) == (412, 409)
    assert merged.get_json()["code"] == "merged_already"
    assert f"{second} 号" in merged.get_json()["detail"]


def test_a_business_proposes_corrections_to_its_own_row_and_to_no_other(api: Api) -> None:
    with api.database.reading() as session:
        own = getattr(actors.find_officer(session, "business"), "business_id", 0)
    other = surveyed(api).get_json()["id"]

    mine = patched(api, own, "business", phone="05940000005", name="本店新名示例")

    assert sorted(mine.get_json()["proposed"]) == ["name", "phone"]
    assert {question["proposals"]["source"] for question in questions(api, "conflict")} == {"self"}
    assert patched(api, other, "business", phone="1").status_code == 403


def test_who_reads_many_telephone_numbers_in_a_day_is_named_in_the_audit_log(api: Api) -> None:
    """R10: the fifty-first shop of a day is on file once; the same shop again counts nothing."""
    lines = (
        shop(f"电话示例店{number:02d}号", phone=f"0594000{number:04d}") for number in range(53)
    )
    applied(api, a_list(*lines))
    shops = api.get(f"/businesses?area={UNIT}&q=电话示例店&limit=60", "registry_keeper").get_json()
    idents = [each["id"] for each in shops["items"]]

    def flags() -> list[dict[str, Any]]:
        listed = api.get("/audit?action=many_contacts_read", "admin_audit").get_json()["items"]
        return list(listed)

    for ident in [*idents[:50], *idents[:5]]:
        assert card(api, ident, "grid_member")["phone"]
        assert card(api, ident, "foreign_grid_member")["phone"] is None
    assert flags() == []
    for ident in idents[50:]:
        card(api, ident, "grid_member")

    (flag,) = flags()
    assert (flag["data"], flag["subject_kind"]) == ({"count": 51}, "officer")


def test_the_search_narrows_by_mark_post_gap_and_month_of_change(api: Api) -> None:
    ident = surveyed(api).get_json()["id"]

    def listed(query: str, who: str = "station_officer") -> list[int]:
        answer = api.get(f"/businesses?{query}&limit=200", who)
        assert answer.status_code == 200, answer.get_json()
        return [each["id"] for each in answer.get_json()["items"]]

    assert ident in listed("lacks=unplaced")
    assert ident in listed("lacks=no_phone")
    patched(api, ident, "unit_leader", location=PLACE)
    assert ident not in listed("lacks=unplaced")
    month = api.clock.now().strftime("%Y-%m")
    assert ident in listed(f"changed={month}")
    assert ident in listed(f"changed={month}&change=added")
    assert listed("changed=2020-01") == []
    bright = listed("flag=bright_kitchen")
    assert bright
    assert all("bright_kitchen" in card(api, each)["flags"] for each in bright)
    assert listed("flag=bright") == []
    assert ident not in listed("in_post=true")
    assert ident not in listed("", "foreign_grid_member")


def test_a_search_over_several_areas_of_a_post_goes_past_its_first_page(api: Api) -> None:
    applied(api, a_list(*(shop(f"多页示例店{number:02d}号") for number in range(7))))
    seen: list[int] = []
    cursor = ""
    while True:
        page = api.get(f"/businesses?limit=3&q=多页示例店{cursor}", "station_officer").get_json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert (len(seen), len(set(seen))) == (7, 7)


def test_a_stall_that_moved_to_another_village_is_found_by_its_telephone(api: Api) -> None:
    """R07: nothing but the operator's telephone ties the two."""
    stalls = (("旧址示例煎饼", UNIT), ("新址米粉摊", f"{UNIT[:11]}2"))
    old, new = (
        surveyed(api, "registry_keeper", name=name, area=area, phone="05940000077").get_json()["id"]
        for name, area in stalls
    )

    asked = questions(api, "duplicate")

    assert [(each["business_id"], each["other_id"]) for each in asked] == [(old, new)]
    assert asked[0]["proposals"]["reason"] == "same_phone"
