"""Boards: what is open, who has it, what closed, and the list behind each number."""

from typing import Any

from api.http import cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.resources.dashboards.shapes import (
    BoardSearch,
    BoardShown,
    ClosedCasePage,
    ClosedSearch,
    ForecastShown,
    OpenCasePage,
    OpenSearch,
    closed_filter,
    open_filter,
    period_of,
)
from engine.reads.clocks import clocks_of
from engine.reads.forecast import forecast
from handlers.dashboards.boards import Board, read_board
from handlers.dashboards.closed_cases import channels_of, levels_of, reasons_of
from handlers.dashboards.lists import closed_page, open_page
from handlers.dashboards.open_cases import AGES
from storage.dashboards.facts import Fact
from storage.dashboards.open_work import list_open_work, list_visible_cases

routes = Resource("dashboards", "Boards of leaders and supervisors.")


@routes.get("/dashboards/board", needs=SIGNED_IN, gives=Gives(BoardShown), query=BoardSearch)
def board(ask: Ask) -> dict[str, Any]:
    """Count what is open in one's areas, who has it, and what closed in a period."""
    clocks = clocks_of(ask.reading)
    area = ask.query.get("area")
    counted = read_board(ask.session, clocks, actor=ask.actor, period=period_of(ask), area=area)
    return shown(counted)


@routes.get("/dashboards/open", needs=SIGNED_IN, gives=Gives(OpenCasePage), query=OpenSearch)
def open_list(ask: Ask) -> dict[str, Any]:
    """List the open cases a number counts, the most pressing first."""
    page = open_page(
        ask.session,
        clocks_of(ask.reading),
        open_filter(ask),
        actor=ask.actor,
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get("/dashboards/closed", needs=SIGNED_IN, gives=Gives(ClosedCasePage), query=ClosedSearch)
def closed_list(ask: Ask) -> dict[str, Any]:
    """List the closed cases a number counts, the last closed first."""
    page = closed_page(
        ask.session,
        closed_filter(ask),
        actor=ask.actor,
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": _with_numbers(ask, page.items), "next": cursors.next_of(ask, page)}


@routes.get("/dashboards/forecast", needs=SIGNED_IN, gives=Gives(ForecastShown), query=BoardSearch)
def coming(ask: Ask) -> dict[str, Any]:
    """Rehearse limits and chase rules for the next 24 hours; nothing is written."""
    tasks = list_open_work(ask.session, actor=ask.actor, area=ask.query.get("area"))
    return {"items": forecast(ask.reading, tasks)}


def shown(counted: Board) -> dict[str, Any]:
    """Write a board as the API shows it."""
    named = {name: getattr(counted, name) for name in counted.__dataclass_fields__}
    ages = [
        {"age_from": first, "age_before": before, "open": number}
        for (first, before), number in zip(AGES, counted.loops, strict=True)
    ]
    return {
        **named,
        "loops": ages,
        "reasons": dict(reasons_of(counted.facts)),
        "channels": dict(channels_of(counted.facts)),
        "levels": dict(levels_of(counted.facts)),
        "trend": [{**day._asdict(), "on": day.on.isoformat()} for day in counted.trend],
    }


def _with_numbers(ask: Ask, facts: tuple[Fact, ...]) -> list[dict[str, Any]]:
    cases = list_visible_cases(ask.session, [fact.case_id for fact in facts], actor=ask.actor)
    return [
        {**fact._asdict(), "number": cases[fact.case_id].number, "area": fact.area_code}
        for fact in facts
    ]
