"""Lists of boards as files for a spreadsheet."""

from typing import Final

import marshmallow as ma
from flask import Response

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.spreadsheets import FORMS, as_file
from api.resources.dashboards import sheets
from api.resources.dashboards.shapes import BoardSearch

routes = Resource("dashboard_exports", "Lists of boards as files.")


class ExportSearch(BoardSearch):
    """Which list, in which form."""

    list = ma.fields.String(load_default="open", validate=ma.validate.OneOf(sorted(sheets.HEADS)))
    format = ma.fields.String(load_default="xlsx", validate=ma.validate.OneOf(sorted(FORMS)))


@routes.get(
    "/dashboards/export",
    needs=SIGNED_IN,
    gives=Gives(content_type=FORMS["xlsx"]),
    query=ExportSearch,
)
def export(ask: Ask) -> Response:
    """Export a list, as far as one may see it; it never names a reporter."""
    name, form = ask.query["list"], ask.query["format"]
    rows = [sheets.heads_of(name), *_ROWS[name](ask)]
    return as_file(rows, name, form, now=ask.now, title=sheets.title_of(ask, name))


_ROWS: Final = {
    "open": sheets.open_rows,
    "closed": sheets.closed_rows,
    "areas": sheets.area_rows,
    "holders": sheets.holder_rows,
}
