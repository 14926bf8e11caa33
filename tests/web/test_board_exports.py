"""Lists of boards as files: for a spreadsheet, of a period, in the words of who takes them out."""

import csv
import io
import re
from datetime import datetime
from html import unescape

from openpyxl import load_workbook

from api.deriving import derive
from api.http.shapes.spreadsheets import safe
from storage.moments import CHINA
from tests.web.test_boards import length, live, numbers
from tests.web.town import REPORTER, Town


def test_a_list_leaves_as_a_spreadsheet_without_formulas(town: Town) -> None:
    numbers_ = live(town)
    leader = town.visitor("supervisor")
    comma = leader.get("/boards/export/open.csv").get_data().decode("utf-8-sig")
    book = load_workbook(io.BytesIO(leader.get("/boards/export/open.xlsx").get_data()))

    rows = list(csv.reader(io.StringIO(comma)))
    assert {row[0] for row in rows[1:]} >= {numbers_["late"], numbers_["new"]}
    sheet = book.active
    assert [str(cell.value or "") for cell in sheet["A"]][1:] == [row[0] for row in rows]
    assert REPORTER not in comma
    assert rows[0][:5] == ["案件编号", "等级", "事项", "情况描述", "食品主体"]
    assert sorted({row[1] for row in rows[1:]}) == ["", "突发"]
    # People read names; codes are of no use to them.
    cells = " ".join(cell for row in rows[1:] for cell in row)
    assert "演示市管所01" in cells
    assert not re.search(r"station:|county:|grid_patrol|\bnear\b", cells)
    assert "仙游县 枫亭镇" in cells
    # Whoever opens it reads what it is, filters by its heads, and sorts by its dates.
    assert str(sheet["A1"].value).startswith("在办案件 莆田市，")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B3", f"A2:O{len(rows) + 1}")
    opened = sheet.cell(3, rows[0].index("立案") + 1)
    assert (opened.is_date, opened.number_format) == (True, "yyyy-mm-dd hh:mm")
    # Printed, it is as wide as a page, and each page has the heads.
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$2")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.column_dimensions["D"].width > sheet.column_dimensions["A"].width
    for text in ("=1+1", "+1", "-1", "@x", "\t=1"):
        assert safe(text) == f"'{text}"


def test_a_list_as_a_file_names_every_holder_and_says_what_nobody_has(town: Town) -> None:
    """Nothing in a file is a code: an area itself, a channel, a source, a post nobody acts for."""
    number = live(town)["new"]
    town.do(number, "grid_member", outcome="resolved", measures="已改正")
    town.do(number, "grid_leader", verify_result="passed")
    derive(town.composition)
    leader = town.visitor("supervisor")
    sheets = {
        name: leader.get(f"/boards/export/{name}.csv").get_data().decode("utf-8-sig")
        for name in ("open", "closed", "areas", "holders")
    }

    (alarm,) = [
        line
        for line in sheets["open"].splitlines()
        if ",突发" in line or "X01" in line or "食物中毒" in line
    ]
    assert all(
        post in alarm for post in ("仙游县市场监督管理局：待认领", "莆田市应急处置服务中心：待认领")
    )
    assert sheets["areas"].splitlines()[-1].startswith("合计,")
    assert "待认领" in sheets["holders"]
    for text in sheets.values():
        assert not re.search(r"\b(calendar|web|hotline|grid_patrol|350322\d*)\b", text)


def test_every_list_of_a_board_leaves_in_the_words_of_its_reader(town: Town) -> None:
    live(town)
    leader = town.visitor("supervisor")
    for name in ("open", "closed", "areas", "holders"):
        chinese = leader.get(f"/boards/export/{name}.csv").get_data().decode("utf-8-sig")
        heads, *rows = csv.reader(io.StringIO(chinese))
        assert rows
        assert all(len(row) == len(heads) for row in rows)
        assert not any(re.search("[a-z]", head) for head in heads)
        leader.client.set_cookie("hangji_language", "en")
        english = leader.get(f"/boards/export/{name}.csv").get_data(as_text=True).splitlines()[0]
        assert not re.search("[\u4e00-\u9fff]", english)
        leader.client.delete_cookie("hangji_language")


def test_the_month_before_is_read_counted_and_taken_out_whole(town: Town) -> None:
    """A monthly report is written on the first of the next one, when this month is empty."""
    resolved = live(town)["resolved"]
    year, month = town.clock.now().year, town.clock.now().month
    later = datetime(year + month // 12, month % 12 + 1, 1, 9, 30, tzinfo=CHINA)
    town.wait_until(later)
    town.report(area="350322")
    leader = town.visitor("supervisor")

    lengths = {
        period: length(leader, f"/boards/closed?period={period}")
        for period in ("month", "last_month", "last_quarter")
    }
    home = numbers(leader.page("/home?period=last_month"))
    page = leader.page("/boards/export?period=last_month")
    (href,) = re.findall(r'href="(/boards/export/closed\.csv[^"]*)"', page)
    rows = leader.get(unescape(href)).get_data().decode("utf-8-sig").splitlines()

    assert (lengths["month"], lengths["last_month"]) == (0, 1)
    assert any("last_month" in path and count == 1 for path, count in home), home
    assert f"{year}-{month:02}-01 至 {year}-{month:02}-" in page
    assert len(rows) == 2
    assert resolved in rows[1]
    # How many came in, wherever they are by now; a file says of which days it is.
    (path,) = re.findall(r'href="(/boards/export/areas\.csv[^"]*)"', page)
    answer = leader.get(unescape(path))
    heads, *areas = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")))
    filed = {row[0]: int(row[heads.index("时段内立案")]) for row in areas}
    assert filed["合计"] == filed["仙游县"] == 4
    assert f"{year}-{month:02}-01%E8%87%B3" in answer.headers["Content-Disposition"]
