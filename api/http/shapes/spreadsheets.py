"""Lists as files for a spreadsheet: CSV and XLSX, safe to be opened."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from flask import Response
from openpyxl import Workbook

from storage.moments import in_china

FORMS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The content type of each form."""

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")

Row = Sequence[Any]


def as_file(rows: Iterable[Row], name: str, form: str, *, now: datetime) -> Response:
    """Answer with rows as a file that bears a name and the day."""
    written = [[safe(cell) for cell in row] for row in rows]
    response = Response((_csv if form == "csv" else _xlsx)(written))
    response.content_type = FORMS[form]
    day = in_china(now).strftime("%Y%m%d")
    response.headers["Content-Disposition"] = f"attachment; filename=hangji-{name}-{day}.{form}"
    response.headers["Cache-Control"] = "no-store"
    return response


def safe(cell: Any) -> Any:
    """Return a cell no spreadsheet takes for a formula."""
    if isinstance(cell, datetime):
        return in_china(cell).strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, str) and cell.startswith(_FORMULAS):
        return f"'{cell}"
    return "" if cell is None else cell


def _csv(rows: Iterable[Row]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    # With its mark a spreadsheet reads the file as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Iterable[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("hangji")
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
