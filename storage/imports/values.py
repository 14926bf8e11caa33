"""Typed values of cells: days, numbers, codes of areas."""

import re
from datetime import date, timedelta
from typing import Final

from storage.errors import NotFound
from storage.imports.rows import Row
from storage.places.areas import significant_code
from storage.texts import plain

_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|年(\d{1,2})月)(\d{1,2})日?", re.ASCII)
_SERIAL: Final = re.compile(r"\d{5}(\.0+)?", re.ASCII)
# A spreadsheet counts days from here; its own 29 February 1900 never was.
_SERIAL_ZERO: Final = date(1899, 12, 30)
_YEARS: Final = range(2000, 2100)
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)


def day_of(row: Row, column: str) -> date:
    """Return the day of a cell: 2027-1-4, 2027/1/4, 2027年1月4日 or a spreadsheet's number."""
    text = plain(row.required(column)).replace(" ", "")
    day = _day(text)
    if day is None or day.year not in _YEARS:
        row.refuse(
            column,
            f"“{text}”不是日期，请写成 2027-01-04、2027/1/4 或 2027年1月4日 (no such day)",
        )
    return day


def number_of(row: Row, column: str) -> float | None:
    """Return the number of a cell, None for an empty one."""
    text = plain(row.text(column))
    if text and not _NUMBER.fullmatch(text):
        row.refuse(column, f"“{text}”不是数字，请写成 25.24 这样的小数 (no number)")
    return float(text) if text else None


def area_code_of(row: Row, column: str) -> str:
    """Return the significant digits of an area code; the zero-padded form is read, too."""
    text = plain(row.required(column))
    if re.search(r"[eE]\+", text):
        row.refuse(column, f"“{text}”是科学计数，{AS_TEXT}")
    try:
        return significant_code(text)
    except NotFound as error:
        return row.refuse(column, error.message.rstrip("。"))


AS_TEXT: Final = (
    "编码已被表格软件改坏：请把这一列的格式设为“文本”后重新填写"
    " (damaged by the spreadsheet: format the column as text and fill it in again)"
)


def _day(text: str) -> date | None:
    if _SERIAL.fullmatch(text):
        return _SERIAL_ZERO + timedelta(days=int(float(text)))
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, *months, day = match.groups()
    try:
        return date(int(year), int(next(filter(None, months))), int(day))
    except ValueError:
        return None
