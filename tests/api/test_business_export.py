"""The list of businesses as a file: the rows of the list, in names, without persons."""

import csv
import io
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from tests.api.conftest import FOREIGN_TOWN, NOW, VILLAGE, Api
from tests.api.test_map import listed, shops


def exported(api: Api, who: str, **asked: str) -> list[list[str]]:
    answer = api.get(f"/businesses/export?{urlencode({**asked, 'format': 'csv'})}", who)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("who", ["grid_member", "station_officer", "business", "registry_keeper"])
def test_a_file_holds_the_rows_of_the_list_under_the_same_filters(api: Api, who: str) -> None:
    """R09, R10: whatever the filter and the caller, foreign areas too."""
    shops(api)
    api.report("grid_member", business=1)
    for asked in (
        {},
        {"area": VILLAGE, "status": "ceased"},
        {"area": FOREIGN_TOWN},
        {"bright": "true", "category": "catering"},
        {"open_cases": "true"},
        {"q": "地图"},
    ):
        heads, *rows = exported(api, who, **asked)
        there = listed(api, who, "businesses", **asked)
        assert heads[:4] == ["登记号", "名称", "类别", "状态"]
        assert [int(row[0]) for row in rows] == [shop["id"] for shop in there], asked


def test_a_file_speaks_in_names_holds_no_formula_and_no_person(api: Api) -> None:
    with api.database.transaction() as session:
        new = NewBusiness(
            name="=HYPERLINK(示例)",
            category="catering.restaurant",
            area_code=VILLAGE,
            person_in_charge="演示负责人",
            phone="13900000000",
            flags=["bright_kitchen"],
        )
        made = businesses.add_business(session, new, at=NOW)

    rows = exported(api, "registry_keeper", area=VILLAGE)
    row = next(row for row in rows if row[0] == str(made))
    book = api.get(f"/businesses/export?area={VILLAGE}", "registry_keeper")
    sheet = load_workbook(io.BytesIO(book.data)).active

    assert row[1] == "'=HYPERLINK(示例)"
    assert (row[3], row[9]) == ("经营中", "是")
    assert "catering" not in row[2]
    assert not row[4].isdigit()
    assert sheet is not None
    assert [str(cells[0]) for cells in sheet.values][1:] == [each[0] for each in rows]
    text = "".join(cell for each in rows for cell in each)
    assert "演示负责人" not in text
    assert "13900000000" not in text
