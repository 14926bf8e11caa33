"""Areas by the names lists and addresses write."""

from datetime import date

import pytest

from storage.city.rules import installed
from storage.database.session import Database
from storage.places.named import NamedAreas, read_named_areas
from tests.build import an_area

ON = date(2026, 3, 2)
AREAS = (
    ("350322", "仙游县"),
    ("350322100", "枫亭镇"),
    ("350322100001", "学士社区居委会"),
    ("350322100002", "东山村委会"),
    ("350322101", "榜头镇"),
    ("350322101001", "东山村委会"),
    ("350322101002", "后坂村民委员会"),
)


@pytest.fixture
def named(sqlite: Database) -> NamedAreas:
    """Two towns of a county, with a village of the same name in each."""
    with sqlite.transaction() as session:
        for code, name in AREAS:
            an_area(session, code, name=name)
        return read_named_areas(session, on=ON, suffixes=installed().area_suffixes)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("枫亭镇", ["350322100"]),
        ("学士社区", ["350322100001"]),
        ("枫亭镇东山村", ["350322100002"]),
        ("东山村", ["350322100002", "350322101001"]),
        ("后坂村", ["350322101002"]),
        ("东山", []),
        ("枫亭镇后坂村", []),
    ],
)
def test_a_name_finds_whole_names_behind_those_above(
    named: NamedAreas, text: str, codes: list[str]
) -> None:
    assert named.find(text) == codes


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("福建省仙游县枫亭镇学士社区示例路1号", ["350322100001"]),
        ("枫亭镇东山路1号", ["350322100"]),
        ("枫亭镇后坂村路1号", ["350322100"]),
        ("东山村1号", []),
        ("示例路1号", []),
        ("", []),
    ],
)
def test_an_address_is_placed_where_it_is_sure(
    named: NamedAreas, address: str, codes: list[str]
) -> None:
    """A road called like a village of another town moves no shop there."""
    assert named.within(address) == codes
