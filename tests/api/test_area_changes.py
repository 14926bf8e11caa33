"""Areas are renamed, moved, divided and merged; registers follow, cases keep their code (R01)."""

from datetime import timedelta
from typing import Any

import pytest

from api.deriving import derive, recompute
from api.http.language import is_chinese
from api.operating import kinds
from storage.people import staffing
from storage.places import areas
from storage.registry import businesses
from storage.staffing import recoding
from tests.api.conftest import NOW, RESOLVED, UNIT, VILLAGE, Api
from tests.api.imports import database, lines
from tests.api.terminal import Terminal
from tests.long_work import run_waiting

TOWN = "350322100"
OTHER_TOWN = "350322109"
MOVED = f"{OTHER_TOWN}901"
NEXT_VILLAGE = "350322100002"
GRID = f"{VILLAGE}001"
ON = "2026-03-01"


def order(api: Api, kind: str, codes: list[str], to: list[Any], **more: Any) -> Any:
    """Order a change; a code alone stands for a target without a name."""
    targets = [{"code": one} if isinstance(one, str) else one for one in to]
    who, query = more.pop("who", "admin_system"), more.pop("query", {})
    headers = {"Accept-Language": more.pop("language", "zh")}
    body = {"kind": kind, "from": codes, "to": targets, "on": ON, **more}
    return api.post("/area-changes", body, who, query_string=query, headers=headers)


def change(api: Api, kind: str, codes: list[str], to: list[Any], **more: Any) -> dict[str, int]:
    """Change the areas to the end; return what followed."""
    answer = order(api, kind, codes, to, **more)
    assert answer.status_code == 202, answer.json
    run_waiting(api.database, kinds(api.composition), api.clock)
    operation = api.get(answer.headers["Location"], "admin_system").json
    assert operation["state"] == "done", operation["message"]
    # Outside of tests who is signed in is looked up again within two seconds.
    api.composition.actors.forget()
    return dict(operation["result"]["effects"])


def rehearsed(api: Api, kind: str, codes: list[str], to: list[Any]) -> dict[str, Any]:
    return dict(order(api, kind, codes, to, query={"dry_run": "true"}).json)


def area(api: Api, code: str, on: str | None = None) -> dict[str, Any] | None:
    answer = api.get(f"/areas/{code}", query_string={} if on is None else {"on": on})
    return dict(answer.json) if answer.status_code == 200 else None


def shops(api: Api, under: str) -> list[str]:
    with api.database.reading() as session:
        listed = businesses.list_businesses(session, area=under, limit=200).items
    return sorted(shop.area_code for shop in listed)


def other_station(api: Api) -> str:
    """The account of an officer at the station of the other town."""
    now = api.clock.now()
    with api.database.transaction() as session:
        officer_id = staffing.add_officer(
            session, username="other_station", name="演示龙华所01", password_hash="-", at=now
        )
        staffing.hold(session, f"station:ST-{OTHER_TOWN}", officer_id, since=now)
    return "other_station"


def closed_case(api: Api) -> str:
    """A case the grid has resolved, verified and closed."""
    number = api.report("grid_member")
    api.complete(number, "grid_member", **RESOLVED)
    api.complete(number, "grid_leader", verify_result="passed", note="示例")
    return number


def counted(api: Api, under: str, who: str = "county_officer") -> tuple[int, int]:
    """Open and closed cases of an area, as the board has them."""
    api.clock.advance(timedelta(minutes=1))
    derive(api.composition)
    query = {"area": under}
    board = api.get("/dashboards/board", who, query_string=query).json
    return board["counts"]["open"], board["times"]["count"]


def a_village_moves(api: Api) -> None:
    officer = other_station(api)
    opened, _ = api.report("grid_member"), closed_case(api)
    before = (shops(api, VILLAGE), counted(api, VILLAGE), counted(api, OTHER_TOWN))
    told = rehearsed(api, "move", [VILLAGE], [MOVED])
    unchanged = (shops(api, VILLAGE), area(api, MOVED))

    effects = change(api, "move", [VILLAGE], [MOVED])

    assert unchanged == (before[0], None)
    assert told["effects"] == effects
    assert {"old": VILLAGE, "new": MOVED} in told["codes"]
    assert effects["business"] == len(before[0]) == len(shops(api, MOVED)) > 0
    assert effects["open_cases"] == 1
    moved, past = area(api, MOVED), area(api, VILLAGE, on="2026-02-01")
    assert moved is not None
    assert past is not None
    assert (moved["name"], moved["parent"]) == (past["name"], OTHER_TOWN)
    assert (area(api, VILLAGE), area(api, MOVED, on="2026-02-01")) == (None, None)
    case = api.get(f"/cases/{opened}", officer)
    assert case.status_code == 200, "the station that answers for it now sees its cases"
    assert case.json["area"] == UNIT, "a case keeps its code"
    listed = api.get("/cases", officer, query_string={"area": MOVED, "status": "open"}).json
    assert [one["number"] for one in listed["items"]] == [opened]
    assert (before[1], before[2]) == ((1, 1), (0, 0))
    assert counted(api, OTHER_TOWN) == (1, 1), "what was counted before rolls up to where it lies"
    assert counted(api, "350322100") == (0, 0)
    assert counted(api, "350322") == (1, 1)
    api.complete(opened, "grid_member", outcome="pass_up", reason_code="beyond_powers", reason="难")
    api.accept(opened, "grid_leader")
    fresh = api.report("grid_member", area=MOVED + UNIT[len(VILLAGE) :])
    api.complete(fresh, "grid_member", **RESOLVED)


def test_a_village_moves_to_another_town_with_all_that_is_kept_by_area(api: Api) -> None:
    a_village_moves(api)


@pytest.mark.postgres
def test_a_village_moves_on_postgresql_as_well(postgres_api: Api) -> None:
    a_village_moves(postgres_api)


def test_merged_villages_leave_no_code_twice_and_no_officer_counted_twice(api: Api) -> None:
    """Grids of both have the same numbers: those that come get the next free ones."""
    two = [api.get("/me", who).json["id"] for who in ("station_officer", "station_officer2")]
    for village in (VILLAGE, NEXT_VILLAGE):
        path = f"/villages/{village}/supervisors"
        assert api.send("PUT", path, "station_officer", json={"officers": two}).status_code == 200
    total = len(shops(api, VILLAGE)) + len(shops(api, NEXT_VILLAGE))
    opened = api.report("grid_member")

    target = {"code": NEXT_VILLAGE, "name": "合并示例村"}
    change(api, "merge", [VILLAGE, NEXT_VILLAGE], [target])

    merged = shops(api, NEXT_VILLAGE)
    assert (area(api, VILLAGE), len(merged)) == (None, total)
    grids = api.get("/areas", query_string={"under": NEXT_VILLAGE, "level": "grid"}).json["items"]
    assert len({grid["code"] for grid in grids}) == len(grids) > 1
    assert all(area(api, code) is not None for code in merged)
    staff = api.get(f"/villages/{NEXT_VILLAGE}/supervisors", "station_officer").json
    assert (staff["name"], [one["position"] for one in staff["supervisors"]]) == (
        "合并示例村",
        [1, 2],
    )
    mine = [post["id"] for post in api.get("/me", "grid_member").json["posts"]]
    (there,) = [post for post in mine if NEXT_VILLAGE in post]
    assert api.complete(opened, "grid_member", **RESOLVED)
    assert area(api, there.partition(":")[2]) is not None


def test_old_cases_are_found_under_the_code_their_village_has_now(api: Api) -> None:
    """Moved twice; a grid of it, and the towns, find them as well, another village does not."""
    number, twice = closed_case(api), f"{VILLAGE[:-3]}902"
    api.clock.advance(timedelta(minutes=1))
    change(api, "move", [VILLAGE], [MOVED])
    api.clock.advance(timedelta(days=1))
    change(api, "move", [MOVED], [twice], on="2026-03-02")
    api.clock.advance(timedelta(days=1))
    fresh = api.report("grid_member", area=twice + UNIT[len(VILLAGE) :])

    def found(code: str) -> set[str]:
        answer = api.get("/cases", "supervisor", query_string={"area": code})
        return {case["number"] for case in answer.json["items"]}

    assert found(twice) == found(f"{twice}{GRID[len(VILLAGE) :]}") == {number, fresh}
    assert found(twice[:9]) == found("3503") == {number, fresh}
    assert found(MOVED) == found(VILLAGE) - {fresh} == {number}, "a code no longer in use as well"
    assert found(NEXT_VILLAGE) == set()


def test_open_work_and_visits_are_found_under_the_code_their_village_has_now(api: Api) -> None:
    number = api.report("grid_member")
    shop = api.get(f"/businesses?area={VILLAGE}", "grid_member").get_json()["items"][0]["id"]
    api.post("/patrols", {"business": shop, "result": "none"}, "grid_member")
    api.clock.advance(timedelta(minutes=1))
    change(api, "move", [VILLAGE], [MOVED])

    def found(path: str, code: str) -> list[Any]:
        return list(api.get(f"{path}area={code}", "supervisor").get_json()["items"])

    for code in (MOVED, VILLAGE, MOVED[:9]):
        assert [one["case"]["number"] for one in found("/tasks?", code)] == [number]
    for code in (MOVED, VILLAGE):
        assert [one["business"] for one in found("/patrols?", code)] == [shop]
    assert found("/tasks?", NEXT_VILLAGE) == found("/patrols?", NEXT_VILLAGE) == []


def test_no_register_whose_codes_are_replaced_is_append_only(api: Api) -> None:
    """What is never changed stands in `_KEPT`: one row of it would stop every change of areas."""
    with api.database.reading() as session:
        triggers = session.exec_driver_sql("select name from sqlite_master where type = 'trigger'")
        fixed = {name.removesuffix("_refuses_update") for (name,) in triggers}

    assert "patrol" in fixed
    assert fixed & {str(column.table.name) for column in recoding.recoded_columns()} == set()


def test_a_divided_village_shares_its_past_as_the_document_says(api: Api) -> None:
    for _ in range(4):
        closed_case(api)
    whole = counted(api, VILLAGE)
    parts = [
        {"code": VILLAGE, "name": "东示例村", "share": 0},
        {"code": f"{VILLAGE[:-3]}801", "name": "西示例村", "share": 100},
    ]

    change(api, "split", [VILLAGE], parts)

    assert (whole, counted(api, VILLAGE)) == ((0, 4), (0, 0))
    assert counted(api, f"{VILLAGE[:-3]}801") == (0, 4), "the share goes with its part"
    assert counted(api, VILLAGE[:-3]) == (0, 4)
    listed = api.get("/cases", "county_officer", query_string={"area": parts[1]["code"]}).json
    assert len(listed["items"]) == 4, "of the share that went there"
    fresh = api.report("grid_member")
    assert counted(api, VILLAGE) == (1, 0), "what came after lies where it lies"
    api.complete(fresh, "grid_member", **RESOLVED)


def test_facts_are_the_same_when_they_are_derived_again_after_a_change(api: Api) -> None:
    closed_case(api)
    counted(api, VILLAGE)
    change(api, "move", [VILLAGE], [MOVED])
    change(api, "rename", [MOVED], [{"code": MOVED, "name": "新示例村"}], on="2026-03-02")

    recompute(api.composition)

    assert counted(api, MOVED) == (0, 1)
    listed = api.get("/area-changes", "unit_leader").json["items"]
    assert [(one["kind"], one["from"]) for one in listed] == [
        ("rename", [MOVED]),
        ("move", [VILLAGE]),
    ]
    title = api.get("/posts", "county_officer", query_string={"area": MOVED}).json["items"]
    assert "新示例村平台中心" in [post["title"] for post in title]


BAD = [
    ("unknown code", "move", ["350322100999"], [MOVED], {}, "/from"),
    ("no such parent", "move", [VILLAGE], ["350322999001"], {}, "/to"),
    ("another city", "move", [VILLAGE], ["350100100001"], {}, "/to"),
    ("a code in use", "move", [VILLAGE], [NEXT_VILLAGE], {}, "/to"),
    ("another level", "move", [VILLAGE], ["350322199"], {}, "/to"),
    ("merge of two levels", "merge", [VILLAGE, GRID], [VILLAGE], {}, "/to"),
    ("merge over a border", "merge", [VILLAGE, "350322101001"], [VILLAGE], {}, "/to"),
    ("a part elsewhere", "split", [VILLAGE], [VILLAGE, {"code": MOVED, "name": "甲"}], {}, "/to"),
    (
        "shares of 90",
        "split",
        [VILLAGE],
        [
            {"code": VILLAGE, "share": 50},
            {"code": "350322100801", "name": "甲", "share": 40},
        ],
        {},
        "/to",
    ),
    ("a part without a name", "split", [VILLAGE], [VILLAGE, "350322100801"], {}, "/to"),
    ("one part only", "split", [VILLAGE], [VILLAGE], {}, "/to"),
    ("the same name", "rename", [VILLAGE], [VILLAGE], {}, "/to"),
    ("tomorrow", "move", [VILLAGE], [MOVED], {"on": "2026-03-03"}, "/on"),
    ("before the area was there", "move", [VILLAGE], [MOVED], {"on": "2020-01-01"}, "/on"),
    ("the whole city", "move", ["3503"], ["3599"], {}, "/from"),
]


@pytest.mark.parametrize(
    ("kind", "codes", "to", "more", "pointer"),
    [case[1:] for case in BAD],
    ids=[case[0] for case in BAD],
)
def test_a_change_that_does_not_fit_is_refused_by_its_field(
    api: Api, kind: str, codes: list[str], to: list[Any], more: dict[str, str], pointer: str
) -> None:
    answer = order(api, kind, codes, to, **more)
    english = order(api, kind, codes, to, **more, language="en")

    assert answer.status_code == 422, answer.json
    assert answer.json["errors"][0]["pointer"] == pointer
    assert is_chinese(answer.json["errors"][0]["message"])
    assert not is_chinese(english.get_data(as_text=True)), english.json
    assert api.get("/area-changes", "admin_system").json["items"] == []


def test_no_change_is_dated_before_the_one_before_it(api: Api) -> None:
    change(api, "rename", [VILLAGE], [{"code": VILLAGE, "name": "新示例村"}])

    again = order(api, "move", [VILLAGE], [MOVED], on=ON)

    assert (again.status_code, again.json["errors"][0]["pointer"]) == (422, "/on")
    assert order(api, "move", [VILLAGE], [MOVED], on="2026-03-02").status_code == 202


def test_only_who_keeps_the_areas_changes_them(api: Api) -> None:
    for who, status in (("county_officer", 403), ("registry_keeper", 403), (None, 401)):
        assert order(api, "move", [VILLAGE], [MOVED], who=who).status_code == status
    log = [one["action"] for one in api.get("/audit", "admin_audit").json["items"]]
    assert "areas_changed" not in log


def test_a_yearly_list_shows_what_it_no_longer_has_and_proposes_the_change(
    terminal: Terminal,
) -> None:
    with database() as session:
        below = areas.list_children(session, TOWN, on=NOW.date())
    rows = [f"{village.code},{village.name}" for village in below if village.code != VILLAGE]
    (gone,) = [village.name for village in below if village.code == VILLAGE]

    ended = lines(terminal, "areas", "code,name", *rows, f"{MOVED},{gone}", options=("--dry-run",))

    told = "".join(ended.json["warnings"])
    assert f"{VILLAGE} {gone} 不在名单中" in told
    assert f"perhaps moved to {MOVED}" in told
    assert ended.json["added"] == 1
    one_village = lines(terminal, "areas", "code,name", rows[0], options=("--dry-run",))
    assert one_village.json["warnings"] == [], "a list of a few areas ends nothing"
