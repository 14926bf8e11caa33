"""Areas, days and people from files: one test per case of the field reports."""

from datetime import UTC, date, datetime

import pytest

from storage.people import posts as people
from storage.places import calendar
from tests.api.imports import (
    FAR_OFF,
    VILLAGE,
    a_case,
    account,
    database,
    kinds,
    lines,
    name_of,
    posts_of,
)
from tests.api.terminal import Terminal


def test_a_second_name_on_the_same_day_replaces_the_first(terminal: Terminal) -> None:
    first = a_case(terminal, "areas", "imp04a_areas_rename.csv")
    second = a_case(terminal, "areas", "imp04b_areas_rename_again.csv")

    assert [(one.status, one.json["changed"], one.json["added"]) for one in (first, second)] == [
        (0, 1, 0)
    ] * 2
    assert name_of(f"{VILLAGE}001") == "第1网格（乙）"


def test_a_second_city_is_refused(terminal: Terminal) -> None:
    ended = lines(terminal, "areas", "code,name", "999999,甲", "9999,乙")

    assert ended.status == 1
    assert "row 3" in ended.err


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("imp10_calendar_year_edge.csv", ["2026-12-31", "2027-01-01", "2027-01-02"]),
        ("imp11_calendar_one_correction.csv", ["2026-12-07"]),
        ("imp12_calendar_slash_dates.csv", ["2027-01-01", "2027-01-02", "2027-01-03"]),
        ("imp41_calendar_one_day.csv", ["2026-12-25"]),
    ],
)
def test_only_the_days_a_file_names_change(
    terminal: Terminal, name: str, changed: list[str]
) -> None:
    """F1: no other day of the year, and no other year, becomes what the weekday says."""
    before = kinds()

    ended = a_case(terminal, "calendar", name)

    assert ended.json["changed"] == len(changed), ended.err
    assert kinds() == before | {date.fromisoformat(day): "holiday" for day in changed}


def test_a_few_days_do_not_announce_a_year(terminal: Terminal) -> None:
    ended = a_case(terminal, "calendar", "imp10_calendar_year_edge.csv")

    with database() as session:
        assert calendar.last_announced_year(session) == 2026
    assert any("2027" in text and "暂定" in text for text in ended.json["warnings"])


def test_a_rehearsed_calendar_lists_each_day_and_changes_none(terminal: Terminal) -> None:
    before = kinds()

    ended = a_case(terminal, "calendar", "imp11_calendar_one_correction.csv", "--dry-run")

    assert ended.json["changes"] == [
        "2026-12-07 星期一：工作日 → 放假 (workday → holiday) 台风停工"
    ]
    assert kinds() == before


@pytest.mark.parametrize(
    "row",
    ["2026-10-01,workday", "2026-10-03,makeup_workday", "2027-02-30,holiday", "2027-01-09,workday"],
)
def test_a_day_that_cannot_be_is_refused(terminal: Terminal, row: str) -> None:
    ended = lines(terminal, "calendar", "日期,类型", row)

    assert ended.status == 1
    assert "row 2" in ended.err


def test_a_padded_place_is_the_post_that_is_there(terminal: Terminal) -> None:
    ended = a_case(terminal, "people", "imp26_people_padded_place.csv")

    assert ended.json["added"] == 1
    assert posts_of("city2") == {"city:3503"}


def test_somebody_who_moved_holds_the_new_post_only(terminal: Terminal) -> None:
    others = posts_of("village_assistant")

    ended = a_case(terminal, "people", "imp31_people_moved.csv")

    moved = account("grid_member")
    assert moved is not None
    assert moved.name == "演示网格员01（改名）"
    assert set(moved.post_ids) == {f"village_assistant:{VILLAGE}"}
    assert posts_of("village_assistant") == others
    assert (ended.json["changed"], ended.json["added"]) == (1, 0)
    assert any(f"grid_member:{VILLAGE}001" in text for text in ended.json["warnings"])


def test_a_post_that_ended_was_held_until_the_import(terminal: Terminal) -> None:
    post, at = f"grid_member:{VILLAGE}001", datetime.now(UTC)
    a_case(terminal, "people", "imp31_people_moved.csv")

    with database() as session:
        before = {holder.name for holder in people.list_holders(session, post, at=at)}
        after = people.list_holders(session, post, at=FAR_OFF)
    assert (before, after) == ({"演示网格员01（改名）"}, ())


def test_user_names_are_compared_without_case(terminal: Terminal) -> None:
    heads, row = "username,name,posts", f"示例,grid_member:{VILLAGE}001"
    twice = lines(terminal, "people", heads, f"Zhang,{row}", f"zhang,{row}")
    lines(terminal, "people", heads, f"Zhang,{row}")

    again = lines(terminal, "people", heads, f"ZHANG,{row}")

    assert twice.status == 1
    assert "row 2" in twice.err
    assert "row 3" in twice.err
    assert (again.json["added"], again.json["changed"]) == (0, 0)
    assert account("ZHANG") is None


@pytest.mark.parametrize(
    ("posts", "named"),
    [
        ("emperor:3503", "grid_member"),
        ("grid_member", "role:place"),
        (f"grid_member:{VILLAGE}", "网格"),
        ("county:350322", "J-350322"),
        ("station:ST-NOWHERE", "ST-NOWHERE"),
        ("business:999999", "999999"),
        ("", "无"),
        (";；", "无"),
        ("\u3164\u200b", "无"),
    ],
)
def test_a_post_that_does_not_exist_is_refused(terminal: Terminal, posts: str, named: str) -> None:
    ended = lines(terminal, "people", "username,name,posts", f"gm77,示例,{posts}")

    assert ended.status == 1
    assert "row 2" in ended.err
    assert named in ended.err
    assert account("gm77") is None


def test_posts_are_written_with_the_names_of_roles_too(terminal: Terminal) -> None:
    row = f"gm78,示例,网格员：{VILLAGE}001；市监所：ST-350322100".replace("市监所", "市场监管所")

    ended = lines(terminal, "people", "用户名,姓名,岗位", row)

    assert ended.status == 0, ended.err
    assert posts_of("gm78") == {
        f"grid_member:{VILLAGE}001",
        "station:ST-350322100",
    }


def test_rights_change_only_where_the_file_has_the_column(terminal: Terminal) -> None:
    heads, row = "username,name,posts", "supervisor,演示督办01,supervisor:3503"
    lines(terminal, "people", heads, row)
    kept = account("supervisor")

    lines(terminal, "people", f"{heads},rights", f"{row},")

    taken = account("supervisor")
    assert kept is not None
    assert taken is not None
    assert (kept.rights, taken.rights) == ({"reporter_identity:view"}, frozenset())
