"""Lists as files for a spreadsheet: CSV and XLSX, safe to be opened."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from api.http.language import pick
from storage.moments import in_china

FORMS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The content type of each form."""

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDE: Final = 0x2E80
"""From this character on characters are twice as wide."""
_NARROWEST, _WIDEST = 6, 48
_MOMENT: Final = "yyyy-mm-dd hh:mm"
_SHEET_NAME: Final = 31

Row = Sequence[Any]


def as_file(rows: Iterable[Row], name: str, form: str, *, now: datetime, title: str) -> Response:
    """Answer with rows, the heads first, as a file that bears a name and the day.

    `title` says in the caller's language what the list is and of where; a sheet has it above the
    heads, with the moment and the count, and the file is called by it.
    """
    every = [list(row) for row in rows]
    response = Response(_csv(every) if form == "csv" else _xlsx(every, title, now))
    response.content_type = FORMS[form]
    day = in_china(now).strftime("%Y%m%d")
    called = quote(f"{title.replace(' ', '_')}_{day}.{form}")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=hangji-{name}-{day}.{form}; filename*=UTF-8''{called}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def safe(cell: Any) -> Any:
    """Return a cell no spreadsheet takes for a formula."""
    if isinstance(cell, datetime):
        return in_china(cell).strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, bool):
        return pick(("是", "yes") if cell else ("否", "no"))
    if isinstance(cell, str) and cell.startswith(_FORMULAS):
        return f"'{cell}"
    return "" if cell is None else cell


def _csv(rows: Iterable[Row]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([safe(cell) for cell in row] for row in rows)
    # With its mark a spreadsheet reads the file as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Row], title: str, now: datetime) -> bytes:
    """A sheet with a line that says what it is, frozen heads to filter by, moments as such."""
    book = Workbook(write_only=True)
    # What it is and of where; the days of a period have no room there.
    sheet = book.create_sheet(" ".join(title.split()[:2])[:_SHEET_NAME])
    for place, width in enumerate(_widths(rows), 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "B3"
    _fit_to_paper(sheet)
    last = get_column_letter(len(rows[0]))
    sheet.auto_filter.ref = f"A2:{last}{len(rows) + 1}"
    count, at = len(rows) - 1, in_china(now).strftime("%Y-%m-%d %H:%M")
    about = pick((f"{title}，{at} 导出，共 {count} 行", f"{title}, exported {at}, {count} rows"))
    sheet.append([_bold(sheet, about)])
    sheet.append([_bold(sheet, head) for head in rows[0]])
    for row in rows[1:]:
        sheet.append([_moment(sheet, c) if isinstance(c, datetime) else safe(c) for c in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fit_to_paper(sheet: Any) -> None:
    """Print it across one page of A4, the heads on every page."""
    sheet.page_setup.orientation = Worksheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:2"
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.HeaderFooter.oddFooter.center.text = "&P / &N"


def _bold(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, safe(text))
    cell.font = Font(bold=True)
    return cell


def _moment(sheet: Any, at: datetime) -> WriteOnlyCell:
    # A spreadsheet knows no time zones: it is told the clock of the city.
    cell = WriteOnlyCell(sheet, in_china(at).replace(tzinfo=None, second=0, microsecond=0))
    cell.number_format = _MOMENT
    return cell


def _widths(rows: Sequence[Row]) -> list[int]:
    """How wide each column has to be for what it holds, within bounds."""
    return [
        min(_WIDEST, max(_NARROWEST, *map(_width, column)) + 2)
        for column in zip(*rows, strict=True)
    ]


def _width(cell: Any) -> int:
    return sum(2 if ord(letter) >= _WIDE else 1 for letter in str(safe(cell)))
