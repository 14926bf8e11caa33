"""Businesses from files: recognised, checked, brought up to date (field reports F4, F12)."""

import pytest

from tests.api.imports import (
    UNIT,
    a_case,
    lines,
    shops,
)
from tests.api.terminal import Terminal

HEADS = "name,category,area_code,credit_code,licence_number,phone,address,lat,lon"


def test_a_business_is_brought_up_to_date_but_keeps_its_name(terminal: Terminal) -> None:
    a_case(terminal, "businesses", "imp25_businesses_update.csv")

    ended = a_case(terminal, "businesses", "imp25b_businesses_update.csv")

    (shop,) = [one for one in shops() if one.credit_code == "91350322MADEM0091E"]
    assert (ended.json["added"], ended.json["changed"]) == (0, 1)
    assert (shop.phone, shop.address) == ("0594-2222222", "新路2号")
    assert (shop.category, shop.name, shop.version) == ("catering.beverage", "甲示例面馆", 2)
    assert any("冲突" in text and "甲示例面馆（" in text for text in ended.json["warnings"])
    assert "0594" not in "".join(ended.json["changes"])


def test_a_stall_of_no_known_category_is_refused_with_the_nearest(terminal: Terminal) -> None:
    ended = a_case(terminal, "businesses", "imp21_businesses_no_code.csv")

    assert ended.status == 1
    assert "small." in ended.err


def test_the_same_list_twice_adds_nothing_the_second_time(terminal: Terminal) -> None:
    """R07: those without a code are recognised by name and area, others by code or licence."""
    rows = (
        HEADS,
        f"辛示例摊,small.vendor,{UNIT},,,0594-0000008,示例路8号,,",
        f"甲示例面馆,餐馆,{UNIT},９１350322madem0091e,,,,25.24,118.86",
        f"乙示例面馆,食品“三小”,{UNIT},,JY23503000000012,,,,",
    )
    before = len(shops())

    first, again = (lines(terminal, "businesses", *rows) for _ in range(2))

    assert (first.json["added"], again.json["added"], again.json["changed"]) == (3, 0, 0)
    assert len(shops()) == before + 3
    by_name = {shop.name: shop for shop in shops()}
    assert by_name["甲示例面馆"].credit_code == "91350322MADEM0091E"
    assert by_name["甲示例面馆"].category == "catering.restaurant"
    assert by_name["乙示例面馆"].category == "small"


def test_a_stall_that_got_a_code_stays_one_business(terminal: Terminal) -> None:
    lines(terminal, "businesses", HEADS, f"辛示例摊,small.vendor,{UNIT},,,,,,")

    row = f"辛示例摊,small.eatery,{UNIT},91350322MADEM0091E,,,,,"
    ended = lines(terminal, "businesses", HEADS, row)

    (shop,) = shops("辛示例摊")
    assert (ended.json["added"], shop.credit_code) == (0, "91350322MADEM0091E")


def test_a_wrong_check_digit_is_imported_with_a_warning(terminal: Terminal) -> None:
    row = f"壬示例店,retailer,{UNIT},91350322MADEM00381,,,,,"

    ended = lines(terminal, "businesses", HEADS, row)

    assert ended.json["added"] == 1
    assert [text for text in ended.json["warnings"] if "row 2" in text and "校验位" in text]
    assert len(shops("壬示例店")) == 1


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("癸,retailer,999999,,,,,,", "999999"),
        (f"癸,retailer,{UNIT},9135032,,,,,", "18"),
        (f"癸,retailer,{UNIT},91350322MADEMO099X,,,,,", "I、O"),
        (f"癸,nonsense.category,{UNIT},,,,,,", "nonsense.category"),
        (f"癸,small.barbecue,{UNIT},,,,,,", "small"),
        (f"癸,retailer,{UNIT},,,,,25.24,", "lon"),
        (f"癸,retailer,{UNIT},,,,,39.9,116.4", "本市"),
        (f"癸,retailer,{UNIT},,,,,abc,118.86", "abc"),
    ],
)
def test_a_business_with_a_wrong_cell_is_refused(terminal: Terminal, row: str, named: str) -> None:
    ended = lines(terminal, "businesses", HEADS, row)

    assert ended.status == 1
    assert "row 2" in ended.err
    assert named in ended.err
    assert shops("癸") == ()


@pytest.mark.parametrize(
    "rows",
    [
        (f"甲,retailer,{UNIT},,JY23503000000012,,,,", f"乙,retailer,{UNIT},,JY23503000000012,,,,"),
        (f"甲,retailer,{UNIT},,,1,,,", f"甲,retailer,{UNIT},,,2,,,"),
        (f"甲,retailer,{UNIT},91350322MADEM0091E,,,,,", f"甲,retailer,{UNIT},,,2,,,"),
    ],
    ids=["licence", "name and area", "code, then name"],
)
def test_two_rows_about_one_business_are_named(terminal: Terminal, rows: tuple[str, str]) -> None:
    ended = lines(terminal, "businesses", HEADS, *rows)

    assert ended.status == 1
    assert "row 2" in ended.err
    assert "row 3" in ended.err


def test_two_codes_are_two_businesses_of_one_name(terminal: Terminal) -> None:
    rows = [f"连锁店,retailer,{UNIT},91350322MADEM00{tail},,,,," for tail in ("91E", "92H")]

    ended = lines(terminal, "businesses", HEADS, *rows)

    assert ended.json["added"] == len(shops("连锁店")) == 2
    assert any("同名" in text for text in ended.json["warnings"])
