"""The lists of boards as rows for a spreadsheet: what a person reads, in the caller's language."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from api.http.language import LANGUAGES, language
from api.http.request import Ask
from api.resources.dashboards.shapes import period_of
from engine.reads.clocks import clocks_of
from engine.reads.places import list_matters
from handlers.dashboards.boards import Board, read_board
from handlers.dashboards.closed_cases import NOBODY, ClosedFilter, list_closed_cases
from handlers.dashboards.open_cases import OpenFilter, list_open_cases
from storage.cases.cases import Case
from storage.cases.outcomes import OUTCOMES
from storage.dashboards.open_work import list_visible_cases
from storage.dashboards.words import SOURCES, STEPS
from storage.people.roles import ROLES

Row = Sequence[Any]

HEADS: Final[Mapping[str, tuple[str, str]]] = {
    "open": (
        (
            "案件编号,事项,情况描述,食品主体,地区,地区代码,紧要程度,环节,承办岗,承办人,来源,督办,"
            "立案,到期,已过工作日"
        ),
        (
            "Case,Matter,Description,Business,Area,Area code,Urgency,Step,Post,Officer,Source,"
            "Supervised,Opened,Due,Working days since"
        ),
    ),
    "closed": (
        (
            "案件编号,事项,情况描述,食品主体,地区,地区代码,来源,渠道,结果,处置层级,上报次数,"
            "核查未通过,应计自行办结,自行办结,办理工作分钟,立案,办结"
        ),
        (
            "Case,Matter,Description,Business,Area,Area code,Source,Channel,Result,Handled by,"
            "Times passed up,Times not verified,Came to the grid first,Solved by the grid,"
            "Office minutes,Opened,Closed"
        ),
    ),
    "areas": (
        (
            "地区,地区代码,在办,今日到期,已超期,督办,办结,办理用时中位数（工作分钟）,"
            "九成不超过（工作分钟）,应计自行办结,自行办结"
        ),
        (
            "Area,Area code,Open,Due today,Overdue,Supervised,Closed,Median office minutes,"
            "90 % within office minutes,Came to the grid first,Solved by the grid"
        ),
    ),
    "holders": (
        "岗位,人员,在手,今日到期,已超期",
        "Post,Officer,Open,Due today,Overdue",
    ),
}

_UNHANDLED: Final = ("未处置即结", "Ended unhandled")


def heads_of(name: str) -> list[str]:
    """The heads of the columns of a list."""
    return _said(HEADS[name]).split(",")


def open_rows(ask: Ask) -> Iterable[Row]:
    """The open cases, the most pressing first."""
    having = OpenFilter(area=ask.query.get("area"))
    found = list_open_cases(ask.session, clocks_of(ask.reading), having, actor=ask.actor)
    ids = [one.first.case_id for one in found]
    cases = list_visible_cases(ask.session, ids, actor=ask.actor)
    names = ask.reading.learn(
        posts=(one.first.post_id for one in found),
        areas=(one.first.area_code for one in found),
        officers=(one.first.officer_id for one in found),
        businesses=(case.business_id for case in cases.values()),
    )
    for one in found:
        first, case = one.first, cases[one.first.case_id]
        yield (
            first.number,
            *_about(ask, case),
            names.businesses.get(case.business_id or 0),
            names.areas.get(first.area_code),
            first.area_code,
            _said(STEPS[one.step]),
            first.label,
            names.posts.get(first.post_id or ""),
            names.officers.get(first.officer_id or 0),
            _source(first.source),
            first.supervised,
            first.case_opened_at,
            first.due_at if first.is_running else None,
            one.age,
        )


def closed_rows(ask: Ask) -> Iterable[Row]:
    """The cases closed in the period, the last closed first."""
    having = ClosedFilter(period=period_of(ask), area=ask.query.get("area"))
    facts = list_closed_cases(ask.session, having, actor=ask.actor)
    cases = list_visible_cases(ask.session, [one.case_id for one in facts], actor=ask.actor)
    names = ask.reading.learn(
        areas=(one.area_code for one in facts),
        businesses=(case.business_id for case in cases.values()),
    )
    for one in facts:
        case = cases[one.case_id]
        yield (
            case.number,
            *_about(ask, case),
            names.businesses.get(case.business_id or 0),
            names.areas.get(one.area_code),
            one.area_code,
            _source(one.source),
            one.channel,
            _outcome(one.outcome),
            _level(one.handled_level),
            one.passes,
            one.failed_verifications,
            one.is_eligible,
            one.is_self_resolved,
            one.minutes,
            one.opened_at,
            one.closed_at,
        )


def area_rows(ask: Ask) -> Iterable[Row]:
    """The areas of a board."""
    board = _board(ask)
    names = ask.reading.learn(areas=(row.code for row in board.areas))
    for row in board.areas:
        yield (
            names.areas.get(row.code),
            row.code,
            *row.counts[:4],
            row.times.count,
            row.times.median,
            row.times.p90,
            row.rate.eligible,
            row.rate.resolved,
        )


def holder_rows(ask: Ask) -> Iterable[Row]:
    """Who has what."""
    board = _board(ask)
    names = ask.reading.learn(
        posts=(row.post for row in board.holders), officers=(row.officer for row in board.holders)
    )
    for row in board.holders:
        post, officer = names.posts.get(row.post or ""), names.officers.get(row.officer or 0)
        yield post, officer, *row.counts[:3]


def _board(ask: Ask) -> Board:
    return read_board(
        ask.session,
        clocks_of(ask.reading),
        actor=ask.actor,
        period=period_of(ask),
        area=ask.query.get("area"),
    )


def _about(ask: Ask, case: Case) -> tuple[str, str]:
    """The matter by its published name, and what was reported."""
    known = {one.code: (one.name_zh, one.name_en) for one in list_matters(ask.reading)}
    pair = known.get(case.matter or "")
    return (_said(pair) if pair else case.title), case.description


def _source(source: str) -> str:
    named = SOURCES.get(source)
    return _said(named) if named else source


def _outcome(outcome: str | None) -> str:
    drawn = OUTCOMES.get(outcome or "")
    return _said((drawn.name_zh, drawn.name_en)) if drawn else (outcome or "")


def _level(role: str | None) -> str:
    known = ROLES.get(role or "")
    if known is None:
        return _said(_UNHANDLED) if role in {None, NOBODY} else str(role)
    return _said((known.name_zh, known.name_en))


def _said(pair: tuple[str, str]) -> str:
    return pair[LANGUAGES.index(language())]
