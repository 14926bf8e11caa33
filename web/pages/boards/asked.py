"""The query of a board: area, period, filter of a list."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, get_args

from flask import request, url_for

from engine.time import periods
from handlers.dashboards.closed_cases import ClosedFigure, ClosedFilter
from handlers.dashboards.open_cases import STEPS, Figure, OpenFilter
from storage.dashboards.facts import TimeRange
from storage.errors import FormInvalid, NotFound
from storage.moments import in_china, start_of
from storage.places.areas import significant_code
from web.frame.contract import hangji
from web.frame.language import t

Value = TypeVar("Value")

PERIODS: Final = ("week", "month", "quarter", "year")
FORMER: Final = {"last_month": "month", "last_quarter": "quarter", "last_year": "year"}
"""The one before, whole: what a report of a month is made of on the first of the next one."""
_NUMBERS: Final = ("officer", "age_from", "age_before")
_MOMENTS: Final = ("due_from", "due_before")
_LONGEST: Final = 18


def area() -> str | None:
    """The area an address names, None for all the reader may see."""
    code = _text("area")
    if code is None:
        return None
    try:
        return significant_code(code)
    except NotFound:
        raise _wrong("area") from None


def period_name() -> str:
    """The period an address names, this month by default."""
    return one_of("period", (*PERIODS, *FORMER), "month")


def period_of(name: str, now: datetime) -> TimeRange:
    """A period from its first day until now, or the whole one before."""
    first = periods.period_of(FORMER.get(name, name), in_china(now).date()).first
    if name not in FORMER:
        return TimeRange(start_of(first), now + timedelta(microseconds=1))
    former = periods.period_of(FORMER[name], first - timedelta(days=1))
    return TimeRange(start_of(former.first), start_of(former.after))


def period_words() -> dict[str, str]:
    """What the periods are called."""
    return {
        "week": t("本周", "This week"),
        "month": t("本月", "This month"),
        "quarter": t("本季", "This quarter"),
        "year": t("本年", "This year"),
        "last_month": t("上月", "Last month"),
        "last_quarter": t("上季", "Last quarter"),
        "last_year": t("上年", "Last year"),
    }


def open_filter() -> OpenFilter:
    """The filter of a list of open cases."""
    named: dict[str, Any] = {name: _number(name) for name in _NUMBERS}
    named |= {name: _moment(name) for name in _MOMENTS}
    step = _text("step")
    if step is not None and step not in STEPS:
        raise _wrong("step")
    return OpenFilter(
        figure=one_of("figure", get_args(Figure), "open"),
        area=area(),
        is_here=_text("is_here") == "1",
        step=step,
        post=_text("post"),
        **named,
    )


def closed_filter(now: datetime, *, me: int) -> ClosedFilter:
    """The filter of a list of closed cases; `me` is the reader, who may want their own."""
    return ClosedFilter(
        period=period_of(period_name(), now),
        figure=one_of("figure", get_args(ClosedFigure), "closed"),
        area=area(),
        is_here=_text("is_here") == "1",
        reason=_text("reason"),
        channel=_text("channel"),
        level=_text("level"),
        collector=me if _text("mine") == "1" else None,
    )


def hour() -> tuple[datetime | None, datetime | None]:
    """The moments between which something is first due, as far as an address names them."""
    return _moment("due_from"), _moment("due_before")


def open_list(**having: Any) -> str:
    """The address of a list of open cases."""
    return url_for("web.open_list", **_written(having))


def closed_list(**having: Any) -> str:
    """The address of a list of closed cases."""
    return url_for("web.closed_list", **_written(having))


def _written(having: Mapping[str, Any]) -> dict[str, Any]:
    written = {}
    for name, value in having.items():
        if isinstance(value, datetime):
            written[name] = value.isoformat()
        elif value is True:
            written[name] = "1"
        elif value is not None and value is not False:
            written[name] = value
    return written


def _text(name: str) -> str | None:
    value = request.args.get(name)
    if value:
        hangji().refuse_hostile({name: value})
    return value or None


def one_of(name: str, known: tuple[Value, ...], usual: Value) -> Value:
    """The value an address names, one of the known ones."""
    value: Any = _text(name) or usual
    if value not in known:
        raise _wrong(name)
    return value  # type: ignore[no-any-return]  # one of the known values


def _number(name: str) -> int | None:
    value = _text(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= _LONGEST):
        raise _wrong(name)
    return int(value)


def _moment(name: str) -> datetime | None:
    value = _text(name)
    if value is None:
        return None
    try:
        # A plus sign in an address that was typed by hand arrives as a blank.
        moment = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        raise _wrong(name) from None
    if moment.tzinfo is None:
        raise _wrong(name)
    return moment


def _wrong(name: str) -> FormInvalid:
    return FormInvalid.at(
        name,
        "地址里的条件不能识别，请从页面上的数字打开。",
        english=f"The filter {name} cannot be read; open the list by a figure of a board.",
    )
