"""Files as offices save them: read whole, or refused by row and column (field reports F9, F10)."""

import codecs
import shutil

import pytest

from api.settings import from_environment
from tests.api.imports import (
    GRID,
    VILLAGE,
    a_case,
    a_file,
    kinds,
    lines,
    name_of,
    shops,
)
from tests.api.terminal import Terminal


@pytest.mark.parametrize(
    "name",
    [
        "imp01_areas_gbk.csv",
        "imp08_areas_nbsp_inside.csv",
        "imp09_areas_utf16_tab.txt",
        "imp34_heads_chinese.csv",
        "imp35_heads_spaces_case.csv",
    ],
)
def test_what_a_spreadsheet_saves_is_read_and_cleaned(terminal: Terminal, name: str) -> None:
    ended = a_case(terminal, "areas", name)

    assert (ended.status, ended.json["added"]) == (0, 1), ended.err
    assert name_of(GRID) == "第99网格"


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + f"code,name\r\n{GRID},第99网格\r\n".encode(),
        codecs.BOM_UTF16_BE + f"code\tname\n{GRID}\t第99网格\n".encode("utf-16-be"),
        f"code;name\n'{GRID};第99网格\n".encode(),
        f'code,name\n="{GRID}",第99网格\n'.replace('="', '"=""').replace('",第', '""",第').encode(),
        f"ＣＯＤＥ,name,备用\n{GRID},第99网格,\n\n,,\n".encode(),
    ],
    ids=["utf-8 mark", "utf-16 big end", "semicolons, apostrophe", "formula text", "full width"],
)
def test_other_ways_to_save_the_same_list_are_read(terminal: Terminal, content: bytes) -> None:
    ended = a_file(terminal, "areas", content)

    assert ended.status == 0, ended.err
    assert name_of(GRID) == "第99网格"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (f"code,name\n{GRID},第99\0网格\n".encode(), ["row 2", "第 2 列", "U+0000"]),
        (f'code,name\n{GRID},"第99\n网格"\n'.encode(), ["row 2", "U+000A"]),
        (f'code,name\n{VILLAGE}098,甲\n{GRID},"第99网格\n'.encode(), ["row 3", "双引号"]),
        (f"code,name,Name\n{GRID},a,b\n".encode(), ["第 2 列", "第 3 列"]),
        (f"code,name\n{GRID},示例路9号,二层\n".encode(), ["row 2", "第 3 列", "二层"]),
        (f"code,name,\n{GRID},甲,乙\n".encode(), ["row 2", "第 3 列", "乙"]),
        (b"PK\x03\x04workbook", ["CSV UTF-8"]),
        (f"code,name\n{GRID},第99网格示例网格\n".encode()[:-2] + b"\xff\n", ["row 2", "UTF-8"]),
        ("代码,标题\n1,2\n".encode(), ["name", "名称"]),
        (b"", ["code", "name"]),
    ],
    ids=[
        "nul", "line end", "open quote", "head twice", "longer", "no head", "workbook",
        "broken utf-8", "missing head", "empty",
    ],
)  # fmt: skip
def test_what_would_lose_a_cell_is_refused_by_row_and_column(
    terminal: Terminal, content: bytes, named: list[str]
) -> None:
    ended = a_file(terminal, "areas", content)

    assert ended.status == 1
    assert [text for text in named if text not in ended.err] == []
    assert "Nothing was written" in ended.err
    assert name_of(GRID) is None


@pytest.mark.parametrize(
    ("kind", "name", "named"),
    [
        ("areas", "imp40_nul.csv", ["row 2", "U+0000"]),
        ("businesses", "imp22_businesses_twice_head.csv", ["phone", "第 4 列", "第 5 列"]),
        ("businesses", "imp42_businesses_row_longer_than_heads.csv", ["row 2", "二层", "靠街"]),
        ("businesses", "imp24_businesses_merged_cells.csv", ["row 3", "category", "取消合并"]),
        ("businesses", "imp15_businesses_scientific_codes.csv", ["row 2", "row 3", "科学计数"]),
        ("businesses", "imp17_businesses_lat_lon_swapped.csv", ["row 2", "swapped?"]),
        ("businesses", "imp19_businesses_category_in_words.csv", ["row 2", "餐饮服务单位"]),
        ("areas", "imp07_areas_orphan.csv", ["row 2", "350322999001", "上级"]),
        ("people", "imp27_people_place_nowhere.csv", ["row 2", "row 3", "ST-3"]),
        ("people", "imp30_people_rights_typo.csv", ["row 2", "read_idenity", "reporter_identity"]),
        ("people", "imp32_people_empty_posts_blank_user.csv", ["row 2", "空格"]),
        ("calendar", "imp14_calendar_makeup_on_weekday.csv", ["row 2", "row 3", "星期三"]),
    ],
)
def test_a_wrong_list_is_refused_whole_with_each_wrong_row(
    terminal: Terminal, kind: str, name: str, named: list[str]
) -> None:
    days, registered = kinds(), shops()

    ended = a_case(terminal, kind, name)

    assert ended.status == 1
    assert [text for text in named if text not in ended.err] == []
    assert (kinds(), shops()) == (days, registered)


@pytest.mark.parametrize(
    ("kind", "head", "row"),
    [
        ("areas", "code,name", f"{GRID},{{}}"),
        ("businesses", "name,category,area_code", f"{{}},catering.restaurant,{GRID}"),
        ("people", "username,name,posts", "gm77,{},无"),
    ],
)
def test_a_name_that_shows_nothing_is_an_empty_cell(
    terminal: Terminal, kind: str, head: str, row: str
) -> None:
    blanks = ("\u3164", "\u2800\u2800", "\u200b\u0301", "\u2003")

    ended = lines(terminal, kind, head, *(row.format(blank) for blank in blanks))

    assert ended.status == 1
    assert ended.err.count("(empty:") == len(blanks)


def test_a_row_twice_is_imported_once_and_both_rows_are_named(terminal: Terminal) -> None:
    ended = a_case(terminal, "areas", "imp03_areas_same_code_twice.csv")

    assert (ended.status, ended.json["added"]) == (0, 1)
    assert ["row 2" in text and "row 3" in text for text in ended.json["warnings"]] == [True]
    assert name_of(GRID) == "第99网格"


def test_two_rows_that_contradict_each_other_are_refused(terminal: Terminal) -> None:
    ended = lines(terminal, "areas", "code,name", f"{GRID},甲", f"{VILLAGE}098,丙", f"{GRID},乙")

    assert ended.status == 1
    assert "row 2" in ended.err
    assert "row 4" in ended.err


def test_columns_nobody_reads_are_named(terminal: Terminal) -> None:
    ended = lines(terminal, "areas", "code,name,面积", f"{GRID},第99网格,12")

    assert any("面积" in text for text in ended.json["warnings"])


def test_a_head_added_to_the_pack_is_read(terminal: Terminal) -> None:
    pack = terminal.var / "pack"
    shutil.copytree(from_environment().city_folder, pack)
    names = pack / "import_columns.csv"
    names.write_text(names.read_text("utf-8").replace("名称;区域", "牌子;名称;区域"), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANGJI_CITY_FOLDER", str(pack))

        ended = lines(terminal, "areas", "code,牌子", f"{GRID},第99网格")

    assert ended.status == 0, ended.err
    assert name_of(GRID) == "第99网格"
