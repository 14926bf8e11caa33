"""The lists of boards as rows for a spreadsheet: what a person reads, in the caller's language."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from api.http.language import LANGUAGES, language
from api.http.request import Ask
from api.resources.dashboards.shapes import period_of
from engine.reads.clocks import clocks_of
from engine.reads.legends import read_answers
from engine.reads.places import list_matters
from handlers.dashboards.boards import Board, Counts, child_length, read_board
from handlers.dashboards.closed_cases import (
    NOBODY,
    ClosedFilter,
    Rate,
    Times,
    list_closed_cases,
)
from handlers.dashboards.open_cases import OpenCase, OpenFilter, list_open_cases
from storage.cases.cases import Case
from storage.cases.outcomes import OUTCOMES
from storage.dashboards.facts import list_filed
from storage.dashboards.open_work import list_visible_cases
from storage.dashboards.words import PRIORITIES, SOURCES, STEPS
from storage.people.names import CaseNames
from storage.people.roles import ROLES
from storage.places.areas import smallest_around
from storage.places.levels import CODE_LENGTHS, AreaLevel

Row = Sequence[Any]

HEADS: Final[Mapping[str, tuple[str, str]]] = {
    "open": (
        (
            "案件编号,等级,事项,情况描述,食品主体,地区,紧要程度,超期小时,环节,经办,来源,督办,"
            "立案,到期,已过工作日"
        ),
        (
            "Case,Priority,Matter,Description,Business,Area,Urgency,Hours over,Step,Held by,Source,"
            "Supervised,Opened,Due,Working days since"
        ),
    ),
    "closed": (
        (
            "案件编号,等级,事项,情况描述,食品主体,地区,来源,渠道,结果,处置层级,上报次数,"
            "核查未通过,应计自行办结,自行办结,办理工作分钟,立案,办结"
        ),
        (
            "Case,Priority,Matter,Description,Business,Area,Source,Channel,Result,Handled by,"
            "Times passed up,Times not verified,Came to the grid first,Solved by the grid,"
            "Office minutes,Opened,Closed"
        ),
    ),
    "areas": (
        (
            "地区,时段内立案,此刻在办,此刻今日到期,此刻已超期,此刻督办,时段内办结,办理用时中位数（工作分钟）,"
            "九成不超过（工作分钟）,应计自行办结,自行办结"
        ),
        (
            "Area,Filed,Open now,Due today now,Overdue now,Supervised now,Closed,"
            "Median office minutes,90 % within office minutes,Came to the grid first,"
            "Solved by the grid"
        ),
    ),
    "holders": (
        "岗位,人员,在手,今日到期,已超期",
        "Post,Officer,Open,Due today,Overdue",
    ),
}

_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("在办案件", "Open cases"),
    "closed": ("办结案件", "Closed cases"),
    "areas": ("各地办理情况", "Areas"),
    "holders": ("谁手里有什么", "Who has what"),
}
_OF_A_PERIOD: Final = frozenset({"closed", "areas"})
_TOTAL: Final = ("合计", "Together")
_UNCLAIMED: Final = ("待认领", "unclaimed")
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
        posts=(task.post_id for one in found for task in one.tasks),
        areas=_around(one.first.area_code for one in found),
        officers=(task.officer_id for one in found for task in one.tasks),
        businesses=(case.business_id for case in cases.values()),
    )
    for one in found:
        first, case = one.first, cases[one.first.case_id]
        yield (
            first.number,
            _priority(case),
            *_about(ask, case),
            names.businesses.get(case.business_id or 0),
            _place(first.area_code, names),
            _said(STEPS[one.step]),
            _hours_over(one, ask),
            first.label,
            _holders(one, names),
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
        areas=_around(one.area_code for one in facts),
        businesses=(case.business_id for case in cases.values()),
    )
    channels = read_answers(ask.reading, "channel")
    for one in facts:
        case = cases[one.case_id]
        yield (
            case.number,
            _priority(case),
            *_about(ask, case),
            names.businesses.get(case.business_id or 0),
            _place(one.area_code, names),
            _source(one.source),
            _answer(channels, one.channel),
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
    """The areas of a board, and all of them together."""
    board = _board(ask)
    names = ask.reading.learn(areas=(row.code for row in board.areas))
    filed = list_filed(
        ask.session, actor=ask.actor, area=ask.query.get("area"), opened=period_of(ask)
    )
    length = child_length(ask.actor, ask.query.get("area"))
    by_area = Counter(code[:length] for code in filed)
    for row in board.areas:
        name = names.areas.get(row.code, row.code)
        itself = _said((f"{name}本级", f"{name} itself")) if row.is_here else name
        yield itself, by_area[row.code], *_figures(row.counts, row.times, row.rate)
    yield _said(_TOTAL), len(filed), *_figures(board.counts, board.times, board.rate)


def holder_rows(ask: Ask) -> Iterable[Row]:
    """Who has what."""
    board = _board(ask)
    names = ask.reading.learn(
        posts=(row.post for row in board.holders), officers=(row.officer for row in board.holders)
    )
    for row in board.holders:
        officer = names.officers.get(row.officer or 0) or _said(_UNCLAIMED)
        yield names.posts.get(row.post or ""), officer, *row.counts[:3]


def title_of(ask: Ask, name: str) -> str:
    """What a list is and of where, as a file is called."""
    whole = ask.query.get("area") or smallest_around(ask.actor.prefixes) or ""
    place = ask.reading.learn(areas=[whole]).areas.get(whole, "") if whole else ""
    when = _days(ask) if name in _OF_A_PERIOD else ""
    return " ".join(part for part in (_said(_TITLES[name]), place, when) if part)


def _days(ask: Ask) -> str:
    """The first and the last day of the period."""
    first, last = period_of(ask).days
    return _said((f"{first}至{last}", f"{first} to {last}"))


def _figures(counts: Counts, times: Times, rate: Rate) -> Row:
    return *counts[:4], times.count, times.median, times.p90, rate.eligible, rate.resolved


def _around(codes: Iterable[str]) -> Iterator[str]:
    """Areas with those they lie in that a place is found by."""
    for code in codes:
        yield from _way_to(code)


def _way_to(code: str) -> list[str]:
    """The county, the town and the area itself, each once."""
    lengths = (CODE_LENGTHS[AreaLevel.COUNTY], CODE_LENGTHS[AreaLevel.TOWN], len(code))
    return list(dict.fromkeys(code[:length] for length in lengths))


def _place(code: str, names: CaseNames) -> str:
    return " ".join(names.areas[part] for part in _way_to(code) if part in names.areas)


def _priority(case: Case) -> str:
    """突发, 较重, and nothing for what most cases are: a column one filters by."""
    return _said(PRIORITIES.get(case.priority, ("", "")))


def _hours_over(case: OpenCase, ask: Ask) -> float | None:
    if case.step != "overdue":
        return None
    return round((ask.now - case.first.due_at) / timedelta(hours=1), 1)


def _holders(case: OpenCase, names: CaseNames) -> str:
    """Everybody who has a task of the case, with the post."""
    held = dict.fromkeys((task.post_id, task.officer_id) for task in case.tasks)
    unclaimed = _said(_UNCLAIMED)
    whom = (
        (names.posts.get(post or "", ""), names.officers.get(officer or 0) or unclaimed)
        for post, officer in held
    )
    return _said(("、", ", ")).join(_said((f"{p}：{o}", f"{p}: {o}")) for p, o in whom)


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


def _answer(labels: Mapping[str, Any], value: str | None) -> str | None:
    """An answer of a form by its label."""
    label = labels.get(value or "")
    return value if label is None else str(label[language()])


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
