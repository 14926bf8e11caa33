"""People from a list with posts, dates and businesses: found by name, asked about, taken back."""

from typing import Any

import pytest

from tests.api.conftest import UNIT, VILLAGE, Api
from tests.api.uploads import checked, run

GRID = f"{VILLAGE}001"
HEADS = "姓名,手机,所属单位,角色,地点,任职日期,任期至,食品主体,代表主体"
KEEPER = "admin_system"


def listed(*rows: str) -> bytes:
    return "\n".join((HEADS, *rows)).encode()


def applied(api: Api, *rows: str, **form: str) -> dict[str, Any]:
    return checked(api, listed(*rows), KEEPER, kind="people", dry_run="false", **form)


def outcome(api: Api, batch: dict[str, Any], name: str) -> list[str]:
    place = f"/imports/{batch['id']}/rows?outcome={name}"
    items = api.get(place, KEEPER).get_json()["items"]
    return [str(one["message"] or one["warning"]) for one in items]


def person(api: Api, q: str) -> dict[str, Any] | None:
    found = api.get("/people", KEEPER, query_string={"q": q}).get_json()["items"]
    return dict(found[0]) if found else None


def posts(api: Api, q: str) -> dict[str, str | None]:
    known = person(api, q)
    assert known is not None
    return {one["post"]: one["until"] for one in known["holdings"]}


def end_of(api: Api, who: str, post: str) -> None:
    held = next(one for one in api.get("/me", who).get_json()["posts"] if one["id"] == post)
    assert held
    (listed_,) = api.get(f"/posts/{post}/holders", "county_officer").get_json()["items"]
    holding = listed_["holders"][0]["id"]
    said = {"on": "2026-03-02", "reason": "换人"}
    assert api.post(f"/holdings/{holding}/end", said, "county_officer").status_code == 200


def test_a_list_with_posts_by_name_and_dates_is_previewed_applied_and_undone(api: Api) -> None:
    """R23: who has no user name signs in by telephone number; the same list again is the same."""
    rows = (
        "演示新人01,13800000021,枫亭市场监管所,市场监管所,枫亭市场监管所,2026-03-05,2026-12-31,,",
        f"演示新人02,13800000022,,网格员,{GRID},,,,",
    )
    preview = checked(api, listed(*rows), KEEPER, kind="people")
    nobody = person(api, "13800000021")
    batch, again = applied(api, *rows), applied(api, *rows)
    held = posts(api, "13800000021")

    api.post(f"/imports/{batch['id']}/undo", {}, KEEPER)
    run(api)

    assert (preview["state"], preview["counts"]["added"], nobody) == ("checked", 2, None)
    assert (batch["counts"]["added"], again["counts"]["same"]) == (2, 2)
    assert list(held) == ["station:ST-350322100"]
    assert str(held["station:ST-350322100"]).startswith("2027-01-01")
    assert posts(api, "13800000022") == {}, "undone: they hold nothing and cannot sign in"
    assert person(api, "13800000022")["active"] is False  # type: ignore[index]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("甲,13800000031,,市场监管所,无此单位,,,,", ("地点 place", "无此单位")),
        ("甲,13800000031,,网格员,第1网格,,,,", ("地点 place", "unknown area")),
        ("甲,13800000031,无此单位,,,,,,1", ("所属单位 unit", "无此单位")),
        ("甲,13800000031,,单元长,,,,,", ("地点 place", "不能为空")),
        (f"甲,13800000031,,网格员,{GRID},2026-02-30,,,", ("任职日期 since", "2026-02-30")),
        (f"甲,13800000031,,网格员,{GRID},2026-03-05,2026-03-04,,", ("任期至 until", "ends before")),
        (f"甲,13800000031,,网格员,{GRID},2020-01-01,,,", ("since", "before the account existed")),
        (f"甲,abc,,网格员,{GRID},,,,", ("手机 phone", "abc")),
        (f"甲,,,网格员,{GRID},,,,", ("username", "不能为空")),
        (f"甲,13800000031,,单元长,{UNIT},,,,", ("演示单元长01", "single")),
        ("甲,13800000031,,市场监管所,ST-350322100,,,,1", ("角色 role", "R54")),
        ("甲,13800000031,,,,,,,无此店", ("代表主体 representative_of", "无此店")),
        ("甲,13800000031,,,,,,1,1", ("代表主体 representative_of", "fill in one")),
    ],
)
def test_a_wrong_cell_is_refused_by_its_name(api: Api, row: str, named: tuple[str, ...]) -> None:
    batch = checked(api, listed(row), KEEPER, kind="people")

    (why,) = outcome(api, batch, "refused")
    assert [text for text in named if text not in why] == []
    assert person(api, "13800000031") is None


def test_who_is_missing_from_a_full_list_is_asked_about_and_never_dismissed(api: Api) -> None:
    row = "演示市管所01,,,,,,,,"
    heads = "用户名,姓名,角色,地点"
    content = f"{heads}\nstation_officer,{row.split(',', maxsplit=1)[0]},市场监管所,ST-350322100"

    some = checked(api, content.encode(), KEEPER, kind="people", dry_run="false")
    full = checked(api, content.encode(), KEEPER, kind="people", dry_run="false", source="full")

    assert (some["counts"].get("review"), full["counts"]["same"]) == (None, 1)
    assert any("演示市管所02（station_officer2）" in why for why in outcome(api, full, "review"))
    assert not any("网格员" in why for why in outcome(api, full, "review")), "another role"
    assert list(posts(api, "station_officer2")) == ["station:ST-350322100"]


def test_a_business_leads_a_unit_through_several_representatives_of_whom_one_is_its_account(
    api: Api,
) -> None:
    """R54: named by code or whole name; a second account of its own is refused."""
    shop = "示例便利店（演示）"
    end_of(api, "unit_leader", f"unit_leader:{UNIT}")
    made = applied(
        api,
        f"演示代表01,13800000041,,,,,,{shop},",
        f"演示代表02,13800000042,,单元长,{UNIT},,,,{shop}",
        "演示代表03,13800000043,,,,,,,92350322MADEM002XT",
    )
    second = checked(api, listed(f"演示代表04,13800000044,,,,,,{shop},"), KEEPER, kind="people")
    business = api.get("/businesses", "county_officer", query_string={"q": shop, "area": VILLAGE})
    ident = business.get_json()["items"][0]["id"]
    team = api.get(f"/businesses/{ident}/team", "county_officer").get_json()
    slots = {one["slot"]: one["state"] for one in team["slots"]}

    assert made["counts"]["added"] == 3, outcome(api, made, "refused")
    assert {person(api, f"1380000004{n}")["business"] for n in (1, 2, 3)} == {ident}  # type: ignore[index]
    assert "single" in outcome(api, second, "refused")[0]
    assert slots["unit_leader"] == "conflict", "it never watches over itself"


def test_a_successor_and_a_predecessor_change_places_in_one_list(api: Api) -> None:
    rows = "用户名,姓名,岗位\nunit_leader,演示单元长01,无\nnew_leader,演示新单元长,单元长:" + UNIT

    batch = checked(api, rows.encode(), KEEPER, kind="people", dry_run="false")

    assert (batch["counts"]["changed"], batch["counts"]["added"]) == (1, 1)
    assert list(posts(api, "new_leader")) == [f"unit_leader:{UNIT}"]


def test_rows_of_one_person_with_different_posts_are_one_person_with_several_posts(
    api: Api,
) -> None:
    """Each post keeps its own days; a contradicting row is refused as before."""
    member, leader = f"演示多岗,13800000061,,网格员,{GRID}", f"演示多岗,13800000061,,网格长,{GRID}"
    end_of(api, "grid_leader", f"grid_leader:{GRID}")
    batch = applied(
        api, f"{member},,2026-12-31,,", f"{leader},2026-03-09,,,", f"{leader},2026-03-09,,,"
    )
    again = applied(api, f"{leader},2026-03-09,,,", f"{member},,2026-12-31,,")
    held = posts(api, "13800000061")
    wrong = checked(
        api,
        listed(f"{member},,,,", f"{member},,2026-11-30,,", f"别人{leader},,,,"),
        KEEPER,
        kind="people",
    )

    assert (batch["counts"]["added"], batch["counts"]["same"]) == (1, 2), batch
    assert "added" not in again["counts"]
    assert (again["counts"]["same"], again["counts"].get("changed")) == (2, None)
    assert sorted(held) == [f"grid_leader:{GRID}", f"grid_member:{GRID}"]
    assert held[f"grid_leader:{GRID}"] is None
    assert str(held[f"grid_member:{GRID}"]).startswith("2027-01-01")
    assert any("同一人" in why for why in outcome(api, batch, "same"))
    assert wrong["counts"]["refused"] == 3

    api.post(f"/imports/{batch['id']}/undo", {}, KEEPER)
    run(api)
    assert f"grid_member:{GRID}" not in posts(api, "13800000061")
    assert person(api, "13800000061")["active"] is False  # type: ignore[index]


@pytest.mark.postgres
def test_a_list_of_people_is_applied_and_undone_on_postgresql(postgres_api: Api) -> None:
    api = postgres_api
    rows = ("演示新人05,13800000051,,网格员," + GRID + ",,2026-12-31,,",)

    batch = applied(api, *rows, source="full")
    held = posts(api, "13800000051")
    api.post(f"/imports/{batch['id']}/undo", {}, KEEPER)
    run(api)

    assert list(held) == [f"grid_member:{GRID}"]
    assert posts(api, "13800000051") == {}
    assert "演示网格员01（grid_member）" in "".join(outcome(api, batch, "review"))


def test_a_list_joins_no_posts_that_do_not_go_together(api: Api) -> None:
    """Who supervises a case never handles it, by whichever way they were appointed."""
    rows = ("演示甲,13800000091,,督办人员,3503,,,,", "演示甲,13800000091,,网格员," + GRID + ",,,,")

    (message, *_) = outcome(api, applied(api, *rows), "refused")

    assert "不相容" in message
