"""Pages of boards: the analysis, who has what, the lists behind numbers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import render_template, request, url_for

from engine.reads.cases import brief_cases
from engine.reads.clocks import clocks_of
from engine.reads.legends import read_answers
from engine.reads.reading import Reading
from engine.reads.tasks import brief_tasks, holders_of
from handlers.dashboards.closed_cases import ClosedFilter, channels_of, levels_of, reasons_of
from handlers.dashboards.lists import closed_page, open_page
from storage.dashboards.open_work import list_visible_cases, list_with_cases
from web.frame import sessions
from web.frame.answers import new_key
from web.frame.contract import hangji
from web.frame.language import pick, t
from web.frame.naming import Names, names_for, role_name
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.words import word
from web.frame.work import WorkRow, case_row_of, held_by, rows_of
from web.pages.boards import asked, leader
from web.pages.boards.drawn import area_lines, holder_lines, narrowed
from web.pages.boards.tiles import rate_tile
from web.pages.tasks.bulk import FORMS


@site.get("/boards")
@sessions.signed_in
def boards() -> Any:
    """The analysis of an area: rates, times, reasons, channels, open loops."""
    return render_template("boards/analysis.html", **seen(_analysis))


@site.get("/boards/holders")
@sessions.signed_in
def holders() -> Any:
    """Who has what, all of them."""
    return render_template("boards/holders.html", **seen(_holders))


@site.get("/boards/open")
@sessions.signed_in
def open_list() -> Any:
    """The open cases a number counts."""
    return render_template("boards/list.html", **seen(_open), key=new_key())


@site.get("/boards/closed")
@sessions.signed_in
def closed_list() -> Any:
    """The closed cases a number counts."""
    return render_template("boards/list.html", **seen(_closed))


def _analysis(reading: Reading) -> dict[str, Any]:
    looked = leader.look(reading)
    closed = {"area": looked.area, "period": looked.period}
    address = url_for("web.boards")
    facts = looked.board.facts
    lines = area_lines(
        looked.board, looked.names, looked.clocks, period=looked.period, down=address
    )
    return {
        **leader.frame(looked),
        "rate": rate_tile(looked),
        "times": leader.times(looked),
        "closed": (len(facts), asked.closed_list(**closed)),
        "no_result": (
            sum(fact.outcome is None for fact in facts),
            asked.closed_list(**closed, figure="no_result"),
        ),
        "areas": lines,
        "barred": lines[: leader.MOST_AREAS],
        "totals": leader.totals(looked),
        "loops": leader.loops(looked),
        "reasons": _shares(reasons_of(facts), "reason", closed, _answers(reading, "reason_code")),
        "channels": _shares(channels_of(facts), "channel", closed, _answers(reading, "channel")),
        "levels": _shares(levels_of(facts), "level", closed, _level),
        "trend": leader.trend(looked),
    }


def _shares(
    counted: Iterable[tuple[str, int]], name: str, closed: dict[str, Any], called: Any
) -> list[dict[str, Any]]:
    return [
        {
            "label": called(value),
            "count": count,
            "href": asked.closed_list(**closed, **{name: value}),
        }
        for value, count in counted
    ]


def _answers(reading: Reading, field: str) -> Callable[[str], str]:
    """The labels of the answers to a field, as its form has them; words for the others."""
    labels = read_answers(reading, field)
    return lambda code: pick(labels[code]) if code in labels else word(code)


def _level(role: str) -> str:
    return t("未处置即结", "Ended unhandled") if role == "none" else role_name(role)


def _holders(reading: Reading) -> dict[str, Any]:
    looked = leader.look(reading)
    rows = holder_lines(looked.board.holders, looked.names, looked.clocks, area=looked.area)
    return {**leader.frame(looked), "holders": rows}


def _open(reading: Reading) -> dict[str, Any]:
    having = asked.open_filter()
    page = open_page(
        reading.session, clocks_of(reading), having, actor=reading.actor, cursor=cursor()
    )
    keys = [case.first.key for case in page.items]
    found = list_with_cases(reading.session, keys, actor=reading.actor)
    briefs = brief_tasks(reading, [found[key] for key in keys if key in found])
    holders = holders_of(reading, [brief.case.number for brief in briefs])
    people = [each for its in holders.values() for each in its]
    names = names_for(
        reading,
        posts=[having.post, *(post for _, post in people)],
        areas=[*(brief.area for brief in briefs), having.area],
        officers=[having.officer, *(officer for officer, _ in people)],
        businesses=(brief.case.business for brief in briefs),
    )
    listed_ = rows_of(briefs, names, now=reading.now, actor=reading.actor)
    rows = held_by([_of_a_watcher(row) for row in listed_], holders, names, reading.actor)
    figures = {
        "open": t("在办", "Open"),
        "today": t("今日到期", "Due today"),
        "overdue": t("已超期", "Overdue"),
        "supervised": t("督办中", "Supervised"),
        "emergency": t("突发", "Emergencies"),
    }
    return {
        "heading": figures[having.figure],
        "narrowed": [*_where(having.area, names), *narrowed(having, names, reading.now)],
        "total": page.total,
        "rows": rows,
        "may_tick": any({"chase", "supervise"} & set(row.acts) for row in rows),
        "back": _back(having.area),
        "next": _next("web.open_list", page.next),
        "is_open": True,
    }


def _closed(reading: Reading) -> dict[str, Any]:
    having = asked.closed_filter(reading.now, me=reading.actor.id)
    page = closed_page(reading.session, having, actor=reading.actor, cursor=cursor())
    found = list_visible_cases(
        reading.session, [fact.case_id for fact in page.items], actor=reading.actor
    )
    briefs = brief_cases(found[one.case_id] for one in page.items if one.case_id in found)
    names = names_for(
        reading,
        areas=[*(brief.area for brief in briefs), having.area],
        businesses=(brief.business_id for brief in briefs),
    )
    figures = {
        "closed": t("已办结", "Closed"),
        "eligible": t("应计自行办结的案件", "Cases that came to the grid first"),
        "self_resolved": t("网格自行办结", "Solved by the grid"),
        "passed_up": t("上报过的", "Passed up"),
        "no_result": t("没有结果就结束的", "Ended without a result"),
    }
    return {
        "heading": figures[having.figure],
        "narrowed": [
            *_where(having.area, names),
            asked.period_words()[asked.period_name()],
            *_chosen(having, reading),
        ],
        "total": page.total,
        "rows": [case_row_of(brief, names, now=reading.now) for brief in briefs],
        "back": _back(having.area),
        "next": _next("web.closed_list", page.next),
        "is_open": False,
    }


def _of_a_watcher(row: WorkRow) -> WorkRow:
    """A row with what the list offers on it: a watcher's acts, the others are of the inbox."""
    acts = tuple(act for act in row.acts if act in FORMS)
    return replace(row, acts=acts, act="", is_next=False)


def _back(area: str | None) -> dict[str, str]:
    """Where a number was pressed: the analysis, else the first page, of the same area."""
    page, label = "web.my_home", t("首页", "Home")
    if urlsplit(request.referrer or "").path == url_for("web.boards"):
        page, label = "web.boards", t("分析", "Analysis")
    return {"href": url_for(page, area=area), "label": label}


def _where(area: str | None, names: Names) -> list[str]:
    return [names.areas[area]] if area and area in names.areas else []


def _chosen(having: ClosedFilter, reading: Reading) -> Iterator[str]:
    """What else narrows a list of closed cases."""
    if having.reason is not None:
        yield _answers(reading, "reason_code")(having.reason)
    if having.channel is not None:
        yield _answers(reading, "channel")(having.channel)
    if having.level is not None:
        yield _level(having.level)
    if having.collector is not None:
        yield t("我采集的", "Collected by me")


def _next(page: str, place: str | None) -> str | None:
    """The address of the same list from where this page of it ended."""
    sealed = hangji().seal(place)
    kept: dict[str, Any] = dict(request.args.items())
    return None if sealed is None else url_for(page, **{**kept, "cursor": sealed})
