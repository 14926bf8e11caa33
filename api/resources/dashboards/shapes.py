"""Queries and responses of boards."""

from datetime import datetime, timedelta
from typing import Any, Final, get_args

import marshmallow as ma

from api.http.routes import Ask
from api.http.shapes.cases import Paged
from api.http.shapes.fields import AreaCode, Moment
from handlers.dashboards.closed_cases import ClosedFigure, ClosedFilter
from handlers.dashboards.open_cases import STEPS, Figure, OpenFilter
from storage.dashboards.facts import TimeRange
from storage.moments import in_china, start_of

_WORD: Final = ma.validate.Length(1, 100)
_AGE: Final = ma.validate.Range(0, 100_000)


class BoardSearch(ma.Schema):
    """Of which areas, and which closed cases count: by default those of this month."""

    area = AreaCode(metadata={"description": "With its whole subtree"})
    closed_from = Moment()
    closed_before = Moment()


class OpenSearch(Paged):
    """Which open cases; a number of a board is the length of this list."""

    figure = ma.fields.String(load_default="open", validate=ma.validate.OneOf(get_args(Figure)))
    area = AreaCode(metadata={"description": "With its whole subtree"})
    is_here = ma.fields.Boolean(metadata={"description": "Without what lies in areas below"})
    step = ma.fields.String(validate=ma.validate.OneOf(STEPS))
    post = ma.fields.String(validate=_WORD)
    officer = ma.fields.Integer(
        validate=ma.validate.Range(0, 10**15), metadata={"description": "0: nobody of the post"}
    )
    due_from = Moment()
    due_before = Moment()
    age_from = ma.fields.Integer(validate=_AGE, metadata={"description": "In working days"})
    age_before = ma.fields.Integer(validate=_AGE)


class ClosedSearch(BoardSearch, Paged):
    """Which closed cases; a number of a board is the length of this list."""

    figure = ma.fields.String(
        load_default="closed", validate=ma.validate.OneOf(get_args(ClosedFigure))
    )
    is_here = ma.fields.Boolean(metadata={"description": "Without what lies in areas below"})
    reason = ma.fields.String(validate=_WORD)
    channel = ma.fields.String(validate=_WORD)
    level = ma.fields.String(validate=_WORD)


class CountsShown(ma.Schema):
    """Open cases, and how many of them press."""

    open = ma.fields.Integer()
    today = ma.fields.Integer()
    overdue = ma.fields.Integer()
    supervised = ma.fields.Integer()
    emergency = ma.fields.Integer()


class TimesShown(ma.Schema):
    """Handling time of closed cases, in minutes of office time."""

    count = ma.fields.Integer()
    median = ma.fields.Integer(allow_none=True)
    p90 = ma.fields.Integer(allow_none=True)


class RateShown(ma.Schema):
    """Events the grid resolved without a department, of those that came to it first."""

    resolved = ma.fields.Integer()
    eligible = ma.fields.Integer()


class AreaRowShown(ma.Schema):
    """One area of the level below."""

    code = ma.fields.String()
    is_here = ma.fields.Boolean()
    counts = ma.fields.Nested(CountsShown)
    steps = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    times = ma.fields.Nested(TimesShown)
    rate = ma.fields.Nested(RateShown)


class HolderRowShown(ma.Schema):
    """What one person, or nobody yet of a post, has in hand."""

    post = ma.fields.String(allow_none=True)
    officer = ma.fields.Integer(allow_none=True)
    counts = ma.fields.Nested(CountsShown)
    oldest_due = ma.fields.Function(lambda row: _moment_of(row.oldest_due))


class BoardShown(ma.Schema):
    """One board; each number is the length of a list of `/dashboards/open` or `/closed`."""

    area = ma.fields.String(allow_none=True)
    closed_from = Moment(attribute="period.since")
    closed_before = Moment(attribute="period.before")
    counts = ma.fields.Nested(CountsShown)
    open_a_week_ago = ma.fields.Integer()
    steps = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    areas = ma.fields.List(ma.fields.Nested(AreaRowShown))
    holders = ma.fields.List(ma.fields.Nested(HolderRowShown))
    loops = ma.fields.List(ma.fields.Dict(), metadata={"description": "Open cases by age"})
    rate = ma.fields.Nested(RateShown)
    rate_before = ma.fields.Nested(RateShown)
    times = ma.fields.Nested(TimesShown)
    reasons = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    channels = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    levels = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    trend = ma.fields.List(ma.fields.Dict())


class OpenCaseShown(ma.Schema):
    """One open case, by its most pressing task."""

    number = ma.fields.String(attribute="first.number")
    title = ma.fields.String(attribute="first.title")
    matter = ma.fields.String(attribute="first.matter", allow_none=True)
    area = ma.fields.String(attribute="first.area_code")
    priority = ma.fields.String(attribute="first.priority")
    supervised = ma.fields.Boolean(attribute="first.supervised")
    task = ma.fields.String(attribute="first.task_id")
    post = ma.fields.String(attribute="first.post_id", allow_none=True)
    officer = ma.fields.Integer(attribute="first.officer_id", allow_none=True)
    step = ma.fields.String()
    age = ma.fields.Integer()
    opened_at = Moment(attribute="first.case_opened_at")


class OpenCasePage(ma.Schema):
    """Open cases, the most pressing first."""

    items = ma.fields.List(ma.fields.Nested(OpenCaseShown))
    next = ma.fields.String(allow_none=True)


class ClosedCaseShown(ma.Schema):
    """The statistics of one closed case."""

    number = ma.fields.String()
    area = ma.fields.String()
    kind = ma.fields.String()
    source = ma.fields.String()
    channel = ma.fields.String(allow_none=True)
    matter = ma.fields.String(allow_none=True)
    outcome = ma.fields.String(allow_none=True)
    handled_level = ma.fields.String(allow_none=True)
    passes = ma.fields.Integer()
    pass_reasons = ma.fields.Dict()
    failed_verifications = ma.fields.Integer()
    reopened = ma.fields.Integer()
    is_eligible = ma.fields.Boolean()
    is_self_resolved = ma.fields.Boolean()
    minutes = ma.fields.Integer()
    minutes_by_level = ma.fields.Dict()
    opened_at = Moment()
    closed_at = Moment()


class ClosedCasePage(ma.Schema):
    """Closed cases, the last closed first."""

    items = ma.fields.List(ma.fields.Nested(ClosedCaseShown))
    next = ma.fields.String(allow_none=True)


class ComingShown(ma.Schema):
    """One thing that would happen automatically."""

    at = Moment()
    number = ma.fields.String(attribute="task.number")
    task = ma.fields.String(attribute="task.task_id")
    post = ma.fields.String(attribute="task.post_id", allow_none=True)
    act = ma.fields.String()
    rule = ma.fields.String()
    tells = ma.fields.String()


class ForecastShown(ma.Schema):
    """What would happen if nobody acted, in order."""

    items = ma.fields.List(ma.fields.Nested(ComingShown))


def period_of(ask: Ask) -> TimeRange:
    """Return the period a caller names, by default this month until now."""
    first = start_of(in_china(ask.now).date().replace(day=1))
    before = ask.query.get("closed_before", ask.now + timedelta(microseconds=1))
    return TimeRange(ask.query.get("closed_from", min(first, before)), before)


def open_filter(ask: Ask) -> OpenFilter:
    """Return the filter of a list of open cases."""
    return OpenFilter(**_without_page(ask.query))


def closed_filter(ask: Ask) -> ClosedFilter:
    """Return the filter of a list of closed cases."""
    named = _without_page(ask.query)
    named = {name: value for name, value in named.items() if not name.startswith("closed_")}
    return ClosedFilter(period=period_of(ask), **named)


def _without_page(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if name not in {"cursor", "limit"}}


def _moment_of(at: datetime | None) -> str | None:
    return None if at is None else in_china(at).isoformat()
