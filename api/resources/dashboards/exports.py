"""Lists of boards as files for a spreadsheet: CSV and XLSX, safe to be opened."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import marshmallow as ma
from flask import Response
from openpyxl import Workbook

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.resources.dashboards.shapes import BoardSearch, period_of
from engine.reads.clocks import clocks_of
from handlers.dashboards.boards import read_board
from handlers.dashboards.closed_cases import ClosedFilter, list_closed_cases
from handlers.dashboards.open_cases import OpenFilter, list_open_cases
from storage.dashboards.open_work import list_visible_cases
from storage.moments import in_china

routes = Resource("dashboard_exports", "Lists of boards as files.")

Row = Sequence[Any]

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_HEADS: Final = {
    "open": (
        "案件编号 number,事项 title,地区代码 area,紧要程度 urgency,环节 task,承办岗 post,"
        "来源 source,督办 supervised,立案 opened,到期 due,已过工作日 working days"
    ),
    "closed": (
        "案件编号 number,事项代码 matter,地区代码 area,来源 source,渠道 channel,结果 outcome,"
        "处置层级 handled at,上报次数 passed up,核查未通过 not verified,应计 eligible,"
        "自行办结 by the grid,工作分钟 office minutes,立案 opened,办结 closed"
    ),
    "areas": (
        "地区代码 area,在办 open,今日到期 due today,已超期 overdue,督办 supervised,"
        "办结 closed,中位工作分钟 median,九成不超过 p90,应计 eligible,自行办结 by the grid"
    ),
    "holders": "岗位 post,人员编号 officer,在手 open,今日到期 due today,已超期 overdue",
}


class ExportSearch(BoardSearch):
    """Which list, in which form."""

    list = ma.fields.String(load_default="open", validate=ma.validate.OneOf(sorted(_HEADS)))
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
    rows = [_HEADS[name].split(","), *_ROWS[name](ask)]
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


def _open(ask: Ask) -> Iterable[Row]:
    having = OpenFilter(area=ask.query.get("area"))
    clocks = clocks_of(ask.reading)
    for case in list_open_cases(ask.session, clocks, having, actor=ask.actor):
        one = case.first
        yield (
            one.number,
            one.title,
            one.area_code,
            case.step,
            one.label,
            one.post_id,
            one.source,
            one.supervised,
            one.case_opened_at,
            one.due_at if one.is_running else None,
            case.age,
        )


def _closed(ask: Ask) -> Iterable[Row]:
    having = ClosedFilter(period=period_of(ask), area=ask.query.get("area"))
    facts = list_closed_cases(ask.session, having, actor=ask.actor)
    cases = list_visible_cases(ask.session, [one.case_id for one in facts], actor=ask.actor)
    for one in facts:
        yield (
            cases[one.case_id].number,
            one.matter,
            one.area_code,
            one.source,
            one.channel,
            one.outcome,
            one.handled_level,
            one.passes,
            one.failed_verifications,
            one.is_eligible,
            one.is_self_resolved,
            one.minutes,
            one.opened_at,
            one.closed_at,
        )


def _areas(ask: Ask) -> Iterable[Row]:
    for row in _board(ask).areas:
        yield (
            row.code,
            *row.counts[:4],
            row.times.count,
            row.times.median,
            row.times.p90,
            row.rate.eligible,
            row.rate.resolved,
        )


def _holders(ask: Ask) -> Iterable[Row]:
    for row in _board(ask).holders:
        yield row.post, row.officer, *row.counts[:3]


def _board(ask: Ask) -> Any:
    return read_board(
        ask.session,
        clocks_of(ask.reading),
        actor=ask.actor,
        period=period_of(ask),
        area=ask.query.get("area"),
    )


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


_ROWS: Final = {"open": _open, "closed": _closed, "areas": _areas, "holders": _holders}
