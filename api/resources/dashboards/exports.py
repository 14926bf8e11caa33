"""Lists of boards as files for a spreadsheet: CSV and XLSX, safe to be opened."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import marshmallow as ma
from flask import Response
from openpyxl import Workbook

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.resources.dashboards import sheets
from api.resources.dashboards.shapes import BoardSearch
from storage.moments import in_china

routes = Resource("dashboard_exports", "Lists of boards as files.")

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportSearch(BoardSearch):
    """Which list, in which form."""

    list = ma.fields.String(load_default="open", validate=ma.validate.OneOf(sorted(sheets.HEADS)))
    format = ma.fields.String(load_default="xlsx", validate=ma.validate.OneOf(sorted(_TYPES)))


@routes.get(
    "/dashboards/export",
    needs=SIGNED_IN,
    gives=Gives(content_type=_TYPES["xlsx"]),
    query=ExportSearch,
)
def export(ask: Ask) -> Response:
    """Export a list, as far as one may see it; it never names a reporter."""
    name, form = ask.query["list"], ask.query["format"]
    rows = [sheets.heads_of(name), *_ROWS[name](ask)]
    written = [[safe(cell) for cell in row] for row in rows]
    response = Response((_csv if form == "csv" else _xlsx)(written))
    response.content_type = _TYPES[form]
    day = in_china(ask.now).strftime("%Y%m%d")
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


def _csv(rows: Iterable[sheets.Row]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    # With its mark a spreadsheet reads the file as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: Iterable[sheets.Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("hangji")
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_ROWS: Final = {
    "open": sheets.open_rows,
    "closed": sheets.closed_rows,
    "areas": sheets.area_rows,
    "holders": sheets.holder_rows,
}
